// Documents and position become durable together, once, whatever the network does.
#include <gmock/gmock.h>

#include <thread>

#include "integration/sink_mongo/sink_fixture.h"

namespace penstock::mongo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class CommitTest : public testing::SinkFixture {
 protected:
  std::int64_t stored(const char* field, const char* lane = "shop") {
    return long_at(one(kPositions, Bson().put_text("_id", lane)).get(), field).value_or(-1);
  }
  std::unique_ptr<StagedGroup> stage(DocumentSink& sink, WriteGroup group) {
    auto staged = sink.stage(std::move(group));
    EXPECT_TRUE(staged) << staged.error().text();
    return std::move(*staged);
  }
};

TEST_F(CommitTest, writes_every_kind_and_the_position) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "x").insert(2, "b", "y").insert(3, "c", "z").take(100));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(2, "b/y"), Pair(3, "c/z")));
  commit(*sink, group_.patch(1, "A", {}).remove(2).replace(3, "C", "Z").replace(4, "d", "w").take(200));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "A/x"), Pair(3, "C/Z"), Pair(4, "d/w")));
  EXPECT_EQ(stored("commit_lsn"), 200);
  EXPECT_EQ(stored("through_lsn"), 208);
  EXPECT_EQ(stored("ordinal"), 4);
  EXPECT_EQ(stored("sequence"), 2);
  EXPECT_EQ(stored("last_commit_micros"), 200);
}

TEST_F(CommitTest, a_mere_position_is_stored) {
  const auto sink = open_sink();
  commit(*sink, group_.take(300));
  EXPECT_EQ(stored("through_lsn"), 308);
}

TEST_F(CommitTest, a_commit_whose_answer_is_lost_is_found_out_and_not_repeated) {
  const auto sink = open_sink();
  const auto staged = stage(*sink, group_.insert(1, "a", "x").patch(9, "n", {}).take(100));
  // The server commits, and says each time that it does not know.
  fail_command(
      R"({"times": 20})",
      R"({"failCommands": ["commitTransaction"], "writeConcernError": {"code": 64, "errmsg": "timed out"}})");
  const auto first = sink->lane(0).commit(*staged);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, ErrorKind::kMongoUnavailable);
  no_fail_command();
  EXPECT_EQ(stored("sequence"), 1) << "the fail point did not let the commit through";
  const auto second = sink->lane(0).commit(*staged);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(stored("sequence"), 1);
  EXPECT_FALSE(second->duplicates);
  ASSERT_EQ(second->rereads.size(), 1U) << "what the first try stored is answered by the second";
  commit(*sink, group_.insert(2, "b", "y").take(200));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(2, "b/y")));
}

TEST_F(CommitTest, a_commit_that_never_arrived_is_repeated) {
  const auto sink = open_sink();
  const auto staged = stage(*sink, group_.insert(1, "a", "x").take(100));
  fail_command(R"({"times": 20})", R"({"failCommands": ["commitTransaction"], "closeConnection": true})");
  const auto first = sink->lane(0).commit(*staged);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, ErrorKind::kMongoUnavailable) << first.error().text();
  EXPECT_THAT(notes(), IsEmpty());
  no_fail_command();
  const auto second = sink->lane(0).commit(*staged);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x")));
  EXPECT_EQ(stored("sequence"), 1);
}

TEST_F(CommitTest, a_connection_lost_on_the_way_leaves_nothing_behind) {
  const auto sink = open_sink();
  for (const char* failing : {"update", "insert", "delete"}) {
    const auto staged = stage(*sink, group_.insert(1, "a", "x").remove(2).patch(1, "b", {}).take(100));
    fail_command(R"({"times": 1})",
                 std::string(R"({"failCommands": [")") + failing + R"("], "closeConnection": true})");
    const auto first = sink->lane(0).commit(*staged);
    ASSERT_FALSE(first) << failing;
    EXPECT_EQ(first.error().kind, ErrorKind::kMongoUnavailable) << first.error().text();
    EXPECT_THAT(notes(), IsEmpty()) << failing;
    no_fail_command();
  }
  commit(*sink, group_.insert(1, "a", "x").take(100));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x")));
}

TEST_F(CommitTest, conflicts_are_tried_again_at_once) {
  const auto sink = open_sink();
  fail_command(
      R"({"times": 2})",
      R"({"failCommands": ["insert"], "errorCode": 112, "errorLabels": ["TransientTransactionError"]})");
  commit(*sink, group_.insert(1, "a", "x").take(100));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x")));
}

TEST_F(CommitTest, an_unknown_position_write_is_found_out) {
  const auto sink = open_sink();
  const auto staged = stage(*sink, group_.take(100));
  fail_command(R"({"times": 5})",
               R"({"failCommands": ["update"], "writeConcernError": {"code": 64, "errmsg": "timed out"}})");
  ASSERT_FALSE(sink->lane(0).commit(*staged));
  no_fail_command();
  ASSERT_TRUE(sink->lane(0).commit(*staged));
  EXPECT_EQ(stored("sequence"), 1);
  EXPECT_EQ(stored("through_lsn"), 108);
}

TEST_F(CommitTest, readers_see_all_of_a_group_or_nothing) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "0", "x").insert(2, "0", "x").take(100));
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::atomic<int> looks = 0;
  std::thread reader([&] {
    Connection connection(*Clients::open(uri_));
    while (!done) {
      Find find;
      find.read_concern = "snapshot";
      const auto found = connection.find(database_, "things", find, nullptr, "testing");
      if (!found || found->size() != 2) continue;
      ++looks;
      torn += text_at((*found)[0].get(), "name") != text_at((*found)[1].get(), "name") ? 1 : 0;
    }
  });
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const std::string name = std::to_string(i);
    commit(*sink, group_.patch(1, name, {}).patch(2, name, {}).take(100 + i * 10));
  }
  done = true;
  reader.join();
  EXPECT_GT(looks, 10);
  EXPECT_EQ(torn, 0);
}

TEST_F(CommitTest, a_position_that_somebody_else_changed_stops_the_writer) {
  const auto sink = open_sink();
  json_command(database_, R"({"update": "penstock_positions", "updates": [{"q": {"_id": "shop"},
                              "u": {"$set": {"commit_lsn": {"$numberLong": "77"}}}}]})");
  const auto staged = stage(*sink, group_.insert(1, "a", "x").take(100));
  const auto done = sink->lane(0).commit(*staged);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kDivergence);
  EXPECT_THAT(notes(), IsEmpty());
}

TEST_F(CommitTest, a_chunk_is_recorded_with_its_rows_and_forgotten_when_the_table_is_loaded) {
  const auto sink = open_sink();
  TableCheckpoint table;
  table.table = "public.things";
  table.state = LoadState::kLoading;
  table.load_id = 1;
  table.upper = KeyText{"9"};
  WriteGroup begin;
  begin.step = LoadStep{table};
  commit(*sink, std::move(begin));

  WriteGroup chunk = group_.insert(1, "a", "x").take();
  chunk.chunk = ChunkResult{"public.things", 1, DoneChunk{0, std::nullopt, {"5"}, 1}, false, {}};
  commit(*sink, std::move(chunk), 1);
  EXPECT_EQ(stored("sequence", "shop/load-1"), 1);
  auto reader = open_reader();
  auto checkpoint = reader->read_checkpoint();
  ASSERT_TRUE(checkpoint);
  ASSERT_EQ(checkpoint->tables.at("public.things").done.size(), 1U);
  EXPECT_EQ(checkpoint->tables.at("public.things").done[0].to, KeyText{"5"});

  table.state = LoadState::kLoaded;
  WriteGroup end;
  end.step = LoadStep{table};
  commit(*sink, std::move(end));
  checkpoint = reader->read_checkpoint();
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->tables.at("public.things").state, LoadState::kLoaded);
  EXPECT_THAT(checkpoint->tables.at("public.things").done, IsEmpty());
  EXPECT_THAT(documents(kChunks), IsEmpty());
}

TEST_F(CommitTest, twelve_megabytes_in_one_transaction) {
  const auto sink = open_sink();
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 12; ++i) group_.insert(i, "a", large);
  commit(*sink, group_.take(100));
  EXPECT_EQ(notes().size(), 12U);
}

}  // namespace
}  // namespace penstock::mongo
