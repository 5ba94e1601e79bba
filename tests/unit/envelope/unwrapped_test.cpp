// Rows without their events, as ExtractNewRecordState of Debezium 3.5.0 was seen to write them.
#include "envelope/unwrapped.h"

#include <gtest/gtest.h>

namespace penstock::envelope {
namespace {

class Unwrapped : public ::testing::Test {
 protected:
  Unwrapped() {
    options.server = "shop";
    options.database = "db";
    facts.columns = {{"id", 23}, {"a", 25}};
    facts.columns[0].not_null = true;
    change.origin = {1795769253319000, 917, Lsn{36584208}, Lsn{36584100}, "false"};
    change.transaction = TransactionBlock{"917:36584208", 2, 1};
    change.now_nanos = 1795769253650000000;
    change.after = row;
    change.operation = Operation::kCreate;
    auto added =
        parse_metadata("op,source.ts_ms,transaction.id,total_order,schema:SCH,snapshot,nothing", "__");
    unwrap.fields = *added;
  }
  std::string value() {
    const TableEnvelope table(options, facts);
    std::string out;
    EXPECT_TRUE(UnwrappedRows(options, facts, table, unwrap).append_row(out, change));
    return out;
  }

  Options options;
  TableFacts facts{"public", "items", {}, {0}, "shop.public.items"};
  UnwrapOptions unwrap;
  const Value row[2] = {std::int32_t{2}, Text{"b"}};
  Change change;
};

TEST_F(Unwrapped, HaveWhatIsAskedForOfTheEvent) {
  EXPECT_EQ(value(),
            R"({"id":2,"a":"b","__op":"c","__source_ts_ms":1795769253319,"__transaction_id":"917:36584208",)"
            R"("__total_order":2,"__SCH":"public","__snapshot":null})");
  change.transaction.reset();
  change.origin.snapshot = "true";
  EXPECT_EQ(value(), R"({"id":2,"a":"b","__op":"c","__source_ts_ms":1795769253319,"__transaction_id":null,)"
                     R"("__total_order":null,"__SCH":"public","__snapshot":"true"})");
}

TEST_F(Unwrapped, ARewrittenDeleteIsTheOldRow) {
  unwrap.fields.clear();
  unwrap.deletes = DeleteMode::kRewrite;
  EXPECT_EQ(value(), R"({"id":2,"a":"b","__deleted":"false"})");
  const Value old[] = {std::int32_t{2}, Unchanged{}};
  change.before = old;
  change.after = nullptr;
  change.operation = Operation::kDelete;
  EXPECT_EQ(value(), R"({"id":2,"a":null,"__deleted":"true"})");
}

TEST_F(Unwrapped, WithSchemas) {
  options.value_schemas = true;
  unwrap.deletes = DeleteMode::kRewrite;
  unwrap.fields = *parse_metadata("lsn,snapshot", "p_");
  EXPECT_EQ(
      value(),
      R"({"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},)"
      R"({"type":"string","optional":true,"field":"a"},{"type":"string","optional":true,"field":"__deleted"},)"
      R"({"type":"int64","optional":true,"field":"p_lsn"},{"type":"string","optional":true,)"
      R"("name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"true,first,first_in_data_collection,)"
      R"(last_in_data_collection,last,false,incremental"},"field":"p_snapshot"}],"optional":false,)"
      R"("name":"shop.public.items.Value"},"payload":{"id":2,"a":"b","__deleted":"false","p_lsn":36584208,)"
      R"("p_snapshot":null}})");
  const TableEnvelope table(options, facts);
  std::string null;
  UnwrappedRows(options, facts, table, unwrap).append_null(null);
  EXPECT_TRUE(null.ends_with(R"("optional":true,"name":"shop.public.items.Value"},"payload":null})")) << null;
}

TEST_F(Unwrapped, FieldsOfTheRowsAreNoMetadata) { EXPECT_FALSE(parse_metadata("after.id", "__")); }

}  // namespace
}  // namespace penstock::envelope
