// Whole events, held against ones that Debezium 3.5.0 wrote.
#include "envelope/envelope.h"

#include <gtest/gtest.h>

namespace penstock::envelope {
namespace {

TableFacts facts() {
  TableFacts table{"public", "ck", {}, {1, 0}, "p.public.ck"};  // PRIMARY KEY (b, a)
  table.columns = {{"a", 23, -1, 0, false, false, true}, {"b", 25, -1, 0, false, false, true}, {"c", 25}};
  return table;
}

Options options() {
  Options made;
  made.server = "p";
  made.database = "shop";
  return made;
}

TEST(Envelope, OfAnUpdateUnderReplicaIdentityFull) {
  const TableEnvelope envelope(options(), facts());
  const Value before[] = {std::int32_t{2}, Text{"k"}, Text{"v"}};
  const Value after[] = {std::int32_t{2}, Text{"k"}, Text{"w"}};
  std::string key;
  ASSERT_TRUE(envelope.append_key(key, after));
  EXPECT_EQ(key, R"({"b":"k","a":2})");
  Change change;
  change.operation = Operation::kUpdate;
  change.before = before;
  change.after = after;
  change.origin = {1795419705659084, 734, Lsn{26581800}, Lsn{26581672}, "false"};
  change.now_nanos = 1795419705977306240;
  std::string value;
  ASSERT_TRUE(envelope.append_value(value, change));
  EXPECT_EQ(
      value,
      R"({"before":{"a":2,"b":"k","c":"v"},"after":{"a":2,"b":"k","c":"w"},"source":{"version":"3.5.0.Final",)"
      R"("connector":"postgresql","name":"p","ts_ms":1795419705659,"snapshot":"false","db":"shop",)"
      R"("sequence":"[\"26581672\",\"26581800\"]","ts_us":1795419705659084,"ts_ns":1795419705659084000,)"
      R"("schema":"public","table":"ck","txId":734,"lsn":26581800,"xmin":null,"origin":null,"origin_lsn":null},)"
      R"("transaction":null,"op":"u","ts_ms":1795419705977,"ts_us":1795419705977306,"ts_ns":1795419705977306240})");
}

TEST(Envelope, OfADeleteUnderTheDefaultIdentity) {
  TableFacts table = facts();
  table.key = {0};
  const TableEnvelope envelope(options(), table);
  const Value before[] = {std::int32_t{2}, Unchanged{}, Unchanged{}};
  Change change;
  change.operation = Operation::kDelete;
  change.before = before;
  change.origin.lsn = Lsn{7};
  change.transaction = TransactionBlock{"734:26581800", 3, 1};
  std::string value;
  ASSERT_TRUE(envelope.append_value(value, change));
  // b may not be null: it has the value of nothing.
  EXPECT_TRUE(value.starts_with(R"({"before":{"a":2,"b":"","c":null},"after":null,"source":)")) << value;
  EXPECT_NE(value.find(R"("sequence":"[null,\"7\"]")"), std::string::npos);
  EXPECT_NE(
      value.find(R"("transaction":{"id":"734:26581800","total_order":3,"data_collection_order":1},"op":"d")"),
      std::string::npos);
}

TEST(Envelope, NamesTheColumnThatItCannotWrite) {
  TableFacts table = facts();
  table.columns[2] = {"price", 1700, 655366};
  const TableEnvelope envelope(options(), table);
  const Value row[] = {std::int32_t{1}, Text{"x"}, Decimal{"NaN"}};
  Change change;
  change.after = row;
  std::string value;
  const Status written = envelope.append_value(value, change);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "table public.ck, column price: NaN has no place in the form that was chosen");
  EXPECT_EQ(written.error().remedy, "set decimal.handling.mode to string");
}

TEST(Envelope, LeavesOutWhatDebeziumLeavesOut) {
  TableFacts table = facts();
  table.columns.push_back({"shape", 604});
  const TableEnvelope envelope(options(), table);
  EXPECT_EQ(envelope.left_out(), std::vector<std::string>{"shape"});
}

}  // namespace
}  // namespace penstock::envelope
