// The other forms of records: unwrapped rows, inline schemas, types that the source's catalog alone knows.
#include <gmock/gmock.h>

#include "unit/envelope/read/rows.h"

namespace penstock::envelope {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<TableSchema> items() {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", "items"};
  schema->columns = {{"id", 20, -1, "bigint", 0, true},
                     {"price", 1700, 655366, "numeric(10,2)", 0, true},
                     {"at", 1114, -1, "timestamp without time zone"},
                     {"note", 25, -1, "text"}};
  schema->key = {0};
  return schema;
}

std::string row_of(const Event& event, const Value* values) {
  std::string out;
  for (std::size_t i = 0; i < event.schema->columns.size(); ++i)
    out += (i > 0 ? "|" : "") + (values[i].is_unchanged() ? "?"
                                 : values[i].is_null()    ? "null"
                                                          : to_text(values[i]));
  return out;
}

struct Unwrapped {
  EventReader reader{{}, items()};
  EventBatch batch;
  ReadRecord last{};

  std::string read(const RecordBytes& record) {
    auto made = reader.read(record, batch);
    if (!made) return "error: " + made.error().message;
    last = *made;
    if (made->outcome != Outcome::kEvent) return "nothing";
    const Event& event = batch.events.back();
    const std::string kind = event.kind == EventKind::kInsert   ? "insert "
                             : event.kind == EventKind::kUpdate ? "update "
                                                                : "delete ";
    return kind + row_of(event, event.after != nullptr ? event.after : event.before);
  }
  std::string read(const std::string& key, const std::string& value) { return read(bytes_of(key, value)); }
};

TEST(UnwrappedRecords, ARowIsAnUpsertAndANullADelete) {
  Unwrapped topic;
  EXPECT_EQ(topic.read(R"({"id":7})", R"({"id":7,"price":"BOI=","at":1704164645123456,"note":"n"})"),
            "insert 7|12.50|2024-01-02 03:04:05.123456|n");
  EXPECT_EQ(topic.last.head.place, Place{});
  EXPECT_EQ(
      topic.read(R"({"id":7})", R"({"id":7,"price":"BOI=","at":null,"note":"__debezium_unavailable_value"})"),
      "update 7|12.50|null|?");
  EXPECT_EQ(topic.read({"{\"id\":7}", std::nullopt, {}}), "delete 7|?|?|?");
  EXPECT_EQ(topic.read({std::nullopt, std::nullopt, {}}), "nothing");
}

TEST(UnwrappedRecords, ANullBeforeAllOthersIsADeleteByKey) {
  Unwrapped topic;
  EXPECT_EQ(topic.read({"{\"id\":7}", std::nullopt, {}}), "delete 7|?|?|?");
  EXPECT_EQ(topic.read({"{\"other\":7}", std::nullopt, {}}), "nothing");
  EXPECT_EQ(topic.read({"not json", std::nullopt, {}}), "nothing");
}

TEST(UnwrappedRecords, AddedFieldsSayWhatHappenedAndWhere) {
  Unwrapped topic;
  EXPECT_EQ(topic.read(R"({"id":7})",
                       R"({"id":7,"note":"n","__op":"u","__table":"items","__source_lsn":24023128,)"
                       R"("__source_sequence":"[\"24023119\",\"24023128\"]","__source_ts_ms":1704164645123,)"
                       R"("__source_txId":555,"__ts_ms":5,"__deleted":"false"})"),
            "update 7|n");
  const RecordHead& head = topic.last.head;
  EXPECT_EQ(head.operation, Operation::kUpdate);
  EXPECT_EQ(head.place, (Place{Lsn{24023119}, Lsn{24023128}, false, false}));
  EXPECT_EQ(head.commit_micros, 1704164645123000);
  EXPECT_EQ(head.transaction, 555U);
  EXPECT_TRUE(topic.reader.unknown_fields().empty());
  // delete.tombstone.handling.mode=rewrite: what is not the identity is not a value.
  EXPECT_EQ(topic.read(R"({"id":7})", R"({"id":7,"price":"","at":0,"note":"","__deleted":"true"})"),
            "delete 7|?|?|?");
  EXPECT_EQ(topic.last.head.operation, Operation::kDelete);
}

TEST(UnwrappedRecords, AddedHeadersSayItToo) {
  Unwrapped topic;
  RecordBytes record = bytes_of("{\"id\":7}", "{\"id\":7,\"note\":\"n\"}");
  const std::string key = "{\"id\":7}";
  const std::string value = "{\"id\":7,\"note\":\"n\"}";
  record = bytes_of(key, value);
  record.headers = {{"__op", "r"}, {"__lsn", "24023128"}, {"__debezium.context.taskId", "0"}};
  EXPECT_EQ(topic.read(record), "insert 7|n");
  EXPECT_TRUE(topic.last.head.place.snapshot);
  EXPECT_EQ(topic.last.head.place.lsn, Lsn{24023128});
}

const std::string kColumns =
    R"([{"type":"int64","optional":false,"field":"id"},)"
    R"({"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,)"
    R"("parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"price"},)"
    R"({"type":"int64","optional":true,"name":"io.debezium.time.NanoTimestamp","version":1,"field":"at"},)"
    R"({"type":"string","optional":true,"field":"note"},)"
    R"({"type":"array","items":{"type":"int32","optional":true,"name":"io.debezium.time.Date"},"optional":true,)"
    R"("field":"days"},)"
    R"({"type":"string","optional":true,"name":"io.debezium.data.Json","version":1,"field":"doc"}])";
const std::string kSchema = R"({"type":"struct","fields":[{"type":"struct","fields":)" + kColumns +
                            R"(,"optional":true,"name":"s.public.items.Value","field":"before"},)"
                            R"({"type":"struct","fields":)" +
                            kColumns +
                            R"(,"optional":true,"name":"s.public.items.Value","field":"after"},)"
                            R"({"type":"string","optional":false,"field":"op"}],"optional":false,)"
                            R"("name":"s.public.items.Envelope","version":2})";
const std::string kKey =
    R"({"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"}],"optional":false,)"
    R"("name":"s.public.items.Key"},"payload":{"id":7}})";

std::string with_schema(const std::string& payload) {
  return R"({"schema":)" + kSchema + R"(,"payload":)" + payload + "}";
}
std::string created(const std::string& after) {
  return with_schema(R"({"before":null,"after":)" + after +
                     R"(,"source":{"schema":"public","table":"items","lsn":5},"op":"c"})");
}

TEST(InlineSchemas, GiveTypesWhereThereIsNoCatalog) {
  EventReader reader({}, nullptr);
  EventBatch batch;
  const std::string value = created(
      R"({"id":7,"price":"BOI=","at":1704164645123456000,"note":"n","days":[19724,null],"doc":"{\"a\": 1}"})");
  for (int i = 0; i < 2; ++i) {
    const auto made = reader.read(bytes_of(kKey, value), batch);
    ASSERT_TRUE(made) << made.error().text();
    const Event& event = batch.events.back();
    EXPECT_EQ(row_of(event, event.after),
              "7|12.50|2024-01-02 03:04:05.123456|n|{2024-01-02,NULL}|{\"a\": 1}");
    EXPECT_EQ(to_string(event.schema->table), "public.items");
    EXPECT_EQ(event.schema->key, std::vector<std::uint16_t>{0});
    EXPECT_EQ(event.schema->fingerprint(),
              R"("id" bigint, "price" numeric(10,2), "at" timestamp without time zone, "note" text, )"
              R"("days" date[], "doc" jsonb)");
    EXPECT_TRUE(event.after[5].get<Json>() != nullptr);
  }
  EXPECT_EQ(batch.schemas.size(), 1U);
}

TEST(InlineSchemas, SayHowTheCatalogsTypesAreWritten) {
  EventReader reader({}, items());  // whose options say microseconds
  EventBatch batch;
  const std::string value =
      created(R"({"id":7,"price":"BOI=","at":1704164645123456000,"note":"n","days":[],"doc":null})");
  const auto made = reader.read(bytes_of(kKey, value), batch);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(row_of(batch.events[0], batch.events[0].after), "7|12.50|2024-01-02 03:04:05.123456|n");
}

TEST(InlineSchemas, OfUnwrappedRows) {
  const std::string schema =
      R"({"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},)"
      R"({"type":"string","optional":true,"field":"__deleted"}],"optional":false,"name":"s.Value"})";
  const std::string value = R"({"schema":)" + schema + R"(,"payload":{"id":7,"__deleted":"true"}})";
  ReadOptions options;
  options.table = {"public", "items"};
  EventReader reader(options, nullptr);
  EventBatch batch;
  const auto made = reader.read(bytes_of(kKey, value), batch);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(batch.events[0].kind, EventKind::kDelete);
  EXPECT_EQ(row_of(batch.events[0], batch.events[0].before), "7");
  EXPECT_EQ(to_string(batch.events[0].schema->table), "public.items");
}

TEST(InlineSchemas, WithoutThemAndWithoutACatalogNothingSaysTheTypes) {
  EventReader reader({}, nullptr);
  EventBatch batch;
  const auto made = reader.read(bytes_of("{\"id\":7}", "{\"id\":7}"), batch);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kConfiguration);
  EXPECT_THAT(made.error().remedy, HasSubstr("value.converter.schemas.enable=true"));
}

TEST(InlineSchemas, BrokenOnesAreRefused) {
  for (const std::string schema : {"{}", "{\"fields\":1}", "{\"fields\":[1]}", "{", "{\"fields\":[{}]"}) {
    EventReader reader({}, nullptr);
    EventBatch batch;
    EXPECT_FALSE(reader.read(bytes_of(kKey, R"({"schema":)" + schema + R"(,"payload":{"id":7}})"), batch))
        << schema;
  }
}

// Types of extensions, and those that come as opaque bytes with include.unknown.datatypes.
TEST(TypesOfTheCatalog, ReadWhatDebeziumHasNoTypeFor) {
  auto schema = items();
  schema->columns = {{"id", 20, -1, "bigint"},
                     {"name", 90002, -1, "citext"},
                     {"names", 90003, -1, "public.citext[]"},
                     {"state", 90004, -1, "mood", 25},
                     {"states", 90005, -1, "mood[]", 1009},
                     {"cents", 90006, -1, "cents", 23},
                     {"box", 603, -1, "box"},
                     {"spans", 4451, -1, "int4multirange"}};
  EventReader reader({}, schema);
  EventBatch batch;
  const std::string value =
      R"({"id":7,"name":"A","names":["a","B"],"state":"sad","states":["sad",null],"cents":5,)"
      R"("box":"KDEsMSksKDAsMCk=","spans":"e1sxLDMpfQ=="})";
  const auto made = reader.read(bytes_of("{\"id\":7}", value), batch);
  ASSERT_TRUE(made) << made.error().text();
  const Value* row = batch.events[0].after;
  EXPECT_EQ(row_of(batch.events[0], row), "7|A|{a,B}|sad|{sad,NULL}|5|(1,1),(0,0)|{[1,3)}");
  EXPECT_NE(row[5].get<std::int32_t>(), nullptr);
  EXPECT_EQ(row[7].get<Array>()->size, 1U);
}

// decimal.handling.mode=string as Debezium names what is no number; precise with the converter's
// decimal.format=NUMERIC.
TEST(TypesOfTheCatalog, DecimalsInOtherWords) {
  const auto price = [](DecimalMode mode, const std::string& json) {
    ReadOptions options;
    options.values.decimals = mode;
    EventReader reader(options, items());
    EventBatch batch;
    const auto made = reader.read(bytes_of("{\"id\":7}", "{\"id\":7,\"price\":" + json + "}"), batch);
    return made ? to_text(batch.events[0].after[1]) : "error";
  };
  EXPECT_EQ(price(DecimalMode::kString, "\"NAN\""), "NaN");
  EXPECT_EQ(price(DecimalMode::kString, "\"POSITIVE_INFINITY\""), "Infinity");
  EXPECT_EQ(price(DecimalMode::kString, "\"12.50\""), "12.50");
  EXPECT_EQ(price(DecimalMode::kString, "\"1e5\""), "error");
  EXPECT_EQ(price(DecimalMode::kDouble, "12.5"), "12.50");
  EXPECT_EQ(price(DecimalMode::kDouble, "12"), "12.00");
  EXPECT_EQ(price(DecimalMode::kDouble, "1.0E7"), "10000000.00");
  EXPECT_EQ(price(DecimalMode::kDouble, "-1.0E-5"), "-0.00001");
  EXPECT_EQ(price(DecimalMode::kDouble, "0.0"), "0.00");
  EXPECT_EQ(price(DecimalMode::kDouble, "\"Infinity\""), "Infinity");
  EXPECT_EQ(price(DecimalMode::kPrecise, "12.50"), "12.50");
  EXPECT_EQ(price(DecimalMode::kPrecise, R"({"scale":-2,"value":"BQ=="})"), "500");
}

}  // namespace
}  // namespace penstock::envelope
