// The decorator between a source and its leg: who is told what, and when.
#include "journal/journaled_source.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "journal_fixture.h"

namespace penstock::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Gives the batches it is told to, and remembers what may be forgotten.
class FakeSource final : public Source {
 public:
  Result<Start> open(const Checkpoint& checkpoint) override {
    opened.push_back(checkpoint.position.through_lsn.value);
    if (checkpoint.exists && checkpoint.position.through_lsn < forgotten)
      return fail(ErrorKind::kGap, "the slot is beyond");
    return Start{{77, timeline, "slot", "publication"}, {{}, 0, checkpoint.position.through_lsn}};
  }
  Status run(std::stop_token stop, const Offer& offer) override {
    for (EventBatchPtr& batch : batches)
      while (!offer(batch))
        if (stop.stop_requested()) return {};
    while (!stop.stop_requested() && !ended()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }
  void acknowledge(const Position& position) override { acknowledged = position.flushable().value; }
  void chunk_committed(const ChunkResult&) override {}
  void reread(std::vector<Reread>) override {}
  void sweep_finished(const std::string&) override {}
  void reload(const std::string&) override {}
  Lsn end_at_start() const override { return {}; }
  bool loads_done() const override { return true; }
  std::vector<LoadProgress> progress() const override { return {}; }

  std::vector<EventBatchPtr> batches;
  std::function<bool()> ended = [] { return true; };
  std::vector<std::uint64_t> opened;
  Lsn forgotten;
  std::uint32_t timeline = 1;
  std::atomic<std::uint64_t> acknowledged{0};
};

class JournaledSourceTest : public JournalTest {
 protected:
  // A run of a source with these batches, for a consumer that stands at `position` and takes everything.
  std::vector<std::string> run(std::vector<EventBatchPtr> batches, std::uint64_t position,
                               bool exists = true) {
    auto owned = std::make_unique<FakeSource>();
    FakeSource& fake = *owned;
    fake.batches = std::move(batches);
    fake.forgotten = forgotten_;
    fake.ended = [&] { return fake.acknowledged == end_ || end_ == 0; };
    auto source = make_journaled_source(std::move(owned), options_);
    Checkpoint checkpoint;
    checkpoint.exists = exists;
    checkpoint.position = {{}, 0, Lsn{position}};
    checkpoint.source.system_identifier = 77;
    const auto start = source->open(checkpoint);
    EXPECT_TRUE(start);
    std::vector<std::string> said;
    EXPECT_TRUE(source->run({}, [&](EventBatchPtr& batch) {
      describe(*batch, said);
      if (!batch->events.empty() && !batch->chunk) source->acknowledge(batch->events.back().position);
      return true;
    }));
    opened_ = fake.opened;
    acknowledged_ = fake.acknowledged;
    return said;
  }

  std::uint64_t end_ = 0;
  Lsn forgotten_;
  std::vector<std::uint64_t> opened_;
  std::uint64_t acknowledged_ = 0;
};

TEST_F(JournaledSourceTest, WhatIsForgottenIsInTheJournal) {
  const std::vector<EventBatchPtr> batches = {step(LoadState::kLoading), chunk({1, 2}),
                                              step(LoadState::kLoaded), stream({{100, {3}}}),
                                              stream({{200, {4}}})};
  end_ = 208;
  EXPECT_EQ(run(batches, 50, false).size(), 8U);
  EXPECT_EQ(acknowledged_, 208U);
  EXPECT_EQ(open()->position().through_lsn, Lsn{208});
  EXPECT_EQ(replayed().size(), 9U);
}

TEST_F(JournaledSourceTest, AChunkGoesOnOnlyOnceItIsDurable) {
  auto owned = std::make_unique<FakeSource>();
  owned->batches = {step(LoadState::kLoading), chunk({1, 2})};
  auto source = make_journaled_source(std::move(owned), options_);
  ASSERT_TRUE(source->open(Checkpoint{}));
  int seen = 0;
  ASSERT_TRUE(source->run({}, [&](EventBatchPtr& batch) {
    const auto found = outline(options_.folder, Tail::kVerified);
    if (batch->chunk)
      seen += found && found->blocks.back().place.header.kind == BlockKind::kChunk ? 1 : 0;
    else
      seen += found && found->blocks.back().place.header.kind == BlockKind::kStep ? 1 : 0;
    return true;
  }));
  EXPECT_EQ(seen, 2);
}

// The journal is behind: it was killed before it had what the sink had.
TEST_F(JournaledSourceTest, BothGoOnFromTheEarlierPosition) {
  run({step(LoadState::kLoading), chunk({1, 2}), step(LoadState::kLoaded), stream({{100, {3}}})}, 50, false);
  through_ = 108;
  const auto again = stream({{200, {4}}, {300, {5}}, {400, {6}}});
  EXPECT_THAT(run({again}, 308), ElementsAre("insert 6", "commit 400"));
  EXPECT_THAT(opened_, ElementsAre(108U));
  EXPECT_EQ(replayed().size(), 13U);
  // The sink is behind.
  through_ = 208;
  EXPECT_THAT(run({stream({{300, {5}}, {400, {6}}, {500, {7}}})}, 208),
              ElementsAre("insert 5", "commit 300", "insert 6", "commit 400", "insert 7", "commit 500"));
  EXPECT_THAT(opened_, ElementsAre(208U));
  EXPECT_EQ(replayed().size(), 15U);
}

TEST_F(JournaledSourceTest, AGapIsSeen) {
  run({step(LoadState::kLoading), chunk({1, 2}), step(LoadState::kLoaded), stream({{100, {3}}})}, 50, false);
  forgotten_ = Lsn{308};
  through_ = 308;
  EXPECT_EQ(run({stream({{400, {6}}})}, 308).size(), 2U);
  EXPECT_THAT(opened_, ElementsAre(108U, 308U));
  EXPECT_THAT(replayed()[0], HasSubstr("cannot prove"));
  EXPECT_EQ(replayed({Lsn{108}, std::nullopt}).size(), 7U) << "what lies before it is as good as ever";
  EXPECT_THAT(replayed({Lsn{200}, std::nullopt})[0], HasSubstr("cannot prove"))
      << "within it nothing is known";
}

TEST_F(JournaledSourceTest, NothingIsForgottenThatCannotBeWritten) {
  options_.segment_bytes = 1;  // each needs a segment of its own
  auto owned = std::make_unique<FakeSource>();
  FakeSource& fake = *owned;
  fake.batches = {step(LoadState::kLoading), chunk({1, 2}), step(LoadState::kLoaded), stream({{100, {3}}})};
  fake.ended = [] { return false; };
  auto source = make_journaled_source(std::move(owned), options_);
  ASSERT_TRUE(source->open(Checkpoint{}));
  int taken = 0;
  const Status outcome = source->run({}, [&](EventBatchPtr& batch) {
    if (++taken == 1) {
      const auto numbers = list_segments(options_.folder);
      std::ofstream(segment_path(options_.folder, numbers->back() + 1)) << "somebody else's";
    }
    if (!batch->events.empty() && !batch->chunk) source->acknowledge(batch->events.back().position);
    return true;
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kFenced);
  EXPECT_EQ(taken, 1) << "the chunk waits for the disk";
  EXPECT_EQ(fake.acknowledged, 0U);
}

}  // namespace
}  // namespace penstock::journal
