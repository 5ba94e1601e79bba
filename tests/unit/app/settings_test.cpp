#include "app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace penstock::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

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

Result<Settings> parse(const std::string& text, const std::map<std::string, std::string>& variables = {}) {
  return parse_settings(text, "p.yaml", [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

CollectionSettings collection(const std::string& lines) {
  const auto settings = parse(kHead + lines);
  EXPECT_TRUE(settings) << settings.error().text();
  return settings ? settings->collections.at(0) : CollectionSettings{};
}

std::string complaint(const std::string& text, const std::map<std::string, std::string>& variables = {}) {
  const auto settings = parse(text, variables);
  EXPECT_FALSE(settings) << "accepted:\n" << text;
  if (settings) return {};
  EXPECT_EQ(settings.error().kind, ErrorKind::kConfiguration);
  return settings.error().text();
}

TEST(Settings, DefaultsOfASmallFile) {
  const auto settings = parse(std::string(kHead) + "  orders: { from: public.orders }\n");
  ASSERT_TRUE(settings) << settings.error().text();
  EXPECT_EQ(settings->pipeline, "shop");
  EXPECT_EQ(settings->source.slot, "shop_slot");
  EXPECT_EQ(settings->source.publication, "shop_pub");
  EXPECT_TRUE(settings->source.create_publication);
  EXPECT_EQ(settings->source.catalog_interval, std::chrono::seconds(10));
  EXPECT_EQ(settings->sink.delivery, Delivery::kExactlyOnce);
  EXPECT_EQ(settings->errors, OnBadRow::kStop);
  EXPECT_EQ(settings->state, ".penstock/");
  EXPECT_EQ(settings->load.readers, 2U);
  EXPECT_EQ(settings->load.chunk_rows, 20000U);
  EXPECT_EQ(settings->load.chunk_bytes, 4U << 20);
  EXPECT_EQ(settings->groups.rows, 10000U);
  EXPECT_EQ(settings->groups.bytes, 4U << 20);
  ASSERT_EQ(settings->collections.size(), 1U);
  const CollectionSpec& orders = settings->collections[0].spec;
  EXPECT_EQ(orders.name, "orders");
  EXPECT_EQ(to_string(orders.from), "public.orders");
  EXPECT_TRUE(orders.all_columns);
  EXPECT_FALSE(orders.soft_deletes);
  EXPECT_EQ(orders.change_field, "changed");
  EXPECT_EQ(orders.time_field, "at");
  EXPECT_EQ(orders.line, 9);
}

TEST(Settings, EverythingGiven) {
  const auto settings = parse(R"(pipeline: shop
source: { postgres: "host=h dbname=shop", slot: s1, publication: "Pub 1", create_publication: false, catalog_interval: 3 }
sink: { mongodb: mongodb+srv://h/, database: d, delivery: idempotent }
state: /var/lib/x
metadata: { change: c }
deletes: soft
errors: dead_letter
load: { readers: 4, writers: 3, chunk_rows: 100, chunk_bytes: 64KiB }
groups: { rows: 5, bytes: 1 MiB }
collections:
  a: { from: s.t, deletes: hard }
  b: { from: s.t }
  c: { from: 's."odd.name"', key: [k1, k2] }
)");
  ASSERT_TRUE(settings) << settings.error().text();
  EXPECT_EQ(settings->source.slot, "s1");
  EXPECT_EQ(settings->source.publication, "Pub 1");
  EXPECT_FALSE(settings->source.create_publication);
  EXPECT_EQ(settings->sink.delivery, Delivery::kIdempotent);
  EXPECT_EQ(settings->errors, OnBadRow::kDeadLetter);
  EXPECT_EQ(settings->load.writers, 3U);
  EXPECT_EQ(settings->load.chunk_bytes, 65536U);
  EXPECT_EQ(settings->groups.bytes, 1U << 20);
  EXPECT_FALSE(settings->collections[0].spec.soft_deletes);
  EXPECT_TRUE(settings->collections[1].spec.soft_deletes);
  EXPECT_EQ(settings->collections[2].spec.from, (TableName{"s", "odd.name"}));
  const auto tables = settings->tables();
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_THAT(tables[0].collections, testing::ElementsAre("a", "b"));
  EXPECT_THAT(tables[1].key, testing::ElementsAre("k1", "k2"));
}

TEST(Settings, FieldsAsMap) {
  const CollectionSpec spec = collection(R"(  o:
    from: public.o
    fields:
      "*": true
      customer: customer_name
      price: '"Unit Price"'
      phone: false
      y: true
      total: { as: string }
      sum: { sql: amount, as: double }
)")
                                  .spec;
  EXPECT_TRUE(spec.all_columns);
  ASSERT_EQ(spec.fields.size(), 6U);
  EXPECT_EQ(spec.fields[0].name, "customer");
  EXPECT_EQ(spec.fields[0].column, "customer_name");
  EXPECT_EQ(spec.fields[0].line, 13);
  EXPECT_EQ(spec.fields[1].column, "Unit Price");
  EXPECT_TRUE(spec.fields[2].drop);
  EXPECT_EQ(spec.fields[3].column, "y");
  EXPECT_EQ(spec.fields[4].as, BsonType::kString);
  EXPECT_EQ(spec.fields[4].column, "total");
  EXPECT_EQ(spec.fields[5].column, "amount");
  EXPECT_EQ(spec.fields[5].as, BsonType::kDouble);
}

TEST(Settings, OnlyPlainTrueAndFalseAreBooleans) {
  const CollectionSpec spec =
      collection(
          "  o: { from: a.b, fields: { y: no, on: y, off: on, yes: 'true', True: FALSE, n: \"false\" } }\n")
          .spec;
  EXPECT_FALSE(spec.all_columns);
  std::vector<std::string> columns;
  for (const FieldSpec& field : spec.fields) {
    EXPECT_FALSE(field.drop);
    columns.push_back(field.column);
  }
  EXPECT_THAT(columns, testing::ElementsAre("no", "y", "on", "true", "FALSE", "false"));
}

TEST(Settings, FieldsAsList) {
  const CollectionSpec spec =
      collection("  o: { from: a.b, fields: [y, 'Đơn giá', '\"a\"\"b\"', no] }\n").spec;
  EXPECT_FALSE(spec.all_columns);
  ASSERT_EQ(spec.fields.size(), 4U);
  EXPECT_EQ(spec.fields[0].column, "y");
  EXPECT_EQ(spec.fields[1].name, "Đơn giá");
  EXPECT_EQ(spec.fields[2].column, "a\"b");
  EXPECT_EQ(spec.fields[3].column, "no");
  EXPECT_TRUE(collection("  o: { from: a.b, fields: [\"*\"] }\n").spec.all_columns);
}

TEST(Settings, IdInItsThreeForms) {
  EXPECT_EQ(collection("  o: { from: a.b, id: code }\n").spec.id.at(0).column, "code");
  const CollectionSpec list = collection("  o: { from: a.b, id: [x, y] }\n").spec;
  ASSERT_EQ(list.id.size(), 2U);
  EXPECT_EQ(list.id[1].name, "y");
  const CollectionSpec map =
      collection("  o: { from: a.b, id: { shop: shop_id, n: { as: string } } }\n").spec;
  ASSERT_EQ(map.id.size(), 2U);
  EXPECT_EQ(map.id[0].name, "shop");
  EXPECT_EQ(map.id[0].column, "shop_id");
  EXPECT_EQ(map.id[1].as, BsonType::kString);
}

TEST(Settings, IndexesKeepTheirOrderAndTypes) {
  const auto indexes = collection(R"(  o:
    from: a.b
    indexes:
      - { keys: { status: 1, order_date: -1 } }
      - { keys: { note: text }, name: by_note, sparse: true, partialFilterExpression: { n: { $gt: 5 }, s: "5", f: 1.5 } }
)")
                           .indexes;
  ASSERT_EQ(indexes.size(), 2U);
  EXPECT_THAT(indexes[0].keys,
              testing::ElementsAre(testing::Pair("status", "1"), testing::Pair("order_date", "-1")));
  EXPECT_EQ(indexes[0].options_json, "{}");
  EXPECT_THAT(indexes[1].keys, testing::ElementsAre(testing::Pair("note", "text")));
  EXPECT_EQ(indexes[1].name, "by_note");
  EXPECT_EQ(indexes[1].options_json,
            R"({"sparse":true,"partialFilterExpression":{"n":{"$gt":5},"s":"5","f":1.5}})");
  EXPECT_EQ(indexes[1].line, 13);
}

TEST(Settings, VariablesAreReplacedInValuesOnly) {
  const auto settings = parse(R"(pipeline: ${NAME}
source: { postgres: "${URL:-postgresql://h/db?a=b}", slot: "${EMPTY:-fallback}", create_publication: "${NO:-false}" }
sink: { mongodb: 'mongodb://u:a$$b$c@h/', database: "${NAME}_1" }
collections: { "x${NAME}": { from: a.b } }
)",
                              {{"NAME", "shop"}, {"EMPTY", ""}});
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().message, HasSubstr("the collection name \"x${NAME}\" may not hold"));
  const auto good = parse(R"(pipeline: ${NAME}
source: { postgres: "${URL:-postgresql://h/db?a=b}", slot: "${EMPTY:-fallback}", create_publication: "${NO:-false}" }
sink: { mongodb: 'mongodb://u:a$$b$c@h/', database: "${NAME}_1" }
load:
  readers: ${READERS:-3}
collections: { x: { from: a.b } }
)",
                          {{"NAME", "shop"}, {"EMPTY", ""}, {"URL", "postgresql://other/db"}});
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_EQ(good->pipeline, "shop");
  EXPECT_EQ(good->source.postgres, "postgresql://other/db");
  EXPECT_EQ(good->source.slot, "fallback");
  EXPECT_FALSE(good->source.create_publication);
  EXPECT_EQ(good->sink.mongodb, "mongodb://u:a$b$c@h/");
  EXPECT_EQ(good->sink.database, "shop_1");
  EXPECT_EQ(good->load.readers, 3U);
  const auto fallback = parse(
      "pipeline: p\nsource: { postgres: \"${URL:-postgresql://h/db?a=b}\" }\n"
      "sink: { mongodb: mongodb://h, database: d }\ncollections: { x: { from: a.b } }\n");
  ASSERT_TRUE(fallback) << fallback.error().text();
  EXPECT_EQ(fallback->source.postgres, "postgresql://h/db?a=b");
}

TEST(Settings, MissingVariableIsNamed) {
  const std::string said =
      complaint("pipeline: a\nsource: { postgres: \"${NOWHERE}\" }\nsink: {}\ncollections: {}\n");
  EXPECT_THAT(said, StartsWith("p.yaml:2:21: the environment variable NOWHERE is not set"));
  EXPECT_THAT(said, HasSubstr("${NOWHERE:-default}"));
}

struct Wrong {
  const char* name;
  const char* lines;  // below kHead
  const char* said;   // how the message begins
};
class WrongCollection : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCollection, IsRefusedWithItsPlace) {
  EXPECT_THAT(complaint(std::string(kHead) + GetParam().lines), StartsWith(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, WrongCollection,
    testing::Values(
        Wrong{"unknown_key", "  orders:\n    from: a.b\n    field: [x]\n",
              "p.yaml:11:5: unknown key \"field\" in collection \"orders\"; did you mean \"fields\"?"},
        Wrong{"unknown_key_unlike_any", "  o: { from: a.b, zzzzzzzzzz: 1 }\n",
              "p.yaml:9:19: unknown key \"zzzzzzzzzz\" in collection \"o\""},
        Wrong{"duplicate_key", "  o:\n    from: a.b\n    from: a.c\n",
              "p.yaml:11:5: the key \"from\" is there twice; first in line 10"},
        Wrong{"duplicate_collection", "  o: { from: a.b }\n  o: { from: a.c }\n",
              "p.yaml:10:3: the key \"o\" is there twice; first in line 9"},
        Wrong{"missing_from", "  o: { fields: [x] }\n",
              "p.yaml:9:3: \"from\" is missing in collection \"o\""},
        Wrong{"from_without_schema", "  o: { from: orders }\n",
              "p.yaml:9:14: \"from\" of collection \"o\" must be schema.table, not \"orders\""},
        Wrong{"from_of_three_parts", "  o: { from: a.b.c }\n",
              "p.yaml:9:14: \"from\" of collection \"o\" must be schema.table"},
        Wrong{"not_a_map", "  o: public.orders\n", "p.yaml:9:3: collection \"o\" must be a map of settings"},
        Wrong{"bad_as", "  o: { from: a.b, fields: { x: { as: strin } } }\n",
              "p.yaml:9:38: \"strin\" is no type for \"as\"; did you mean \"string\"?"},
        Wrong{"drop_without_star", "  o: { from: a.b, fields: { x: false, y: true } }\n",
              "p.yaml:9:29: \"x: false\" leaves out a column that \"*\" would bring"},
        Wrong{"star_false", "  o: { from: a.b, fields: { \"*\": false } }\n",
              "p.yaml:9:29: \"*\" can only be true"},
        Wrong{"field_called_id", "  o: { from: a.b, fields: { _id: x } }\n",
              "p.yaml:9:1: a field may not be called \"_id\""},
        Wrong{"field_twice_in_list", "  o: { from: a.b, fields: [x, y, x] }\n",
              "p.yaml:9:34: column \"x\" is there twice"},
        Wrong{"field_is_metadata", "  o: { from: a.b, fields: { changed: x } }\n",
              "p.yaml:9:1: field \"changed\" of collection \"o\" is the name of a metadata field too"},
        Wrong{"no_fields", "  o: { from: a.b, fields: [] }\n",
              "p.yaml:9:19: \"fields\" of collection \"o\" names no field"},
        Wrong{"null_fields", "  o:\n    from: a.b\n    fields:\n",
              "p.yaml:11:5: \"fields\" of collection \"o\" must be a list or a map"},
        Wrong{"bad_deletes", "  o: { from: a.b, deletes: sof }\n",
              "p.yaml:9:28: \"deletes\" in collection \"o\" must be hard or soft, not \"sof\"; did you mean "
              "\"soft\"?"},
        Wrong{"unique", "  o: { from: a.b, indexes: [ { keys: { x: 1 }, unique: true } ] }\n",
              "p.yaml:9:48: unique indexes are refused"},
        Wrong{"index_without_keys", "  o: { from: a.b, indexes: [ { name: x } ] }\n",
              "p.yaml:9:30: \"keys\" is missing in an index of collection \"o\""},
        Wrong{"index_direction", "  o: { from: a.b, indexes: [ { keys: { x: asc } } ] }\n",
              "p.yaml:9:40: \"x\" in an index of"},
        Wrong{"index_option", "  o: { from: a.b, indexes: [ { keys: { x: 1 }, spars: true } ] }\n",
              "p.yaml:9:48: unknown key \"spars\" in an index of collection \"o\"; did you mean \"sparse\"?"},
        Wrong{"own_collection", "  penstock_x: { from: a.b }\n",
              "p.yaml:9:3: the collection name \"penstock_x\" begins with"},
        Wrong{"different_keys", "  o: { from: a.b, key: x }\n  p: { from: a.b, key: y }\n",
              "p.yaml:10:24: collections \"o\" and \"p\" give a.b different keys"},
        Wrong{"tag", "  o: { from: !!binary a.b }\n", "p.yaml:9:14: the YAML tag"},
        Wrong{"null_key", "  o: { from: a.b, fields: { null: x } }\n", "p.yaml:9:29: a key must be a text"},
        Wrong{"syntax", "  o: { from: a.b\n", "p.yaml:10:1: "}),
    [](const testing::TestParamInfo<Wrong>& each) { return std::string(each.param.name); });

struct WrongFile {
  const char* name;
  const char* text;
  const char* said;
};
class WrongPipeline : public testing::TestWithParam<WrongFile> {};

TEST_P(WrongPipeline, IsRefusedWithItsPlace) {
  EXPECT_THAT(complaint(GetParam().text), StartsWith(GetParam().said));
}

#define PENSTOCK_SOURCE "source: { postgres: x }\n"
#define PENSTOCK_SINK "sink: { mongodb: mongodb://h, database: d }\n"
#define PENSTOCK_REST "collections: { a: { from: a.b } }\n"
INSTANTIATE_TEST_SUITE_P(
    Settings, WrongPipeline,
    testing::Values(
        WrongFile{"empty", "", "p.yaml:1:1: the file must be a YAML map"},
        WrongFile{"list", "- a\n", "p.yaml:1:1: the file must be a YAML map"},
        WrongFile{"two_documents", "a: 1\n---\nb: 1\n", "p.yaml:3:1: a second YAML document"},
        WrongFile{"unknown_top", "pipelin: x\n",
                  "p.yaml:1:1: unknown key \"pipelin\" in the pipeline file; did you mean \"pipeline\"?"},
        WrongFile{"missing_source", "pipeline: x\n" PENSTOCK_SINK PENSTOCK_REST,
                  "p.yaml:1:1: \"source\" is missing in the pipeline file"},
        WrongFile{"connector_and_slot",
                  "pipeline: x\nsource: { connector: a.json, slot: b }\n" PENSTOCK_SINK PENSTOCK_REST,
                  "p.yaml:2:36: \"slot\" is said by the connector file"},
        WrongFile{"missing_postgres", "pipeline: x\nsource: { slot: a }\n" PENSTOCK_SINK PENSTOCK_REST,
                  "p.yaml:2:9: \"postgres\" is missing in \"source\""},
        WrongFile{"bad_slot", "pipeline: x\nsource: { postgres: x, slot: A-b }\n" PENSTOCK_SINK PENSTOCK_REST,
                  "p.yaml:2:30: \"slot\" \"A-b\" may hold lower-case letters"},
        WrongFile{"slot_from_pipeline", "pipeline: My-shop\n" PENSTOCK_SOURCE PENSTOCK_SINK PENSTOCK_REST,
                  "p.yaml:2:9: \"slot\" \"My-shop_slot\" may hold lower-case letters"},
        WrongFile{"dotted_key", "pipeline: x\nsource.slot: y\n" PENSTOCK_SOURCE PENSTOCK_SINK PENSTOCK_REST,
                  "p.yaml:2:1: unknown key \"source.slot\""},
        WrongFile{"bad_mongodb",
                  "pipeline: x\n" PENSTOCK_SOURCE "sink: { mongodb: 'h:27017', database: d }\n" PENSTOCK_REST,
                  "p.yaml:3:18: \"mongodb\" must begin with mongodb://"},
        WrongFile{"bad_database",
                  "pipeline: x\n" PENSTOCK_SOURCE
                  "sink: { mongodb: 'mongodb://h', database: local }\n" PENSTOCK_REST,
                  "p.yaml:3:43: \"database\" \"local\" is a database of MongoDB itself"},
        WrongFile{"bad_delivery",
                  "pipeline: x\n" PENSTOCK_SOURCE
                  "sink: { mongodb: 'mongodb://h', database: d, delivery: exactly-once }\n" PENSTOCK_REST,
                  "p.yaml:3:56: \"delivery\" in \"sink\" must be exactly_once or idempotent, not "
                  "\"exactly-once\"; did you mean \"exactly_once\"?"},
        WrongFile{"soft_without_change",
                  "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK "deletes: soft\n" PENSTOCK_REST,
                  "p.yaml:4:10: \"deletes: soft\" needs a field"},
        WrongFile{"soft_collection_without_change",
                  "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK
                  "collections: { a: { from: a.b, deletes: soft } }\n",
                  "p.yaml:4:41: \"deletes: soft\" of collection \"a\" needs a field"},
        WrongFile{"bad_count",
                  "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK "load: { readers: 0 }\n" PENSTOCK_REST,
                  "p.yaml:4:18: \"readers\" in \"load\" must be a whole number from 1 to 64, not \"0\""},
        WrongFile{"bad_size",
                  "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK "groups: { bytes: 8XB }\n" PENSTOCK_REST,
                  "p.yaml:4:18: \"bytes\" in \"groups\" must be a size"},
        WrongFile{
            "not_a_boolean",
            "pipeline: x\nsource: { postgres: x, create_publication: yes }\n" PENSTOCK_SINK PENSTOCK_REST,
            "p.yaml:2:44: \"create_publication\" in \"source\" must be true or false, not \"yes\""},
        WrongFile{"no_collections", "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK "collections: {}\n",
                  "p.yaml:4:1: \"collections\" must be a map with at least one collection"},
        WrongFile{"metadata_same",
                  "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK
                  "metadata: { change: a, time: a }\n" PENSTOCK_REST,
                  "p.yaml:4:30: \"change\" and \"time\" are the same field"},
        WrongFile{"metadata_id",
                  "pipeline: x\n" PENSTOCK_SOURCE PENSTOCK_SINK "metadata: { change: _id }\n" PENSTOCK_REST,
                  "p.yaml:4:21: \"change\" \"_id\" is the document's key"},
        WrongFile{"open_variable", "pipeline: ${X\n", "p.yaml:1:11: \"${\" without \"}\""},
        WrongFile{"bad_variable", "pipeline: ${1X}\n", "p.yaml:1:11: \"${1X}\" does not name a variable"},
        WrongFile{"endless_alias", "pipeline: &a [*a]\n", "p.yaml:1:"}),
    [](const testing::TestParamInfo<WrongFile>& each) { return std::string(each.param.name); });

TEST(Settings, MissingFileIsNamed) {
  const auto settings = load_settings("/nowhere/pipeline.yaml");
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().message, StartsWith("/nowhere/pipeline.yaml: "));
}

}  // namespace
}  // namespace penstock::app
