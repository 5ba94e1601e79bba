// PostgresSource's own: the stream and its loads. Its parts: opening (postgres_source.cpp), the stream
// (streaming.cpp), tables that change meanwhile (table_changes.cpp).
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "source/postgres/catalog_watch.h"
#include "source/postgres/event_builder.h"
#include "source/postgres/load/loader.h"
#include "source/postgres/postgres_source.h"
#include "source/postgres/replication_stream.h"
#include "source/postgres/snapshot/keyless_load.h"
#include "source/postgres/wake.h"

namespace penstock::postgres {

class PostgresSource final : public Source {
 public:
  explicit PostgresSource(SourceOptions options) : options_(std::move(options)) {}

  Result<Start> open(const Checkpoint& checkpoint) override;
  Status run(std::stop_token stop, const Offer& offer) override;

  void acknowledge(const Position& position) override {
    acknowledged_.store(position.flushable().value, std::memory_order_release);
  }
  void chunk_committed(const ChunkResult& chunk) override {
    if (!keyless_.has(chunk.table)) loader_->chunk_committed(chunk);
  }
  void reread(std::vector<Reread> rows) override { loader_->reread(std::move(rows)); }
  void sweep_finished(const std::string& table) override { loader_->sweep_finished(table); }
  void reload(const std::string& table) override {
    const std::lock_guard lock(mutex_);
    reload_.insert(table);
    if (watch_) watch_->look_now();
  }
  Lsn end_at_start() const override { return Lsn{end_at_start_.load()}; }
  bool loads_done() const override {
    const std::lock_guard lock(mutex_);
    return reload_.empty() && !keyless_due_ && loader_->done();
  }
  std::vector<LoadProgress> progress() const override { return loader_->progress(); }

  using Clock = std::chrono::steady_clock;

 private:
  Status describe_tables();
  Result<SlotDescription> prepare_slot(const Checkpoint& checkpoint, const ServerDescription& server);
  Status connect(const Offer& offer);
  Status stream_until_stopped(std::stop_token stop, const Offer& offer);
  Status receive();
  Status feedback();
  void deliver(const Offer& offer);
  void collect_batches();
  void collect_loads();
  void push_step(const TableCheckpoint& table);  // to be stored
  void look_at_catalog();
  void look_at_table(TableDescription description, const std::set<std::uint32_t>& empty_leaves);
  void begin_load(TableDescription description, TableCheckpoint checkpoint);
  void take_in(TableDescription description, const TableCheckpoint& before);
  void set_problem(const std::string& table, const std::string& problem);
  TableCheckpoint* checkpoint_of(const std::string& table);
  void meet_stranger(const TableName& table, std::uint32_t oid);
  void watch_catalog();
  bool take_reload_request(const std::string& table);
  void watch(std::unique_ptr<CatalogWatch> next) {
    const std::lock_guard lock(mutex_);
    watch_.swap(next);
  }

  SourceOptions options_;
  Wake wake_;
  std::optional<Connection> catalog_;
  TableBook tables_;
  KeylessLoad keyless_;
  std::map<std::string, TableCheckpoint> loads_;  // what each table's newest load is made with
  Start start_;
  ServerDescription server_;
  std::unique_ptr<Loader> loader_;
  std::unique_ptr<CatalogLookup> lookup_;
  std::unique_ptr<RelationCache> relations_;
  std::unique_ptr<EventBuilder> builder_;
  std::unique_ptr<CatalogWatch> watch_;

  // The stream's thread.
  std::optional<ReplicationStream> stream_;
  std::deque<EventBatchPtr> pending_;  // handled, not yet taken by the consumer
  Lsn received_, reported_;
  Clock::time_point last_feedback_;
  bool reply_now_ = false;
  bool begin_again_ = false;  // the stream, so that it announces its tables anew
  bool drained_ = false;

  // Any thread.
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> end_at_start_{0};
  std::atomic<bool> keyless_due_{false};
  mutable std::mutex mutex_;
  std::set<std::string> reload_;  // guarded by mutex_
};

}  // namespace penstock::postgres
