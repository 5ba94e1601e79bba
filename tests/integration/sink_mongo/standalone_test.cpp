// A server without transactions: idempotent delivery.
#include <gmock/gmock.h>

#include "integration/sink_mongo/sink_fixture.h"

namespace penstock::mongo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class StandaloneTest : public testing::SinkFixture {
 protected:
  StandaloneTest() : SinkFixture("PENSTOCK_TEST_MONGODB_STANDALONE") {}
  Options allowed() const {
    Options options = this->options();
    options.allow_standalone = true;
    return options;
  }
};

TEST_F(StandaloneTest, is_refused_unless_allowed) {
  const auto sink = make_sink(options());
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind, ErrorKind::kConfiguration);
  EXPECT_THAT(sink.error().remedy, HasSubstr("delivery: idempotent"));
}

TEST_F(StandaloneTest, a_replay_after_a_crash_before_the_position_converges) {
  const auto sink = open_sink(allowed());
  commit(*sink, group_.insert(1, "a", "long").insert(2, "b", "y").take(100));
  // The documents are written, the position is not: the next writer gets the group again.
  const auto changes = [&] {
    return group_.insert(3, "c", "z")
        .patch(1, "A", {})
        .remove(2)
        .insert(4, "d", "w")
        .carry(1, 5, "e", {})
        .take(200);
  };
  fail_command(R"({"times": 5})", R"({"failCommands": ["update"], "namespace": ")" + database_ +
                                      R"(.penstock_positions", "errorCode": 91})");
  const auto staged = sink->stage(changes());
  const auto done = sink->lane(0).commit(**staged);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kMongoUnavailable);
  no_fail_command();
  EXPECT_EQ(notes().size(), 3U) << "the documents came first";
  const auto next = open_sink(allowed());
  const CommitResult replayed = commit(*next, changes());
  EXPECT_THAT(notes(), ElementsAre(Pair(3, "c/z"), Pair(4, "d/w"), Pair(5, "e/long")));
  ASSERT_EQ(replayed.rereads.size(), 1U) << "its old document is gone: PostgreSQL is asked for the row";
  EXPECT_EQ(replayed.rereads[0].key, KeyText{"5"});
}

TEST_F(StandaloneTest, an_old_writer_is_fenced) {
  const auto first = open_sink(allowed());
  const auto second = open_sink(allowed());
  const auto staged = first->stage(group_.insert(1, "a", "x").take(100));
  const auto done = first->lane(0).commit(**staged);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kFenced);
  EXPECT_TRUE(notes().empty());
  commit(*second, group_.insert(1, "a", "x").clear().insert(2, "b", "y").take(100));
  EXPECT_THAT(notes(), ElementsAre(Pair(2, "b/y")));
  EXPECT_EQ(*open_reader()->includes(Lsn{108}), true);
}

}  // namespace
}  // namespace penstock::mongo
