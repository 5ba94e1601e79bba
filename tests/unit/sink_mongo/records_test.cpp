// State documents: what is written is what is read.
#include "sink/mongo/state/records.h"

#include <gtest/gtest.h>

namespace penstock::mongo {
namespace {

TEST(Records, a_lane_keeps_its_position_and_source) {
  Bson document;
  document.put_text("_id", "shop").put_long("epoch", 7).put_long("sequence", 9);
  put_position(document, Position{Lsn{0x16B374D848}, 12, Lsn{0x16B374D900}});
  put_source(document, SourceIdentity{18'000'000'000'000'000'000ULL, 3, "slot", "print"});
  const LaneRecord lane = lane_from(document);
  EXPECT_EQ(lane.epoch, 7U);
  EXPECT_EQ(lane.sequence, 9U);
  EXPECT_EQ(lane.position, (Position{Lsn{0x16B374D848}, 12, Lsn{0x16B374D900}}));
  EXPECT_TRUE(lane.has_source);
  EXPECT_EQ(lane.source.system_identifier, 18'000'000'000'000'000'000ULL);
  EXPECT_EQ(lane.source.timeline, 3U);
  EXPECT_EQ(lane.source.slot, "slot");
  EXPECT_EQ(lane.source.publication, "print");
  EXPECT_EQ(text_at(document.get(), "commit"), "16/B374D848");
}

TEST(Records, a_table_keeps_its_load) {
  TableCheckpoint table;
  table.table = "public.orders";
  table.state = LoadState::kSweeping;
  table.load_id = 4;
  table.fingerprint = "f";
  table.sweep = true;
  table.upper = KeyText{"12", "b\"c"};
  table.estimated_rows = 1000;
  Bson document = std::move(*document_at(table_update(table).get(), "$set"));
  document.put("_id", table_id("shop", table.table));
  const TableCheckpoint read = table_from(document);
  EXPECT_EQ(read.table, "public.orders");
  EXPECT_EQ(read.state, LoadState::kSweeping);
  EXPECT_EQ(read.load_id, 4U);
  EXPECT_EQ(read.fingerprint, "f");
  EXPECT_TRUE(read.sweep);
  EXPECT_EQ(read.upper, table.upper);
  EXPECT_EQ(read.estimated_rows, 1000U);
}

TEST(Records, a_table_whose_resync_is_asked_for_reads_as_pending) {
  TableCheckpoint table;
  table.state = LoadState::kLoaded;
  Bson document = std::move(*document_at(table_update(table).get(), "$set"));
  document.put_now("resync_at");
  EXPECT_EQ(table_from(document).state, LoadState::kPending);
}

TEST(Records, a_table_that_was_empty_has_no_upper_key) {
  const Bson update = table_update(TableCheckpoint{});
  EXPECT_FALSE(has(update.get(), "$set.upper"));
  EXPECT_TRUE(has(update.get(), "$unset.upper"));
}

TEST(Records, a_chunk_keeps_its_range) {
  DoneChunk chunk;
  chunk.number = 3;
  chunk.from = KeyText{"1"};
  chunk.to = KeyText{"20"};
  chunk.rows = 19;
  const DoneChunk read = chunk_from(chunk_document("shop", "public.orders", 2, chunk));
  EXPECT_EQ(read.number, 3U);
  EXPECT_EQ(read.from, chunk.from);
  EXPECT_EQ(read.to, chunk.to);
  EXPECT_EQ(read.rows, 19U);
  chunk.from.reset();
  EXPECT_FALSE(chunk_from(chunk_document("shop", "public.orders", 2, chunk)).from);
}

TEST(Records, handles_of_re_reads_tell_keys_apart) {
  EXPECT_EQ(reread_handle("t", {"1", "2"}), reread_handle("t", {"1", "2"}));
  EXPECT_NE(reread_handle("t", {"1", "2"}), reread_handle("t", {"1/1:2"}));
  EXPECT_NE(reread_handle("t", {"12"}), reread_handle("t", {"1", "2"}));
}

TEST(Records, text_that_is_no_utf8_does_not_end_the_program) {
  Bson document;
  document.put_text("a", "caf\xE9");
  EXPECT_EQ(text_at(document.get(), "a"), "caf?");
}

}  // namespace
}  // namespace penstock::mongo
