// `where`, expressions, sub-documents, `embed` and `group_by` of the pipeline file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings.h"

namespace penstock::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Eight lines; a collection's lines follow from the ninth.
constexpr const char* kHead = R"(pipeline: shop
source:
  postgres: postgresql://penstock@h/shop
sink:
  mongodb: mongodb://h/
  database: shop
metadata: { change: changed, time: at }
collections:
)";

Result<Settings> parse(const std::string& lines) {
  return parse_settings(kHead + lines, "p.yaml", [](const std::string&) { return std::nullopt; });
}

CollectionSpec spec(const std::string& lines) {
  const auto settings = parse(lines);
  EXPECT_TRUE(settings) << settings.error().text();
  return settings ? settings->collections.at(0).spec : CollectionSpec{};
}

EmbedSpec embed(const std::string& lines) {
  const CollectionSpec read = spec("  o:\n    from: a.o\n    embed:\n      e: " + lines + "\n");
  return read.embeds.empty() ? EmbedSpec{} : read.embeds.front();
}

std::string place(const SqlText& sql) { return std::to_string(sql.line) + ":" + std::to_string(sql.column); }

std::vector<std::string> pairs(const std::vector<EmbedSpec::Pair>& list) {
  std::vector<std::string> texts;
  for (const auto& pair : list) texts.push_back(pair.left + "=" + pair.right);
  return texts;
}

std::vector<std::string> orders(const std::vector<OrderSpec>& list) {
  std::vector<std::string> texts;
  for (const OrderSpec& order : list)
    texts.push_back(order.sql.text + (order.descending ? " desc" : "") + (order.nulls_first ? " first" : ""));
  return texts;
}

TEST(ReadModelSettings, TheDocumentedAggregate) {
  const CollectionSpec orders_spec = spec(R"(  orders:
    from: public.orders
    where: status <> 'draft'
    fields:
      "*": true
      customer: initcap(customer_name)
      total: sum(lines.quantity * lines.unit_price * (1 - lines.discount))::numeric(12,2)
      order_date: { as: string }
      phone: false
    embed:
      lines:
        many: public.order_details
        using: order_id
        order_by: order_detail_id
        embed:
          product: { one: public.products, using: product_id, fields: [name, price] }
)");
  EXPECT_FALSE(orders_spec.is_plain());
  EXPECT_EQ(orders_spec.where.text, "status <> 'draft'");
  EXPECT_EQ(place(orders_spec.where), "11:12");
  EXPECT_TRUE(orders_spec.all_columns);
  ASSERT_EQ(orders_spec.fields.size(), 4U);
  EXPECT_EQ(orders_spec.fields[0].sql.text, "initcap(customer_name)");
  EXPECT_EQ(place(orders_spec.fields[0].sql), "14:17");
  EXPECT_EQ(orders_spec.fields[0].column, "");
  EXPECT_EQ(orders_spec.fields[2].column, "order_date");
  EXPECT_EQ(orders_spec.fields[2].as, BsonType::kString);
  EXPECT_TRUE(orders_spec.fields[3].drop);
  ASSERT_EQ(orders_spec.embeds.size(), 1U);
  const EmbedSpec& lines = orders_spec.embeds[0];
  EXPECT_EQ(lines.name, "lines");
  EXPECT_EQ(lines.kind, EmbedSpec::Kind::kMany);
  EXPECT_EQ(to_string(lines.from), "public.order_details");
  EXPECT_THAT(pairs(lines.join), ElementsAre("order_id=order_id"));
  EXPECT_THAT(orders(lines.order_by), ElementsAre("\"order_detail_id\""));
  EXPECT_TRUE(lines.all_columns);
  EXPECT_EQ(lines.line, 19);
  ASSERT_EQ(lines.embeds.size(), 1U);
  EXPECT_EQ(lines.embeds[0].kind, EmbedSpec::Kind::kOne);
  EXPECT_FALSE(lines.embeds[0].all_columns);
  ASSERT_EQ(lines.embeds[0].fields.size(), 2U);
  EXPECT_EQ(lines.embeds[0].fields[1].column, "price");
}

TEST(ReadModelSettings, ColumnsAreTakenLiterallyAndAllElseIsAnExpression) {
  const auto fields = spec(R"(  o:
    from: a.o
    fields: { a: Total, b: '"Unit Price"', c: a.b, d: '1', e: { sql: Total }, f: { sql: x + 1, as: int }, g: "x
        || y" }
)")
                          .fields;
  ASSERT_EQ(fields.size(), 7U);
  EXPECT_EQ(fields[0].column, "Total");
  EXPECT_EQ(fields[1].column, "Unit Price");
  EXPECT_EQ(fields[2].sql.text, "a.b");
  EXPECT_EQ(fields[3].sql.text, "1");
  EXPECT_EQ(place(fields[3].sql), "11:56");
  EXPECT_EQ(fields[4].column, "Total");
  EXPECT_EQ(fields[5].sql.text, "x + 1");
  EXPECT_EQ(fields[5].as, BsonType::kInt);
  EXPECT_EQ(fields[6].sql.text, "x || y");
}

TEST(ReadModelSettings, PlacesOfBlockScalars) {
  const auto fields = spec(R"(  o:
    from: a.o
    fields:
      kind: |
        case when a > 1
             then 'x' end
      other: >-

          a + 1
)")
                          .fields;
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(place(fields[0].sql), "13:9");
  EXPECT_EQ(place(fields[1].sql), "16:11");
  EXPECT_EQ(fields[1].sql.text, "\na + 1");
}

TEST(ReadModelSettings, SubDocuments) {
  const auto fields = spec(R"(  o:
    from: a.o
    fields:
      ship_to: { name: customer, street: lower(address), geo: { lat: true, as_text: { sql: lon, as: string } } }
)")
                          .fields;
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].column, "");
  ASSERT_EQ(fields[0].fields.size(), 3U);
  EXPECT_EQ(fields[0].fields[0].column, "customer");
  EXPECT_EQ(fields[0].fields[1].sql.text, "lower(address)");
  ASSERT_EQ(fields[0].fields[2].fields.size(), 2U);
  EXPECT_EQ(fields[0].fields[2].fields[0].column, "lat");
  EXPECT_EQ(fields[0].fields[2].fields[1].as, BsonType::kString);
}

TEST(ReadModelSettings, IdMayBeAnExpression) {
  const auto one = spec("  o: { from: a.o, id: lower(email) }\n").id;
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].sql.text, "lower(email)");
  EXPECT_EQ(one[0].name, "_id");
  const auto two = spec("  o: { from: a.o, id: { day: \"date_trunc('day', t)\", k: true } }\n").id;
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].sql.text, "date_trunc('day', t)");
  EXPECT_EQ(two[1].column, "k");
}

TEST(ReadModelSettings, JoinsInTheirForms) {
  EXPECT_THAT(pairs(embed("{ many: a.e, using: [x, y] }").join), ElementsAre("x=x", "y=y"));
  EXPECT_THAT(pairs(embed("{ many: a.e, join: { o_id: id, '\"O y\"': y } }").join),
              ElementsAre("o_id=id", "O y=y"));
  EXPECT_THAT(embed("{ one: a.e }").join, IsEmpty());
  const EmbedSpec tags = embed(
      "{ many: a.tags, through: { from: a.post_tags, owner: { post_id: id }, embedded: tag_id, "
      "table_key: [post_id, tag_id] } }");
  ASSERT_TRUE(tags.through);
  EXPECT_EQ(to_string(tags.through->from), "a.post_tags");
  EXPECT_THAT(pairs(tags.through->owner), ElementsAre("post_id=id"));
  EXPECT_THAT(pairs(tags.through->embedded), ElementsAre("tag_id=tag_id"));
  EXPECT_THAT(tags.through->key, ElementsAre("post_id", "tag_id"));
}

TEST(ReadModelSettings, OrdersAreSplitAtTheirCommas) {
  EXPECT_THAT(
      orders(embed("{ many: a.e, order_by: 'placed desc, coalesce(a, b) NULLS FIRST, name asc' }").order_by),
      ElementsAre("\"placed\" desc", "coalesce(a, b) first", "\"name\""));
  EXPECT_THAT(
      orders(embed("{ many: a.e, order_by: [ 'x desc nulls last', \"f(',', \\\",\\\", a[1,2])\", Y ] }")
                 .order_by),
      ElementsAre("\"x\" desc", "f(',', \",\", a[1,2])", "\"Y\""));
  EXPECT_THAT(orders(embed("{ many: a.e, order_by: \"E'a\\\\',' || $q$,($q$ || (x)desc\" }").order_by),
              ElementsAre("E'a\\',' || $q$,($q$ || (x) desc"));
  const auto places = embed("{ many: a.e, order_by: 'a,  b + 1' }").order_by;
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(place(places[0].sql), "12:34");
  EXPECT_EQ(place(places[1].sql), "12:38");
}

TEST(ReadModelSettings, ShapesAndTheOtherSettings) {
  const EmbedSpec map =
      embed("{ many: a.e, shape: map, key: lower(code), value: amount, where: x > parent.y }");
  EXPECT_EQ(map.shape, EmbedSpec::Shape::kMap);
  EXPECT_EQ(map.map_key.text, "lower(code)");
  EXPECT_EQ(map.value.text, "\"amount\"");
  EXPECT_EQ(map.where.text, "x > parent.y");
  EXPECT_EQ(embed("{ many: a.e, shape: values, value: name }").shape, EmbedSpec::Shape::kValues);
  const EmbedSpec guarded = embed("{ many: a.e, limit: 5, max_array: 1000, hidden: true, table_key: k }");
  EXPECT_EQ(guarded.limit, 5U);
  EXPECT_EQ(guarded.max_array, 1000U);
  EXPECT_TRUE(guarded.hidden);
  EXPECT_THAT(guarded.key, ElementsAre("k"));
  EXPECT_FALSE(embed("{ many: a.e }").limit);
  EXPECT_EQ(embed("{ one: a.o, join: { id: parent_id }, depth: 4 }").depth, 4);
  EXPECT_TRUE(embed("{ one: a.e, merge: true }").merge);
}

TEST(ReadModelSettings, Summaries) {
  const CollectionSpec one =
      spec("  s: { from: a.l, group_by: product_id, fields: { sold: sum(quantity) } }\n");
  EXPECT_TRUE(one.is_summary());
  EXPECT_FALSE(one.all_columns);
  ASSERT_EQ(one.group_by.size(), 1U);
  EXPECT_EQ(one.group_by[0].column, "product_id");
  const CollectionSpec two = spec(R"(  s:
    from: a.l
    group_by: [region, product.category]
    embed: { product: { one: a.p, merge: true } }
)");
  ASSERT_EQ(two.group_by.size(), 2U);
  EXPECT_EQ(two.group_by[1].name, "category");
  EXPECT_EQ(two.group_by[1].sql.text, "\"product\".\"category\"");
  EXPECT_EQ(place(two.group_by[1].sql), "11:24");
  EXPECT_TRUE(two.embeds.at(0).hidden);
  EXPECT_FALSE(two.embeds.at(0).merge);
  const CollectionSpec day =
      spec("  s: { from: a.l, group_by: { day: \"date_trunc('day', t)\", r: Region } }\n");
  EXPECT_EQ(day.group_by.at(0).sql.text, "date_trunc('day', t)");
  EXPECT_EQ(day.group_by.at(1).column, "Region");
  EXPECT_EQ(spec("  s: { from: a.l, group_by: product.category }\n").group_by.at(0).name, "category");
}

TEST(ReadModelSettings, TablesAreEachThereOnceWithTheirUses) {
  const auto settings = parse(R"(  plain: { from: a.o }
  o:
    from: a.o
    embed:
      tags: { many: a.tags, through: { from: a.o_tags, table_key: [o, t] } }
      more:
        many: a.e
        table_key: k
        embed: { self: { one: a.e } }
  tags: { from: a.tags }
  other: { from: a.x }
)");
  ASSERT_TRUE(settings) << settings.error().text();
  std::vector<std::string> texts;
  for (const Settings::Table& table : settings->tables()) {
    std::string text = to_string(table.name) + (table.mirrored ? " mirrored" : "");
    for (const std::string& column : table.key) text += " key " + column;
    for (const std::string& collection : table.collections) text += " " + collection;
    texts.push_back(text);
  }
  EXPECT_THAT(texts, ElementsAre("a.o mirrored plain o", "a.o_tags mirrored key o key t o",
                                 "a.tags mirrored o tags", "a.e mirrored key k o", "a.x other"));
  EXPECT_THAT(settings->collections[1].spec.embeds[1].embeds[0].key, ElementsAre("k"));
}

TEST(ReadModelSettings, OfTheWholePipeline) {
  const auto defaults = parse("  o: { from: a.o }\n");
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->state_cache, 48U << 20);
  EXPECT_FALSE(defaults->keep_previous);
  const auto given = parse_settings(
      "pipeline: x\nsource: { postgres: x }\nsink: { mongodb: mongodb://h, database: d }\n"
      "state_cache: 128MiB\nkeep_previous: true\ncollections: { a: { from: a.b } }\n",
      "p.yaml", [](const std::string&) { return std::nullopt; });
  ASSERT_TRUE(given) << given.error().text();
  EXPECT_EQ(given->state_cache, 128U << 20);
  EXPECT_TRUE(given->keep_previous);
}

TEST(ReadModelSettings, NamesThatMayMeet) {
  // A dropped column, a hidden embed, and columns that "*" brings.
  const CollectionSpec read = spec(R"(  o:
    from: a.o
    fields: { "*": true, lines: false, product: product.name }
    embed:
      lines: { many: a.l }
      product: { one: a.p, hidden: true, fields: { at: true } }
)");
  EXPECT_EQ(read.embeds.size(), 2U);
}

}  // namespace
}  // namespace penstock::app
