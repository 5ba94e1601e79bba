// Records as Debezium 3.5.0 was seen to write them, as events.
#include <gmock/gmock.h>

#include "unit/envelope/read/rows.h"

namespace penstock::envelope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<TableSchema> orders(char identity = 'd') {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", "orders"};
  schema->replica_identity = identity;
  schema->columns = {{"id", 23, -1, "integer", 0, true},
                     {"name", 25, -1, "text", 0, true},
                     {"price", 1700, 655366, "numeric(10,2)", 0, true},
                     {"note", 25, -1, "text"}};
  schema->key = {0};
  return schema;
}

const std::string kSource =
    R"({"version":"3.5.0.Final","connector":"postgresql","name":"shop","ts_ms":1704164645123,"snapshot":"false",)"
    R"("db":"shop","sequence":"[\"24023119\",\"24023128\"]","ts_us":1704164645123456,"ts_ns":1704164645123456000,)"
    R"("schema":"public","table":"orders","txId":555,"lsn":24023128,"xmin":null,"origin":null,"origin_lsn":null})";

std::string event(const std::string& operation, const std::string& before, const std::string& after,
                  const std::string& source = kSource) {
  return R"({"before":)" + before + R"(,"after":)" + after + R"(,"source":)" + source +
         R"(,"transaction":null,"op":")" + operation +
         R"(","ts_ms":1704164645200,"ts_us":1704164645200000,"ts_ns":1704164645200000000})";
}

const std::string kPlaceholder = "__debezium_unavailable_value";

// A reader and all that it read.
struct Reading {
  EventReader reader;
  EventBatch batch;
  std::string error;
  ReadRecord last{};

  explicit Reading(std::shared_ptr<const TableSchema> schema, ReadOptions options = {})
      : reader(std::move(options), std::move(schema)) {}

  // What came of it: "insert 7|…", "tombstone", "ignored: …", or the error.
  std::string read(const RecordBytes& record) {
    const std::size_t events = batch.events.size();
    auto made = reader.read(record, batch);
    if (!made) {
      EXPECT_EQ(batch.events.size(), events);
      return "error: " + made.error().message;
    }
    last = *made;
    EXPECT_EQ(batch.events.size(), events + (made->outcome == Outcome::kEvent ? 1 : 0));
    if (made->outcome == Outcome::kTombstone) return "tombstone";
    if (made->outcome == Outcome::kIgnored) return "ignored: " + made->reason;
    return shown(batch.events.back());
  }
  std::string read(const std::string& key, const std::string& value) { return read(bytes_of(key, value)); }

  static std::string row(const TableSchema& schema, const Value* values) {
    std::string out;
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      if (i > 0) out += '|';
      out += values[i].is_unchanged() ? "?" : values[i].is_null() ? "null" : to_text(values[i]);
    }
    return out;
  }
  static std::string shown(const Event& event) {
    std::string out = event.kind == EventKind::kInsert   ? "insert"
                      : event.kind == EventKind::kUpdate ? "update"
                      : event.kind == EventKind::kDelete ? "delete"
                                                         : "truncate";
    if (event.before != nullptr) out += " was " + row(*event.schema, event.before);
    if (event.after != nullptr) out += " " + row(*event.schema, event.after);
    return out;
  }
};

TEST(EventReader, OperationsBecomeEvents) {
  Reading reading(orders());
  const std::string after = R"({"id":7,"name":"a","price":"BOI=","note":null})";
  EXPECT_EQ(reading.read(R"({"id":7})", event("c", "null", after)), "insert 7|a|12.50|null");
  EXPECT_EQ(reading.read(R"({"id":7})", event("r", "null", after)), "insert 7|a|12.50|null");
  EXPECT_TRUE(reading.last.head.place.snapshot);
  EXPECT_EQ(reading.read(R"({"id":7})", event("u", "null", after)), "update 7|a|12.50|null");
  EXPECT_EQ(reading.read(R"({"id":7})", event("t", "null", "null")), "truncate");
  EXPECT_EQ(reading.read({"{\"id\":7}", std::nullopt, {}}), "tombstone");
  EXPECT_EQ(reading.batch.schemas.size(), 1U);
  EXPECT_EQ(reading.batch.events[0].schema, reading.batch.schemas[0].get());
}

TEST(EventReader, SaysWhereTheRecordStands) {
  Reading reading(orders());
  const std::string after = R"({"id":7,"name":"a","price":"BOI=","note":null})";
  std::string with_transaction = event("c", "null", after);
  with_transaction.replace(
      with_transaction.find(R"("transaction":null)"), 18,
      R"("transaction":{"id":"555:24023128","total_order":3,"data_collection_order":2})");
  reading.read("{\"id\":7}", with_transaction);
  const RecordHead& head = reading.last.head;
  EXPECT_EQ(head.operation, Operation::kCreate);
  EXPECT_EQ(to_string(head.table), "public.orders");
  EXPECT_EQ(head.place, (Place{Lsn{24023119}, Lsn{24023128}, false, false}));
  EXPECT_EQ(head.transaction, 555U);
  EXPECT_EQ(head.commit_micros, 1704164645123456);
  ASSERT_TRUE(head.block);
  EXPECT_EQ(head.block->id, "555:24023128");
  EXPECT_EQ(head.block->total_order, 3U);
  EXPECT_EQ(head.block->data_collection_order, 2U);
  EXPECT_EQ(reading.batch.events[0].lsn, Lsn{24023128});
  EXPECT_EQ(reading.batch.events[0].last_commit, Lsn{24023119});
  EXPECT_EQ(reading.batch.events[0].transaction, 555U);

  // A row of an incremental snapshot has no lsn, and a rising sequence; older versions have no ts_us.
  const std::string incremental =
      R"({"ts_ms":1704164645123,"snapshot":"incremental","sequence":"[null,\"24023130\"]","schema":"public",)"
      R"("table":"orders","txId":null,"lsn":null})";
  reading.read("{\"id\":7}", event("r", "null", after, incremental));
  EXPECT_EQ(reading.last.head.place, (Place{std::nullopt, Lsn{24023130}, true, true}));
  EXPECT_EQ(reading.last.head.transaction, std::nullopt);
  EXPECT_EQ(reading.last.head.commit_micros, 1704164645123000);
}

// Debezium writes zeros and empty texts for old values that PostgreSQL did not send.
TEST(EventReader, ADeleteKnowsOnlyTheReplicaIdentity) {
  const std::string before = R"({"id":7,"name":"","price":"","note":null})";
  Reading reading(orders());
  EXPECT_EQ(reading.read("{\"id\":7}", event("d", before, "null")), "delete was 7|?|?|?");
  Reading full(orders('f'));
  EXPECT_EQ(full.read("{\"id\":7}", event("d", R"({"id":7,"name":"a","price":"BOI=","note":null})", "null")),
            "delete was 7|a|12.50|null");
  EXPECT_EQ(full.read("{\"id\":7}", event("u", R"({"id":7,"name":"a","price":"BOI=","note":null})",
                                          R"({"id":7,"name":"b","price":"BOI=","note":"x"})")),
            "update was 7|a|12.50|null 7|b|12.50|x");
}

TEST(EventReader, AnIdentityIndexWithoutTheKeyDoesNotSayWhichRowWasDeleted) {
  ReadOptions options;
  options.identity = {"name"};
  Reading reading(orders('i'), options);
  EXPECT_THAT(
      reading.read("{\"id\":0}", event("d", R"({"id":0,"name":"a","price":"","note":null})", "null")),
      HasSubstr("error: table public.orders: its replica identity is an index without the table's key"));
  options.identity = {"id", "name"};
  Reading covered(orders('i'), options);
  EXPECT_EQ(covered.read("{\"id\":7}", event("d", R"({"id":7,"name":"a","price":"","note":null})", "null")),
            "delete was 7|a|?|?");
}

// A key change comes as d and c; what TOAST left alone is not in the c either.
TEST(EventReader, ACreateWithUnchangedToastIsAPatch) {
  Reading reading(orders());
  RecordBytes record = bytes_of("{\"id\":8}", "");
  const std::string value =
      event("c", "null", R"({"id":8,"name":"a","price":"BOI=","note":")" + kPlaceholder + "\"}");
  record.value = value;
  record.headers = {{"__debezium.oldkey", R"({"id":7})"}};
  EXPECT_EQ(reading.read(record), "update 8|a|12.50|?");
}

TEST(EventReader, ThePlaceholderIsNeverAValue) {
  const auto one = [](const Column& column, const std::string& json, ReadOptions options = {}) {
    auto schema = std::make_shared<TableSchema>(*orders());
    schema->columns[3] = column;
    Reading reading(schema, std::move(options));
    return reading.read("{\"id\":7}",
                        event("u", "null", R"({"id":7,"name":"a","price":"BOI=","note":)" + json + "}"));
  };
  std::string codes = "[";
  for (const char c : kPlaceholder)
    codes += (codes.size() > 1 ? "," : "") + std::to_string(static_cast<int>(c));
  codes += "]";
  const std::string base64 = "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"";
  const std::string quoted = "\"" + kPlaceholder + "\"";
  const std::string unchanged = "update 7|a|12.50|?";
  EXPECT_EQ(one({"note", 25, -1, "text"}, quoted), unchanged);
  EXPECT_EQ(one({"note", 3802, -1, "jsonb"}, quoted), unchanged);
  EXPECT_EQ(one({"note", 3904, -1, "int4range"}, quoted), unchanged);
  EXPECT_EQ(one({"note", 17, -1, "bytea"}, base64), unchanged);
  EXPECT_EQ(one({"note", 17, -1, "bytea"}, quoted), unchanged);  // hex mode
  EXPECT_EQ(one({"note", 1007, -1, "integer[]"}, codes), unchanged);
  EXPECT_EQ(one({"note", 1016, -1, "bigint[]"}, codes), unchanged);
  EXPECT_EQ(one({"note", 1009, -1, "text[]"}, "[" + quoted + "]"), unchanged);
  EXPECT_EQ(one({"note", 1001, -1, "bytea[]"}, "[" + base64 + "]"), unchanged);
  EXPECT_EQ(one({"note", 90001, -1, "hstore"}, "{" + quoted + ":" + quoted + "}"), unchanged);
  EXPECT_EQ(
      one({"note", 90001, -1, "hstore"}, R"("{\")" + kPlaceholder + R"(\":\")" + kPlaceholder + R"(\"}")"),
      unchanged);
  // Nearly it.
  EXPECT_EQ(one({"note", 25, -1, "text"}, "\"" + kPlaceholder + "x\""),
            "update 7|a|12.50|" + kPlaceholder + "x");
  EXPECT_EQ(one({"note", 1009, -1, "text[]"}, "[" + quoted + ",null]"),
            "update 7|a|12.50|{" + kPlaceholder + ",NULL}");
  EXPECT_EQ(one({"note", 1007, -1, "integer[]"}, "[95,95]"), "update 7|a|12.50|{95,95}");
  ReadOptions other;
  other.values.unavailable = "gone";
  EXPECT_EQ(one({"note", 25, -1, "text"}, "\"gone\"", other), unchanged);
  EXPECT_EQ(one({"note", 25, -1, "text"}, quoted, other), "update 7|a|12.50|" + kPlaceholder);
}

TEST(EventReader, FieldsComeInAnyOrderAndNumber) {
  Reading reading(orders());
  EXPECT_EQ(
      reading.read("{\"id\":7}", event("c", "null", R"({"note":"n","gone":{"a":[1]},"id":7,"name":"a"})")),
      "insert 7|a|n");
  EXPECT_THAT(reading.reader.unknown_fields(), ElementsAre("gone"));
  EXPECT_EQ(reading.batch.events[0].schema->key, std::vector<std::uint16_t>{0});
  EXPECT_EQ(reading.read("{\"id\":7}", event("c", "null", R"({"note":"n","id":7})")), "insert 7|n");
  EXPECT_EQ(reading.read("{\"id\":8}", event("c", "null", R"({"note":"n","gone":1,"id":8,"name":"a"})")),
            "insert 8|a|n");
  EXPECT_EQ(reading.batch.schemas.size(), 2U) << "one shape of fields has one schema";
  EXPECT_EQ(reading.batch.events[0].schema, reading.batch.events[2].schema);
}

TEST(EventReader, AKeyThatTheRowLacksIsTakenFromTheRecordsKey) {
  Reading reading(orders());
  EXPECT_EQ(reading.read("{\"id\":7}", event("c", "null", R"({"name":"a"})")), "insert 7|a");
  EXPECT_EQ(reading.read("{\"id\":7}", event("d", R"({"name":""})", "null")), "delete was 7|?");
  EXPECT_THAT(reading.read("{\"name\":\"a\"}", event("c", "null", R"({"name":"a"})")),
              HasSubstr("neither the row nor the record's key"));
  // message.key.columns: the row is what counts.
  EXPECT_EQ(
      reading.read("{\"name\":\"a\"}", event("d", R"({"id":9,"name":"","price":"","note":null})", "null")),
      "delete was 9|?|?|?");
}

TEST(EventReader, OfATableWithoutAKey) {
  auto schema = orders('f');
  schema->key.clear();
  Reading reading(schema);
  const std::string row = R"({"id":7,"name":"a","price":"BOI=","note":null})";
  const std::string value = event("d", row, "null");
  EXPECT_EQ(reading.read({std::nullopt, value, {}}), "delete was 7|a|12.50|null");
  EXPECT_EQ(reading.read({std::nullopt, std::nullopt, {}}), "tombstone");
}

TEST(EventReader, RecordsOfAnotherTableAreRefused) {
  std::string other = kSource;
  other.replace(other.find("\"orders\""), 8, "\"örders\"");
  const std::string value = event("c", "null", R"({"id":7})", other);
  Reading reading(orders());
  EXPECT_THAT(reading.read("{\"id\":7}", value), HasSubstr("the record is of table public.örders"));
  ReadOptions any;
  any.other_tables = true;
  Reading all(orders(), any);
  EXPECT_EQ(all.read("{\"id\":7}", value), "insert 7");
  EXPECT_EQ(all.last.head.table.name, "örders");
}

TEST(EventReader, OtherRecordsOfAConnectorAreIgnored) {
  Reading reading(orders());
  EXPECT_EQ(reading.read(R"({"serverName":"shop"})", R"({"ts_ms":1704164645123})"), "ignored: a heartbeat");
  EXPECT_EQ(
      reading.read(
          R"({"prefix":"p"})",
          R"({"op":"m","ts_ms":1,"source":{"schema":"","table":""},"message":{"prefix":"p","content":""}})"),
      "ignored: a logical message");
  EXPECT_EQ(
      reading.read(R"({"id":"1:2"})",
                   R"({"status":"BEGIN","id":"1:2","event_count":null,"data_collections":null,"ts_ms":1})"),
      "ignored: a record of a transaction topic");
}

TEST(TransactionRecord, BeginAndEnd) {
  const auto begin = read_transaction_record(
      R"({"status":"BEGIN","id":"571:53195832","event_count":null,"data_collections":null,"ts_ms":1486500577125})");
  ASSERT_TRUE(begin) << begin.error().message;
  EXPECT_FALSE(begin->end);
  EXPECT_EQ(begin->transaction, 571U);
  EXPECT_EQ(begin->millis, 1486500577125);
  const auto end = read_transaction_record(
      R"({"schema":{"type":"struct"},"payload":{"status":"END","id":"571:53195832","event_count":3,"data_collections":[)"
      R"({"data_collection":"public.a","event_count":2},{"data_collection":"public.b","event_count":1}],"ts_ms":1}})");
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_TRUE(end->end);
  EXPECT_EQ(end->id, "571:53195832");
  EXPECT_EQ(end->events, 3U);
  ASSERT_EQ(end->collections.size(), 2U);
  EXPECT_EQ(end->collections[1].name, "public.b");
  EXPECT_EQ(end->collections[0].events, 2U);
  for (const char* const wrong : {"", "{}", "[]", R"({"status":"END","id":"1:2"})",
                                  R"({"status":"X","id":"1:2"})", R"({"status":"BEGIN"})"})
    EXPECT_FALSE(read_transaction_record(wrong)) << wrong;
}

TEST(EventReader, ABadRecordIsAnErrorThatNamesItsPlace) {
  Reading reading(orders());
  const auto after = [&](const std::string& row) {
    return reading.read("{\"id\":7}", event("c", "null", row));
  };
  EXPECT_EQ(after(R"({"id":"x"})"),
            "error: table public.orders, column id integer: \"x\" is no value of this type");
  for (const std::string row :
       {R"({"id":2147483648})", R"({"id":1.5})", R"({"id":[7]})", R"({"id":true})", R"({"id":7,"name":1})",
        R"({"id":7,"price":"?"})", R"({"id":7,"price":"BO=I"})",
        R"({"id":7,"price":{"scale":99999999,"value":"AA=="}})", R"({"id":7,"price":[]})",
        R"({"id":7,"name":"a","name":"b"})", R"([])", R"(1)", R"(null)"})
    EXPECT_THAT(after(row), HasSubstr("error: ")) << row;
  std::string deep(5000, '[');
  for (const std::string& value :
       {std::string(), std::string("{"), std::string("x"), std::string("7"), std::string("[]"), deep,
        std::string("{\"id\":123456789012345678901234567890}"), std::string("{\"id\":7,\"name\":\"\xff\"}"),
        std::string("Obj\x01\x02"), event("x", "null", "{\"id\":7}"), event("d", "null", "null"),
        event("c", "null", "{\"id\":7}", "{\"sequence\":\"[1]\"}"),
        event("c", "null", "{\"id\":7}", "{\"txId\":-1}"),
        std::string(R"({"op":"c","op":"d","source":{},"after":{"id":7}})")})
    EXPECT_THAT(reading.read("{\"id\":7}", value), HasSubstr("error: ")) << value.substr(0, 100);
  EXPECT_TRUE(reading.batch.events.empty());
  EXPECT_EQ(after(R"({"id":7})"), "insert 7") << "a bad record is forgotten";
}

}  // namespace
}  // namespace penstock::envelope
