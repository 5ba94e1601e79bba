// What a capture writes of its state is what the next one reads.
#include "backbone/state_topic.h"

#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

class StateTopic : public testing::Test {
 protected:
  void take(const Record& record) {
    const auto taken = reader.take(*record.key, record.value ? std::optional<std::string_view>(*record.value)
                                                             : std::optional<std::string_view>());
    ASSERT_TRUE(taken) << taken.error().text();
  }
  StateReader reader;
};

TEST_F(StateTopic, IsEmptyBeforeAnythingRan) { EXPECT_FALSE(reader.checkpoint().exists); }

TEST_F(StateTopic, PositionAndSource) {
  take(source_record("s", {7000000000000000001, 3, "slot", "oid 5; \"ü\""}));
  EXPECT_FALSE(reader.checkpoint().exists);
  take(position_record("s", {Lsn{10}, 2, Lsn{9}}));
  take(position_record("s", {Lsn{0xffffffffffffffff}, 3, Lsn{20}}));
  const Checkpoint read = reader.checkpoint();
  EXPECT_TRUE(read.exists);
  EXPECT_EQ(read.position, (Position{Lsn{0xffffffffffffffff}, 3, Lsn{20}}));
  EXPECT_EQ(read.source.system_identifier, 7000000000000000001U);
  EXPECT_EQ(read.source.timeline, 3U);
  EXPECT_EQ(read.source.slot, "slot");
  EXPECT_EQ(read.source.publication, "oid 5; \"ü\"");
}

TEST_F(StateTopic, WhichTablesThePositionDoesNotSpeakOfYet) {
  take(position_record("s", {Lsn{10}, 0, Lsn{9}}, {}, {"public.a", "public.b"}));
  EXPECT_EQ(reader.state().loading, (std::set<std::string>{"public.a", "public.b"}));
  take(position_record("s", {Lsn{11}, 0, Lsn{11}}));
  EXPECT_TRUE(reader.state().loading.empty());
}

TEST_F(StateTopic, WhereTheNewestLoadOfATableBegan) {
  TableCheckpoint table;
  table.table = "public.b";
  take(table_record("s", table));  // as earlier versions wrote it
  table.table = "public.a";
  take(table_record("s", table, Lsn{70}));
  EXPECT_EQ(reader.state().loads_begun, (std::map<std::string, Lsn>{{"public.a", Lsn{70}}}));
  take(table_record("s", table));
  EXPECT_TRUE(reader.state().loads_begun.empty());
}

TEST_F(StateTopic, TheWriterAndATransactionInParts) {
  take(writer_record("s", {"a", "host", 7, 1700000000000, false}));
  take(writer_record("s", {"b", "host", 8, 1700000000001, true}));
  take(transaction_record("s", {9, Lsn{5}, {{"public.a \"x\"", 3}}}));
  EXPECT_EQ(reader.state().writer.run, "b");
  EXPECT_EQ(reader.state().writer.pid, 8);
  EXPECT_EQ(reader.state().writer.since_millis, 1700000000001);
  EXPECT_TRUE(reader.state().writer.ended);
  EXPECT_EQ(reader.state().open.transaction, 9U);
  EXPECT_EQ(reader.state().open.lsn, Lsn{5});
  EXPECT_EQ(reader.state().open.events.at("public.a \"x\""), 3U);
  take(transaction_record("s", {}));
  EXPECT_EQ(reader.state().open.transaction, 0U);
}

TEST_F(StateTopic, WhatSomebodyElseHadWritten) {
  take(written_record("s", {9, Lsn{5}, 3, true, {"public.a b", "public.c"}}));
  const WrittenBefore read = reader.checkpoint().written;
  EXPECT_EQ(read.transaction, 9U);
  EXPECT_EQ(read.lsn, Lsn{5});
  EXPECT_EQ(read.rows, 3U);
  EXPECT_TRUE(read.message);
  EXPECT_EQ(read.tables, (std::set<std::string>{"public.a b", "public.c"}));
  take(written_record("s", {}));
  EXPECT_FALSE(reader.checkpoint().written.rows);
}

TEST_F(StateTopic, TroubleAndRequestsUntilTheyAreOver) {
  take(trouble_record("s", {"too large", "raise it", 12}));
  take(resync_record("s", "public.a b", "1"));
  take(resync_record("s", "public.c", "2"));
  take(resync_record("s", "public.c", std::nullopt));
  EXPECT_EQ(reader.state().trouble.message, "too large");
  EXPECT_EQ(reader.state().trouble.since_millis, 12);
  EXPECT_EQ(reader.resyncs(), (std::map<std::string, std::string>{{"public.a b", "1"}}));
  take(trouble_record("s", {}));
  EXPECT_FALSE(reader.state().trouble.exists());
}

TEST_F(StateTopic, ChunksOfTheLoadUnderWay) {
  TableCheckpoint table;
  table.table = "public.order lines 2";
  table.state = LoadState::kLoading;
  table.load_id = 4;
  table.fingerprint = "shape";
  table.upper = KeyText{"9", "x y"};
  table.estimated_rows = 12;
  take(table_record("s", table));
  take(chunk_record("s", table.table, 3, {1, std::nullopt, {"1"}, 5}));  // an older load's
  take(chunk_record("s", table.table, 4, {1, std::nullopt, {"5", "a"}, 5}));
  take(chunk_record("s", table.table, 4, {2, KeyText{"5", "a"}, {"9", "x y"}, 7}));
  take(no_chunk_record("s", table.table, 4, 1));
  const Checkpoint read = reader.checkpoint();
  const TableCheckpoint& stored = read.tables.at("public.order lines 2");
  EXPECT_EQ(stored.upper, table.upper);
  EXPECT_EQ(stored.estimated_rows, 12U);
  ASSERT_EQ(stored.done.size(), 1U);
  EXPECT_EQ(stored.done[0].number, 2U);
  EXPECT_EQ(stored.done[0].from, (KeyText{"5", "a"}));
  EXPECT_EQ(stored.done[0].to, (KeyText{"9", "x y"}));
  EXPECT_EQ(stored.done[0].rows, 7U);
  table.state = LoadState::kLoaded;
  take(table_record("s", table));
  EXPECT_TRUE(reader.checkpoint().tables.at(table.table).done.empty());
}

TEST_F(StateTopic, RefusesWhatSomebodyElseWrote) {
  for (const char* key : {"offsets", "chunk 1", "chunk x 2 t"})
    EXPECT_EQ(reader.take(key, "{}").error().kind, ErrorKind::kDivergence) << key;
  EXPECT_EQ(reader.take("position", "{").error().kind, ErrorKind::kDivergence);
}

}  // namespace
}  // namespace penstock::backbone
