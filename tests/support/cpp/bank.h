// A little bank for tests of a leg without servers: transfers between accounts whose sum is constant. Source,
// projector and sink are fakes; what is tested is what lies between them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "projection/projector.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock::test {

inline constexpr std::int64_t kAccounts = 20;
inline constexpr std::int64_t kBalance = 100;

inline std::shared_ptr<const TableSchema> bank_schema() {
  static const auto schema = [] {
    auto made = std::make_shared<TableSchema>();
    made->table = {"public", "accounts"};
    made->columns = {{"id", 20, -1, "bigint"}, {"balance", 20, -1, "bigint"}};
    made->key = {0};
    return made;
  }();
  return schema;
}

// History: transaction n commits at LSN 100 n, ends at 100 n + 10 and changes `sizes[n]` rows.
class BankSource final : public Source {
 public:
  explicit BankSource(std::uint64_t seed, std::size_t transactions) {
    std::mt19937_64 random(seed);
    std::map<std::int64_t, std::int64_t> now;
    for (std::size_t n = 1; n <= transactions; ++n) {
      std::vector<Row> rows;
      if (n == 1) {
        for (std::int64_t id = 0; id < kAccounts; ++id)
          rows.push_back({EventKind::kInsert, id, now[id] = kBalance});
      } else {
        const std::size_t transfers = random() % 20 == 0 ? 60 : 1 + random() % 3;
        for (std::size_t i = 0; i < transfers; ++i) {
          const auto from = static_cast<std::int64_t>(random() % kAccounts);
          const auto to = static_cast<std::int64_t>(random() % kAccounts);
          const auto amount = static_cast<std::int64_t>(random() % 10);
          rows.push_back({EventKind::kUpdate, from, now[from] -= amount});
          rows.push_back({EventKind::kUpdate, to, now[to] += amount});
        }
      }
      for (const Row& row : rows) ++changes[row.id];
      history_.push_back(std::move(rows));
    }
    balances = now;
  }

  Result<Start> open(const Checkpoint& checkpoint) override {
    from_ = checkpoint.position;
    return Start{{1, 1, "slot", "publication"}, from_};
  }

  Status run(std::stop_token stop, const Offer& offer) override {
    for (std::size_t n = 1; n <= history_.size() && !stop.stop_requested(); ++n) {
      const Lsn commit{100 * n};
      if (commit < from_.through_lsn) continue;
      const std::uint64_t skip = commit == from_.commit_lsn && from_.inside_transaction() ? from_.ordinal : 0;
      for (auto& batch : batches_of(n, skip))
        while (!offer(batch))
          if (stop.stop_requested()) return {};
    }
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }

  void acknowledge(const Position& position) override {
    const std::lock_guard lock(mutex_);
    acknowledged = position;
  }
  void chunk_committed(const ChunkResult&) override {}
  void reread(std::vector<Reread>) override {}
  void sweep_finished(const std::string&) override {}
  void reload(const std::string&) override {}
  Lsn end_at_start() const override { return Lsn{100 * history_.size() + 10}; }
  bool loads_done() const override { return true; }
  std::vector<LoadProgress> progress() const override { return {}; }

  std::map<std::int64_t, std::int64_t> balances;  // at the end of history
  std::map<std::int64_t, std::int64_t> changes;   // how often each account was changed
  Position acknowledged;

 private:
  struct Row {
    EventKind kind;
    std::int64_t id, balance;
  };

  // A transaction is cut into batches of a few events, as a socket that runs dry would.
  std::vector<EventBatchPtr> batches_of(std::size_t n, std::uint64_t skip) {
    std::vector<EventBatchPtr> batches;
    const Lsn before{n == 1 ? 0 : 100 * (n - 1) + 10};
    const auto& rows = history_[n - 1];
    auto next = [&]() -> EventBatch& {
      if (batches.empty() || batches.back()->events.size() >= 7)
        batches.push_back(std::make_shared<EventBatch>());
      return *batches.back();
    };
    for (std::size_t i = skip; i < rows.size(); ++i) {
      EventBatch& batch = next();
      batch.schemas = {bank_schema()};
      Value* values = batch.arena.array<Value>(2);
      values[0] = rows[i].id;
      values[1] = rows[i].balance;
      Event event;
      event.kind = rows[i].kind;
      event.schema = bank_schema().get();
      event.after = values;
      event.position = {Lsn{100 * n}, i + 1, before};
      batch.events.push_back(event);
    }
    Event commit;
    commit.kind = EventKind::kCommit;
    commit.position = {Lsn{100 * n}, rows.size(), Lsn{100 * n + 10}};
    next().events.push_back(commit);
    return batches;
  }

  std::vector<std::vector<Row>> history_;
  Position from_;
  std::mutex mutex_;
};

class BankProjector final : public Projector {
 public:
  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override {
    for (std::size_t i = first; i < last; ++i) {
      DocumentWrite write;
      write.kind = batch.events[i].kind == EventKind::kInsert ? WriteKind::kInsert : WriteKind::kReplace;
      write.id = batch.events[i].after;
      write.fields = batch.events[i].after;
      group.writes.push_back(write);
    }
    return {};
  }
  std::vector<const DocumentShape*> shapes(const TableSchema&) override { return {}; }
};

// What outlives a process: documents and position, written together.
struct BankStore {
  std::mutex mutex;
  std::map<std::int64_t, std::int64_t> documents;
  Position position;
  bool exists = false;
  std::size_t half_seen = 0;     // states with a broken sum after a group that splits nothing
  std::size_t out_of_order = 0;  // groups that did not continue where the last ended
  int commits_to_live = -1;      // the process dies with the commit that finds 0 left; -1: it lives
};

class BankSink final : public DocumentSink, public DocumentLane {
 public:
  BankSink(BankStore& store, std::uint64_t seed, unsigned failures_in_100)
      : store_(store), random_(seed), failures_(failures_in_100) {}

  Status lead(std::stop_token) override { return {}; }
  Result<Checkpoint> take_over() override {
    Checkpoint checkpoint;
    checkpoint.exists = store_.exists;
    checkpoint.position = store_.position;
    checkpoint.source = {1, 1, "slot", "publication"};
    return checkpoint;
  }
  Status store_source(const SourceIdentity&, const Position& position) override {
    store_.exists = true;
    store_.position = position;
    return {};
  }
  Result<Requests> requests() override { return Requests{}; }
  Status rebuild_begun(const std::string&) override { return {}; }
  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    return std::unique_ptr<StagedGroup>(new Staged(std::move(group)));
  }
  DocumentLane& lane(std::size_t) override { return *this; }
  std::size_t lanes() const override { return 1; }
  Result<SweepPage> sweep(const DocumentShape&, const std::string&, std::size_t) override {
    return SweepPage{};
  }

  Result<CommitResult> commit(StagedGroup& staged) override {
    const WriteGroup& group = staged.group();
    const std::lock_guard lock(store_.mutex);
    const bool fails = random_() % 100 < failures_;
    const bool after = random_() % 2 == 0;
    if (store_.commits_to_live == 0) return fail(ErrorKind::kInternal, "killed");
    if (store_.commits_to_live > 0) --store_.commits_to_live;
    if (fails && !after) return fail(ErrorKind::kMongoUnavailable, "no primary");
    if (!group.position || store_.position != *group.position) apply(group);
    if (fails) return fail(ErrorKind::kMongoUnavailable, "commit with unknown result");
    return CommitResult{};
  }

 private:
  class Staged final : public StagedGroup {
   public:
    explicit Staged(WriteGroup group) : group_(std::move(group)) {}
    std::size_t bytes() const override { return group_.bytes; }
    std::size_t writes() const override { return group_.writes.size(); }
    const WriteGroup& group() const override { return group_; }

   private:
    WriteGroup group_;
  };

  void apply(const WriteGroup& group) {
    if (group.position && *group.position < store_.position) ++store_.out_of_order;
    for (const auto& write : group.writes)
      store_.documents[*write.id[0].get<std::int64_t>()] = *write.fields[1].get<std::int64_t>();
    if (!group.position) return;
    store_.position = *group.position;
    std::int64_t sum = 0;
    for (const auto& [id, balance] : store_.documents) sum += balance;
    if (!group.position->inside_transaction() && sum != kAccounts * kBalance) ++store_.half_seen;
  }

  BankStore& store_;
  std::mt19937_64 random_;
  unsigned failures_;
};

}  // namespace penstock::test
