// What `check` says of read models, without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/preflight/growth_checks.h"
#include "app/preflight/plan.h"
#include "app/preflight/read_model_checks.h"

namespace penstock::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kOrders = R"yaml(pipeline: shop
source: { postgres: x }
sink: { mongodb: mongodb://h, database: d }
collections:
  orders:
    from: a.orders
    where: status <> 'draft'
    fields: { "*": true, total: sum(lines.price), day: { sql: "to_char(at, 'DD')", as: string } }
    embed:
      lines:
        many: a.lines
        join: { order_id: id }
        order_by: n desc
        embed: { product: { one: a.products, join: { id: product_id }, fields: [name] } }
)yaml";

Settings read(const std::string& text) {
  auto settings = parse_settings(text, "p.yaml");
  EXPECT_TRUE(settings) << settings.error().text();
  return settings ? *settings : Settings{};
}

postgres::TableDescription table(const std::string& name, std::vector<Column> columns) {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"a", name};
  schema->columns = std::move(columns);
  schema->key = {0};
  postgres::TableDescription description;
  description.schema = schema;
  return description;
}

TableDescriptions shop() {
  return {{"a.orders", table("orders", {{"id", 23, -1, "integer"}, {"status", 25, -1, "text"}})},
          {"a.lines", table("lines", {{"id", 23, -1, "integer"},
                                      {"order_id", 20, -1, "bigint"},
                                      {"product_id", 23, -1, "integer"}})},
          {"a.products", table("products", {{"id", 23, -1, "integer"}, {"name", 25, -1, "text"}})}};
}

Statistics statistics() {
  return {{"a.orders", {1000, {"id"}, {{"id", {1000, 1, 4}}, {"status", {4, 600, 8}}}}},
          {"a.lines",
           {5000, {"id"}, {{"id", {5000, 1, 4}}, {"order_id", {1000, 20, 8}}, {"product_id", {50, 700, 4}}}}},
          {"a.products", {50, {"id"}, {{"id", {50, 1, 4}}, {"name", {50, 1, 100}}}}}};
}

Report checked(const Settings& settings, const TableDescriptions& tables) {
  Report report;
  check_read_model(settings.collections.at(0).spec, tables, settings.file, report);
  return report;
}

TEST(ReadModelCheck, PassesWhatFits) { EXPECT_THAT(checked(read(kOrders), shop()).findings(), IsEmpty()); }

TEST(ReadModelCheck, NamesTheNearestColumnOfTheRightTable) {
  Settings settings = read(kOrders);
  EmbedSpec& lines = settings.collections[0].spec.embeds[0];
  lines.join[0].left = "orderid";
  lines.embeds[0].fields[0].column = "nam";
  const std::string said = checked(settings, shop()).text();
  EXPECT_THAT(said, HasSubstr("p.yaml:10: a.lines has no column \"orderid\"; did you mean \"order_id\"?"));
  EXPECT_THAT(said, HasSubstr("p.yaml:14: a.products has no column \"nam\"; did you mean \"name\"?"));
}

TEST(ReadModelCheck, LooksIntoSubDocumentsAndGroupKeys) {
  const Settings settings = read(
      "pipeline: shop\nsource: { postgres: x }\nsink: { mongodb: mongodb://h, database: d "
      "}\ncollections:\n"
      "  s: { from: a.orders, group_by: stat, fields: { n: { m: { o: statuss } } } }\n");
  const Report report = checked(settings, shop());
  EXPECT_EQ(report.count(Outcome::kFail), 2U) << report.text();
}

TEST(ReadModelCheck, RefusesJoinsOfTypesThatDoNotCompare) {
  TableDescriptions tables = shop();
  tables["a.lines"] =
      table("lines",
            {{"id", 23, -1, "integer"}, {"order_id", 2950, -1, "uuid"}, {"product_id", 23, -1, "integer"}});
  const std::string said = checked(read(kOrders), tables).text();
  EXPECT_THAT(said, HasSubstr("a.lines.order_id is uuid and a.orders.id is integer"));
  EXPECT_THAT(said, HasSubstr("ALTER TABLE \"a\".\"lines\" ALTER COLUMN \"order_id\" TYPE integer"));
}

TEST(ReadModelCheck, ComparesDomainsAndEnumsByWhatTheyAre) {
  EXPECT_TRUE(comparable({"a", 70001, -1, "customer_id", 23}, {"b", 20, -1, "bigint"}));
  EXPECT_TRUE(comparable({"a", 25, -1, "text"}, {"b", 1043, 14, "varchar(10)"}));
  EXPECT_TRUE(comparable({"a", 1700, -1, "numeric"}, {"b", 23, -1, "integer"}));
  EXPECT_FALSE(comparable({"a", 1082, -1, "date"}, {"b", 1114, -1, "timestamp without time zone"}));
  EXPECT_FALSE(comparable({"a", 25, -1, "text"}, {"b", 23, -1, "integer"}));
}

TEST(ReadModelCheck, AMetadataFieldMayNotBeAColumnToo) {
  Settings settings = read(kOrders);
  settings.collections[0].spec.change_field = "status";
  EXPECT_EQ(checked(settings, shop()).count(Outcome::kFail), 1U);
  settings.collections[0].spec.fields.push_back({"status", "status", BsonType::kDefault, true});
  EXPECT_EQ(checked(settings, shop()).count(Outcome::kFail), 0U);
}

TEST(Estimates, RowsThatAgreeInColumns) {
  const TableStatistics lines = statistics().at("a.lines");
  EXPECT_EQ(most_alike(lines, {"id"}), 1);
  EXPECT_EQ(most_alike(lines, {"order_id"}), 20);
  EXPECT_EQ(most_alike(lines, {"order_id", "product_id"}), 20);
  EXPECT_EQ(most_alike(lines, {"unknown"}), 5000);
}

TEST(Estimates, FanOutMultipliesUpTheTree) {
  const auto found = fan_outs(read(kOrders).collections[0].spec, statistics());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].embed, "lines");
  EXPECT_EQ(found[0].documents, 1);
  EXPECT_EQ(found[1].embed, "lines.product");
  EXPECT_EQ(to_string(found[1].table), "a.products");
  EXPECT_EQ(found[1].documents, 700);
}

TEST(Estimates, FanOutThroughATable) {
  const Settings settings = read(
      "pipeline: shop\nsource: { postgres: x }\nsink: { mongodb: mongodb://h, database: d "
      "}\ncollections:\n"
      "  p: { from: a.posts, embed: { tags: { many: a.tags, through: { from: a.pt, owner: { post: id }, "
      "embedded: "
      "{ tag: id } } } } }\n");
  const Statistics known{{"a.posts", {100, {"id"}, {{"id", {100, 1, 4}}}}},
                         {"a.pt", {400, {"post", "tag"}, {{"post", {100, 9, 4}}, {"tag", {10, 80, 4}}}}},
                         {"a.tags", {10, {"id"}, {{"id", {10, 1, 4}}}}}};
  const auto found = fan_outs(settings.collections[0].spec, known);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].documents, 80);
  EXPECT_EQ(largest_document(settings.collections[0].spec, known).rows, 9);
  EXPECT_THAT(fan_outs(settings.collections[0].spec, {}), IsEmpty());
}

TEST(Growth, WarnsOfDocumentsThatMayNotFit) {
  Settings settings = read(kOrders);
  Statistics many = statistics();
  many["a.lines"].rows = 400000;
  many["a.lines"].columns["order_id"].largest = 200000;
  Report report;
  check_growth(settings, many, report);
  EXPECT_THAT(report.text(), HasSubstr("with about 200,000 rows of \"lines\"; MongoDB's limit is 16 MiB"));
  settings.collections[0].spec.embeds[0].limit = 100;
  Report limited;
  check_growth(settings, many, limited);
  EXPECT_EQ(limited.count(Outcome::kWarn), 0U) << limited.text();
}

TEST(Growth, SaysHowFarARowReaches) {
  Settings settings = read(kOrders);
  Report report;
  check_growth(settings, statistics(), report);
  EXPECT_THAT(
      report.text(),
      HasSubstr("ok    a.products  one row is shown in up to about 700 documents of orders (lines.product)"));
  settings.groups.rows = 500;
  Report steps;
  check_growth(settings, statistics(), steps);
  EXPECT_THAT(steps.text(),
              HasSubstr("warn  a.products  one row is shown in up to about 700 documents of orders"));
  Statistics never = statistics();
  never["a.orders"].columns.clear();
  Report unknown;
  check_growth(settings, never, unknown);
  EXPECT_THAT(unknown.text(), HasSubstr("ANALYZE \"a\".\"orders\";"));
}

TEST(StatePlan, KeepsLookupsOfBothEndsOfAJoin) {
  const auto plan = plan_state(read(kOrders), statistics(), {{"a.products", {"id", "name"}}});
  ASSERT_EQ(plan.size(), 3U);
  EXPECT_EQ(to_string(plan[0].name), "a.orders");
  EXPECT_THAT(plan[0].lookups, IsEmpty());
  EXPECT_THAT(plan[1].lookups,
              ElementsAre(std::vector<std::string>{"order_id"}, std::vector<std::string>{"product_id"}));
  EXPECT_THAT(plan[2].columns, ElementsAre("id", "name"));
  EXPECT_GT(plan[2].bytes, 50 * 104);
  EXPECT_EQ(plan_state(read(kOrders), {}, {})[0].bytes, 0);
}

TEST(Texts, OfSizesAndCounts) {
  EXPECT_EQ(size_text(100), "100 bytes");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(300.0 * 1024 * 1024), "300 MiB");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1234567), "1,234,567");
}

TEST(Explain, ShowsReadModelsAndTheirState) {
  const std::string text = explain(read(kOrders), shop(), statistics());
  EXPECT_THAT(text, HasSubstr("    -> orders\n"
                              "      where status <> 'draft'\n"
                              "      _id: the key\n"
                              "      every column\n"
                              "      total <- sum(lines.price)\n"
                              "      day <- to_char(at, 'DD') as string\n"
                              "      lines: many a.lines on order_id = id, by \"n\" desc\n"
                              "        every column\n"
                              "        product: one a.products on id = product_id\n"
                              "          name\n"
                              "      deletes: hard\n"));
  EXPECT_THAT(text, HasSubstr("  State in .penstock/, about "));
  EXPECT_THAT(
      text,
      HasSubstr("    a.lines: key (id), by (order_id), by (product_id); every column; about 5,000 rows"));
}

TEST(Explain, NamesIndexesWorthHaving) {
  Settings settings = read(
      "pipeline: shop\nsource: { postgres: x }\nsink: { mongodb: mongodb://h, database: d "
      "}\ncollections:\n"
      "  lines: { from: a.lines, embed: { product: { one: a.products, join: { id: product_id } } } }\n");
  EXPECT_THAT(explain(settings, {}), HasSubstr("index worth having: { product_id: 1 }"));
  settings.collections[0].indexes.push_back({"", {{"product_id", "1"}}, "{}", 0});
  EXPECT_THAT(explain(settings, {}), testing::Not(HasSubstr("worth having")));
}

}  // namespace
}  // namespace penstock::app
