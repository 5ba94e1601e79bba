// Texts of schemas, held against those that Debezium 3.5.0 wrote through Kafka Connect's JSON converter.
#include <gtest/gtest.h>

#include "envelope/column_default.h"
#include "envelope/envelope.h"
#include "envelope/envelope_schemas.h"

namespace penstock::envelope {
namespace {

Options options() {
  Options made;
  made.server = "shop";
  made.database = "db";
  made.key_schemas = true;
  made.value_schemas = true;
  return made;
}

std::string schema_text(ColumnFacts column, const Options& chosen = options()) {
  column.name = "c";
  const auto form = form_of(column, chosen);
  return form ? schema_json(value_schema_of(column, *form, chosen)) : "none";
}

ColumnFacts of_type(std::uint32_t type, std::int32_t modifier = -1, std::uint32_t element = 0) {
  ColumnFacts column;
  column.type = type;
  column.modifier = modifier;
  column.element = element;
  return column;
}

TableFacts composite() {
  TableFacts facts{"public", "composite", {}, {1, 0}, "shop.public.composite"};
  facts.columns.push_back(of_type(23));
  facts.columns.push_back(of_type(25));
  facts.columns.push_back(of_type(25));
  facts.columns[0].name = "a";
  facts.columns[1].name = "b";
  facts.columns[2].name = "c";
  facts.columns[0].not_null = facts.columns[1].not_null = true;
  return facts;
}

TEST(Schemas, OfAKey) {
  const TableEnvelope envelope(options(), composite());
  const Value row[] = {std::int32_t{2}, Text{"k"}, Text{"v"}};
  std::string key;
  ASSERT_TRUE(envelope.append_key(key, row));
  EXPECT_EQ(
      key,
      R"({"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"b"},)"
      R"({"type":"int32","optional":false,"field":"a"}],"optional":false,"name":"shop.public.composite.Key"},)"
      R"("payload":{"b":"k","a":2}})");
  std::string header;
  ASSERT_TRUE(envelope.append_plain_key(header, row));
  EXPECT_EQ(header, R"({"b":"k","a":2})");
}

TEST(Schemas, OfAnEvent) {
  const TableEnvelope envelope(options(), composite());
  const Value row[] = {std::int32_t{2}, Text{"k"}, Text{"v"}};
  Change change;
  change.after = row;
  std::string value;
  ASSERT_TRUE(envelope.append_value(value, change));
  const std::string row_fields =
      R"({"type":"struct","fields":[{"type":"int32","optional":false,"field":"a"},)"
      R"({"type":"string","optional":false,"field":"b"},{"type":"string","optional":true,"field":"c"}],)"
      R"("optional":true,"name":"shop.public.composite.Value","field":)";
  const std::string head =
      R"({"schema":{"type":"struct","fields":[)" + row_fields + R"("before"},)" + row_fields +
      R"("after"},)"
      R"({"type":"struct","fields":[{"type":"string","optional":false,"field":"version"},)"
      R"({"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"name"},)"
      R"({"type":"int64","optional":false,"field":"ts_ms"},{"type":"string","optional":true,)"
      R"("name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"true,first,first_in_data_collection,)"
      R"(last_in_data_collection,last,false,incremental"},"default":"false","field":"snapshot"},)"
      R"({"type":"string","optional":false,"field":"db"},{"type":"string","optional":true,"field":"sequence"},)"
      R"({"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"},)"
      R"({"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"},)"
      R"({"type":"int64","optional":true,"field":"txId"},{"type":"int64","optional":true,"field":"lsn"},)"
      R"({"type":"int64","optional":true,"field":"xmin"},{"type":"string","optional":true,"field":"origin"},)"
      R"({"type":"int64","optional":true,"field":"origin_lsn"}],"optional":false,)"
      R"("name":"io.debezium.connector.postgresql.Source","version":1,"field":"source"},)"
      R"({"type":"struct","fields":[{"type":"string","optional":false,"field":"id"},)"
      R"({"type":"int64","optional":false,"field":"total_order"},)"
      R"({"type":"int64","optional":false,"field":"data_collection_order"}],"optional":true,"name":"event.block",)"
      R"("version":1,"field":"transaction"},{"type":"string","optional":false,"field":"op"},)"
      R"({"type":"int64","optional":true,"field":"ts_ms"},{"type":"int64","optional":true,"field":"ts_us"},)"
      R"({"type":"int64","optional":true,"field":"ts_ns"}],"optional":false,)"
      R"("name":"shop.public.composite.Envelope","version":2},"payload":{"before":null,"after":{)";
  EXPECT_EQ(value.substr(0, head.size()), head);
  EXPECT_TRUE(value.ends_with("}}")) << value;
}

TEST(Schemas, OfNumbers) {
  EXPECT_EQ(schema_text(of_type(21)), R"({"type":"int16","optional":false})");
  EXPECT_EQ(schema_text(of_type(700)), R"({"type":"float","optional":false})");
  EXPECT_EQ(schema_text(of_type(1700, ((10 << 16) | 2) + 4)),
            R"({"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,)"
            R"("parameters":{"scale":"2","connect.decimal.precision":"10"}})");
  EXPECT_EQ(schema_text(of_type(1700)),
            R"({"type":"struct","fields":[{"type":"int32","optional":false,"field":"scale"},)"
            R"({"type":"bytes","optional":false,"field":"value"}],"optional":false,)"
            R"("name":"io.debezium.data.VariableScaleDecimal","version":1,"doc":"Variable scaled decimal"})");
  EXPECT_EQ(schema_text(of_type(790)),
            R"({"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,)"
            R"("parameters":{"scale":"2"}})");
  Options texts = options();
  texts.decimals = DecimalMode::kString;
  EXPECT_EQ(schema_text(of_type(1700), texts), R"({"type":"string","optional":false})");
  texts.decimals = DecimalMode::kDouble;
  EXPECT_EQ(schema_text(of_type(790), texts), R"({"type":"double","optional":false})");
}

TEST(Schemas, OfTimesInEachPrecision) {
  const auto name_of = [](std::uint32_t type, std::int32_t modifier, TimeMode mode) {
    Options chosen = options();
    chosen.times = mode;
    const ColumnFacts column = of_type(type, modifier);
    const ConnectSchema schema = schema_of(column, *form_of(column, chosen), chosen);
    return schema.type + " " + schema.name;
  };
  EXPECT_EQ(name_of(1114, 3, TimeMode::kAdaptive), R"("type":"int64" io.debezium.time.Timestamp)");
  EXPECT_EQ(name_of(1114, -1, TimeMode::kAdaptive), R"("type":"int64" io.debezium.time.MicroTimestamp)");
  EXPECT_EQ(name_of(1114, -1, TimeMode::kConnect),
            R"("type":"int64" org.apache.kafka.connect.data.Timestamp)");
  EXPECT_EQ(name_of(1083, -1, TimeMode::kConnect), R"("type":"int32" org.apache.kafka.connect.data.Time)");
  EXPECT_EQ(name_of(1083, 3, TimeMode::kAdaptive), R"("type":"int32" io.debezium.time.Time)");
  EXPECT_EQ(name_of(1082, -1, TimeMode::kConnect), R"("type":"int32" org.apache.kafka.connect.data.Date)");
  EXPECT_EQ(name_of(1082, -1, TimeMode::kIsoString), R"("type":"string" io.debezium.time.IsoDate)");
  EXPECT_EQ(name_of(1114, -1, TimeMode::kNanoseconds), R"("type":"int64" io.debezium.time.NanoTimestamp)");
  EXPECT_EQ(name_of(1186, -1, TimeMode::kAdaptive), R"("type":"int64" io.debezium.time.MicroDuration)");
  EXPECT_EQ(name_of(1184, -1, TimeMode::kConnect), R"("type":"string" io.debezium.time.ZonedTimestamp)");
}

TEST(Schemas, OfArraysAndEnums) {
  EXPECT_EQ(schema_text(of_type(1007, -1, 23)),
            R"({"type":"array","items":{"type":"int32","optional":true},"optional":false})");
  ColumnFacts mood = of_type(25);
  mood.enum_labels = "sad,happy";
  EXPECT_EQ(schema_text(mood),
            R"({"type":"string","optional":false,"name":"io.debezium.data.Enum","version":1,)"
            R"("parameters":{"allowed":"sad,happy"}})");
  ColumnFacts hstore = of_type(16400);
  hstore.is_hstore = true;
  Options maps = options();
  maps.hstore = HstoreMode::kMap;
  EXPECT_EQ(schema_text(hstore, maps), R"({"type":"map","keys":{"type":"string","optional":false},)"
                                       R"("values":{"type":"string","optional":true},"optional":false})");
}

TEST(Schemas, SayWhatAColumnIsInTheDatabase) {
  ColumnFacts column = of_type(1114, 3);
  column.source_type = "timestamp";
  column.names_source_type = true;
  EXPECT_EQ(
      schema_text(column),
      R"({"type":"int64","optional":false,"name":"io.debezium.time.Timestamp","version":1,"parameters":{)"
      R"("__debezium.source.column.type":"TIMESTAMP","__debezium.source.column.length":"26",)"
      R"("__debezium.source.column.scale":"3","__debezium.source.column.name":"c"}})");
  Mask mask;
  mask.length = 3;
  column = of_type(25);
  column.mask = std::make_shared<const Mask>(mask);
  EXPECT_EQ(schema_text(column), R"({"type":"string","optional":false,"parameters":{"truncateLength":"3"}})");
  mask.kind = Mask::Kind::kAsterisks;
  column.mask = std::make_shared<const Mask>(mask);
  EXPECT_EQ(schema_text(column), R"({"type":"string","optional":false,"parameters":{"masked":"true"}})");
}

TEST(Schemas, HaveNamesThatAreAdjusted) {
  EXPECT_EQ(adjusted("my-shop.public.a_b", NameMode::kNone), "my-shop.public.a_b");
  EXPECT_EQ(adjusted("my-shop.public.a_b", NameMode::kAvro), "my_shop.public.a_b");
  EXPECT_EQ(adjusted("1shop", NameMode::kAvro), "_1shop");
  EXPECT_EQ(adjusted("my-shop.a_b", NameMode::kAvroUnicode), "my_u002dshop.a_u005fb");
}

std::optional<std::string> default_of(const std::string& type, const std::string& expression,
                                      std::int32_t modifier = -1) {
  ColumnFacts column;
  column.source_type = type;
  column.modifier = modifier;
  return default_text(column, expression);
}

TEST(Defaults, AreLiteralsOrTheValueOfNothing) {
  EXPECT_EQ(default_of("int4", "7"), "7");
  EXPECT_EQ(default_of("int8", "'-5'::integer"), "-5");
  EXPECT_EQ(default_of("text", "'x''y'::text"), "x'y");
  EXPECT_EQ(default_of("text", R"(E'a\\b'::text)"), R"(a\b)");
  EXPECT_EQ(default_of("bool", "true"), "t");
  EXPECT_EQ(default_of("bit", R"(B'101'::"bit")"), "101");
  EXPECT_EQ(default_of("numeric", "1.5", ((10 << 16) | 2) + 4), "1.50");
  EXPECT_EQ(default_of("timestamp", "'2024-01-02 03:04:05'::timestamp without time zone"),
            "2024-01-02 03:04:05");
  EXPECT_EQ(default_of("int4", "nextval('defaults_id_seq'::regclass)"), "0");
  EXPECT_EQ(default_of("timestamptz", "CURRENT_TIMESTAMP"), "1970-01-01 00:00:00+00");
  EXPECT_EQ(default_of("uuid", "gen_random_uuid()"), "00000000-0000-0000-0000-000000000000");
}

TEST(Defaults, OfExpressionsAndOtherTypesAreNotNamed) {
  EXPECT_EQ(default_of("int4", "(2 + 3)"), std::nullopt);
  EXPECT_EQ(default_of("text", "('a'::text || 'b'::text)"), std::nullopt);
  EXPECT_EQ(default_of("text", "NULL::text"), std::nullopt);
  EXPECT_EQ(default_of("inet", "'10.0.0.1'::inet"), std::nullopt);
  EXPECT_EQ(default_of("_int4", "'{1,2}'::integer[]"), std::nullopt);
  EXPECT_EQ(default_of("int4", ""), std::nullopt);
}

}  // namespace
}  // namespace penstock::envelope
