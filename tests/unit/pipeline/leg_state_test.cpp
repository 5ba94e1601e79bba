// A leg whose projector keeps state: through kills at any commit each event reaches the state exactly once.
#include <gtest/gtest.h>

#include <set>

#include "pipeline/leg.h"
#include "support/cpp/bank.h"

namespace penstock {
namespace {

using test::bank_schema;

// What outlives the process of a projector that counts changes.
struct CounterFile {
  std::map<std::int64_t, std::int64_t> counts;
  std::set<std::int64_t> pending;
  std::optional<Position> position;
  std::size_t ahead_of_sink = 0;
};

// A document says how often its account was changed: an event taken twice or left out shows at the end.
class Counter final : public Projector {
 public:
  Counter(CounterFile& file, test::BankStore& store) : file_(file), store_(store) {}

  bool keeps_state() const override { return true; }
  Result<Position> open(const Checkpoint& checkpoint) override {
    counts_ = file_.counts;
    pending_ = file_.pending;
    if (!file_.position) file_.position = checkpoint.position;
    return *file_.position;
  }
  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup&) override {
    return replay(batch, first, last);
  }
  Status replay(const EventBatch& batch, std::size_t first, std::size_t last) override {
    for (std::size_t i = first; i < last; ++i) {
      if (batch.events[i].after == nullptr) continue;
      const std::int64_t id = *batch.events[i].after[0].get<std::int64_t>();
      ++counts_[id];
      due_.insert(id);
    }
    return {};
  }
  std::vector<const DocumentShape*> shapes(const TableSchema&) override { return {}; }
  std::size_t documents_due() const override { return due_.size(); }
  // A few at once, the rest in steps.
  Status close(WriteGroup& group) override {
    pending_.merge(due_);
    due_.clear();
    return take(3, group);
  }
  bool has_pending() const override { return !pending_.empty(); }
  Status step(const Position&, WriteGroup& group) override { return take(2, group); }
  PendingDocuments pending() const override {
    return pending_.empty() ? PendingDocuments{} : PendingDocuments{Lsn{1}, {}};
  }
  Status save(const Position& position, const Places&) override {
    const std::lock_guard lock(store_.mutex);
    if (store_.position < position) ++file_.ahead_of_sink;
    file_.counts = counts_;
    file_.pending = pending_;
    file_.position = position;
    return {};
  }
  std::optional<Position> saved() const override { return file_.position; }

 private:
  Status take(std::size_t many, WriteGroup& group) {
    for (; many > 0 && !pending_.empty(); --many) {
      const std::int64_t id = *pending_.begin();
      pending_.erase(pending_.begin());
      Value* values = group.arena.array<Value>(2);
      values[0] = id;
      values[1] = counts_[id];
      DocumentWrite write;
      write.kind = WriteKind::kReplace;
      write.id = values;
      write.fields = values;
      group.writes.push_back(write);
    }
    return {};
  }

  CounterFile& file_;
  test::BankStore& store_;
  std::map<std::int64_t, std::int64_t> counts_;
  std::set<std::int64_t> due_, pending_;
};

LegOptions small_groups() {
  LegOptions options;
  options.limits = {20, 1U << 20, 40, 1U << 20};
  options.queue_bytes = 64U << 10;
  options.save_interval = std::chrono::milliseconds(3);
  options.until_current = true;
  return options;
}

class LegState : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(LegState, EachEventReachesTheStateOnceThroughKillsAtAnyCommit) {
  test::BankStore store;
  CounterFile file;
  std::mt19937_64 random(GetParam());
  for (int life = 0; life < 12; ++life) {
    test::BankSource source(GetParam(), 400);
    Counter projector(file, store);
    test::BankSink sink(store, random(), 5);
    store.commits_to_live = life == 11 ? -1 : static_cast<int>(random() % 8);
    const auto outcome = run_leg(source, projector, sink, small_groups(), {});
    ASSERT_EQ(outcome.has_value(), store.commits_to_live != 0) << "life " << life;
    // PostgreSQL must keep what the state has not got.
    EXPECT_LE(source.acknowledged, *file.position);
    if (outcome) {
      EXPECT_EQ(store.documents, source.changes);
      EXPECT_EQ(source.acknowledged.through_lsn, source.end_at_start());
    }
  }
  EXPECT_EQ(file.ahead_of_sink, 0U);
  EXPECT_EQ(store.out_of_order, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LegState, ::testing::Range<std::uint64_t>(1, 9));

TEST(LegState, StateThatPostgresHasNoWalForIsBegunAnew) {
  class Forgotten final : public Source {
   public:
    Result<Start> open(const Checkpoint& checkpoint) override {
      opened.push_back(checkpoint.position);
      if (checkpoint.position.through_lsn < Lsn{500}) return fail(ErrorKind::kGap, "gone");
      return Start{{1, 1, "slot", "publication"}, checkpoint.position};
    }
    Status run(std::stop_token stop, const Offer&) override {
      while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return {};
    }
    void acknowledge(const Position&) override {}
    void chunk_committed(const ChunkResult&) override {}
    void reread(std::vector<Reread>) override {}
    void sweep_finished(const std::string&) override {}
    void reload(const std::string&) override {}
    Lsn end_at_start() const override { return Lsn{1}; }
    bool loads_done() const override { return true; }
    std::vector<LoadProgress> progress() const override { return {}; }
    std::vector<Position> opened;
  };
  class Old final : public Projector {
   public:
    Status project(const EventBatch&, std::size_t, std::size_t, WriteGroup&) override { return {}; }
    std::vector<const DocumentShape*> shapes(const TableSchema&) override { return {}; }
    Result<Position> open(const Checkpoint&) override { return Position{Lsn{100}, 1, Lsn{110}}; }
    Status forget() override {
      ++forgotten;
      return {};
    }
    int forgotten = 0;
  };
  test::BankStore store;
  store.exists = true;
  store.position = {Lsn{600}, 1, Lsn{610}};
  Forgotten source;
  Old projector;
  test::BankSink sink(store, 1, 0);
  ASSERT_TRUE(run_leg(source, projector, sink, small_groups(), {}));
  EXPECT_EQ(projector.forgotten, 1);
  ASSERT_EQ(source.opened.size(), 2U);
  EXPECT_EQ(source.opened.back(), store.position);
}

}  // namespace
}  // namespace penstock
