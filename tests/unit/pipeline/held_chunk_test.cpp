// Chunks of a table whose rows are kept in the state: several are saved at once, and none is recorded before.
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "pipeline/leg.h"
#include "support/cpp/bank.h"

namespace penstock {
namespace {

constexpr std::size_t kChunks = 60;
constexpr std::size_t kRowsAfter = 3;  // chunks between rows of the stream

std::size_t number_of(const ChunkResult& chunk) { return static_cast<std::size_t>(chunk.done.rows); }

// Chunks, and now and then a transaction of one row that changes what a chunk brought.
class ChunkSource final : public Source {
 public:
  Result<Start> open(const Checkpoint& checkpoint) override {
    return Start{{1, 1, "slot", "publication"}, checkpoint.position};
  }
  Status run(std::stop_token stop, const Offer& offer) override {
    for (std::size_t n = 0; n < kChunks; ++n) {
      auto chunk = std::make_shared<EventBatch>();
      chunk->chunk = ChunkResult{"public.accounts", 1, {}, false, {}};
      chunk->chunk->done.rows = n;
      while (!offer(chunk))
        if (stop.stop_requested()) return {};
      auto batch = std::make_shared<EventBatch>();
      if (n % kRowsAfter == 0) batch->events.push_back(row(*batch, n));
      Event commit;
      commit.kind = EventKind::kCommit;
      commit.position = {Lsn{100 * n + 100}, batch->events.size(), Lsn{100 * n + 110}};
      batch->events.push_back(commit);
      while (!offer(batch))
        if (stop.stop_requested()) return {};
    }
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }
  void acknowledge(const Position&) override {}
  void chunk_committed(const ChunkResult&) override { ++committed_; }
  void reread(std::vector<Reread>) override {}
  void sweep_finished(const std::string&) override {}
  void reload(const std::string&) override {}
  Lsn end_at_start() const override { return Lsn{100 * kChunks + 10}; }
  bool loads_done() const override { return committed_ == kChunks; }
  std::vector<LoadProgress> progress() const override { return {}; }

 private:
  static Event row(EventBatch& batch, std::size_t n) {
    batch.schemas = {test::bank_schema()};
    Value* values = batch.arena.array<Value>(2);
    values[0] = static_cast<std::int64_t>(n);
    values[1] = static_cast<std::int64_t>(0);
    Event event;
    event.kind = EventKind::kUpdate;
    event.schema = test::bank_schema().get();
    event.after = values;
    event.position = {Lsn{100 * n + 100}, 1, Lsn{100 * n + 10}};
    return event;
  }
  std::atomic<std::size_t> committed_{0};
};

struct Saved {
  std::mutex mutex;
  std::set<std::size_t> chunks;
};

class ChunkProjector final : public Projector {
 public:
  explicit ChunkProjector(Saved& saved) : saved_(saved) {}
  bool keeps_state() const override { return true; }
  bool keeps(const std::string&) const override { return true; }
  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override {
    if (batch.chunk) chunks_.insert(number_of(*batch.chunk));
    for (std::size_t i = first; i < last; ++i) {
      if (batch.events[i].after == nullptr) continue;
      DocumentWrite write;
      write.kind = WriteKind::kReplace;
      write.id = batch.events[i].after;
      write.fields = batch.events[i].after;
      group.writes.push_back(write);
    }
    return {};
  }
  std::vector<const DocumentShape*> shapes(const TableSchema&) override { return {}; }
  Status save(const Position& position, const Places&) override {
    const std::lock_guard lock(saved_.mutex);
    saved_.chunks = chunks_;
    position_ = position;
    return {};
  }
  std::optional<Position> saved() const override { return position_; }

 private:
  Saved& saved_;
  std::set<std::size_t> chunks_;
  std::optional<Position> position_;
};

// Looks at each commit whether what must come before it has come.
class ChunkSink final : public DocumentSink, public DocumentLane {
 public:
  ChunkSink(test::BankSink& sink, Saved& saved) : sink_(sink), saved_(saved) {}
  Status lead(std::stop_token) override { return {}; }
  Result<Checkpoint> take_over() override { return sink_.take_over(); }
  Status store_source(const SourceIdentity& source, const Position& position) override {
    return sink_.store_source(source, position);
  }
  Result<Requests> requests() override { return Requests{}; }
  Status rebuild_begun(const std::string&) override { return {}; }
  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    return sink_.stage(std::move(group));
  }
  DocumentLane& lane(std::size_t) override { return *this; }
  std::size_t lanes() const override { return 1; }
  Result<SweepPage> sweep(const DocumentShape&, const std::string&, std::size_t) override {
    return SweepPage{};
  }
  Result<CommitResult> commit(StagedGroup& staged) override {
    const WriteGroup& group = staged.group();
    if (group.chunk) {
      const std::lock_guard lock(saved_.mutex);
      too_early += saved_.chunks.contains(number_of(*group.chunk)) ? 0 : 1;
      recorded_.insert(number_of(*group.chunk));
    }
    for (const DocumentWrite& write : group.writes) {
      const auto n = static_cast<std::size_t>(*write.id[0].get<std::int64_t>());
      overtaken += recorded_.contains(n) ? 0 : 1;  // the row was sent after its chunk
    }
    return sink_.commit(staged);
  }
  std::size_t too_early = 0, overtaken = 0;

 private:
  test::BankSink& sink_;
  Saved& saved_;
  std::set<std::size_t> recorded_;
};

TEST(HeldChunks, AreRecordedAfterTheirSaveAndBeforeLaterRows) {
  test::BankStore store;
  test::BankSink bank(store, 1, 0);
  Saved saved;
  ChunkSource source;
  ChunkProjector projector(saved);
  ChunkSink sink(bank, saved);
  LegOptions options;
  options.limits = {20, 1U << 20, 40, 1U << 20};
  options.until_current = true;
  ASSERT_TRUE(run_leg(source, projector, sink, options, {}));
  EXPECT_TRUE(source.loads_done());
  EXPECT_EQ(sink.too_early, 0U);
  EXPECT_EQ(sink.overtaken, 0U);
  EXPECT_EQ(store.documents.size(), kChunks / kRowsAfter);
  EXPECT_EQ(store.position.through_lsn, source.end_at_start());
}

}  // namespace
}  // namespace penstock
