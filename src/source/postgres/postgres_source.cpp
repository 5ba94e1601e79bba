#include "source/postgres/postgres_source.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/retry.h"
#include "source/postgres/catalog_watch.h"
#include "source/postgres/continuity.h"
#include "source/postgres/event_builder.h"
#include "source/postgres/load_plan.h"
#include "source/postgres/reload_reason.h"
#include "source/postgres/replication_stream.h"
#include "source/postgres/snapshot/keyless_load.h"
#include "source/postgres/wake.h"

namespace penstock::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBatchBytes = 256U << 10;
constexpr int kMessagesPerRound = 512;  // between looks at the clock and at other threads
constexpr std::chrono::milliseconds kQuickFeedback{100};

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
  void look_at_catalog();
  void look_at_table(TableDescription description, const std::set<std::uint32_t>& empty_leaves);
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
  bool drained_ = false;

  // Any thread.
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> end_at_start_{0};
  std::atomic<bool> keyless_due_{false};
  mutable std::mutex mutex_;
  std::set<std::string> reload_;  // guarded by mutex_
};

Status PostgresSource::describe_tables() {
  for (const auto& selection : options_.tables) {
    PENSTOCK_ASSIGN(auto described,
                    describe_table(*catalog_, selection.table, options_.publication, selection.key));
    const std::string table = to_string(selection.table);
    if (!described.published)
      return fail(ErrorKind::kConfiguration,
                  "publication " + options_.publication + " does not carry table " + table,
                  "ALTER PUBLICATION " + quote_identifier(options_.publication) + " ADD TABLE " +
                      quoted(selection.table) + ";");
    if (described.schema->key.empty() && !options_.keyless)
      return fail(
          ErrorKind::kConfiguration, "table " + table + " has no primary key",
          "name a unique NOT NULL index's columns under `key:` in the pipeline file and make it the replica "
          "identity: ALTER TABLE " +
              quoted(selection.table) + " REPLICA IDENTITY USING INDEX ...;");
    tables_.insert_or_assign(table, std::move(described));
  }
  return {};
}

Result<SlotDescription> PostgresSource::prepare_slot(const Checkpoint& checkpoint,
                                                     const ServerDescription& server) {
  if (checkpoint.exists && !checkpoint.restart) {
    PENSTOCK_ASSIGN(const auto found, describe_slot(*catalog_, options_.slot));
    PENSTOCK_TRY(check_continuity(checkpoint, server, found, options_.slot));
    return ensure_slot(*catalog_, options_.slot);
  }
  PENSTOCK_ASSIGN(auto slot, describe_slot(*catalog_, options_.slot));
  if (slot.exists && slot.plugin == "pgoutput" &&
      (slot.wal_status == "lost" || !slot.invalidation_reason.empty())) {
    PENSTOCK_TRY(catalog_->query("SELECT pg_drop_replication_slot($1)", {options_.slot}));
    log::warn("dropped the invalidated slot {}", options_.slot);
    slot = SlotDescription{};
  }
  const bool existed = slot.exists;
  PENSTOCK_ASSIGN(slot, ensure_slot(*catalog_, options_.slot));
  if (!existed) return slot;
  if (slot.plugin != "pgoutput" || slot.database != server.database)
    return check_continuity(checkpoint, server, slot, options_.slot).map([&] { return slot; });
  if (options_.load_nothing) return slot;
  // Everything is loaded anew; what the slot kept from before the publication could not even be decoded.
  PENSTOCK_TRY(
      catalog_->query("SELECT pg_replication_slot_advance($1, pg_current_wal_flush_lsn())", {options_.slot}));
  return describe_slot(*catalog_, options_.slot);
}

Result<Source::Start> PostgresSource::open(const Checkpoint& checkpoint) {
  PENSTOCK_ASSIGN(auto opened, Connection::open(options_.url, {false, "penstock catalog", 10}));
  catalog_.emplace(std::move(opened));
  PENSTOCK_ASSIGN(server_, describe_server(*catalog_));
  PENSTOCK_TRY(check_server(server_));
  SlotRequest request{options_.slot, options_.publication, {}, options_.create_publication};
  for (const auto& selection : options_.tables) request.tables.push_back(selection.table);
  PENSTOCK_TRY(ensure_publication(*catalog_, request));
  PENSTOCK_ASSIGN(const auto slot, prepare_slot(checkpoint, server_));
  PENSTOCK_TRY(describe_tables());
  PENSTOCK_ASSIGN(const auto publication, describe_publication(*catalog_, options_.publication));

  start_.identity = {server_.system_identifier, server_.timeline, options_.slot, publication.fingerprint};
  start_.position = checkpoint.position;
  if (!checkpoint.exists || checkpoint.restart) start_.position = Position{{}, 0, slot.confirmed_flush_lsn};
  acknowledged_ = start_.position.flushable().value;

  LoaderOptions loader;
  loader.url = options_.url;
  loader.publication = options_.publication;
  loader.run = to_string(start_.position.through_lsn) + "-" + std::to_string(getpid()) + "-" +
               std::to_string(Clock::now().time_since_epoch().count());
  loader.readers = options_.load_readers;
  loader.chunk_rows = options_.chunk_rows;
  loader.chunk_bytes = options_.chunk_bytes;
  loader_ = std::make_unique<Loader>(std::move(loader), [this] { wake_.ring(); });
  for (const auto& selection : options_.tables) {
    const auto& description = tables_.at(to_string(selection.table));
    TableLoad load = plan_load(selection, description, checkpoint, empty_leaves(*catalog_, description),
                               options_.load_nothing);
    if (description.schema->key.empty()) {
      keyless_.add(selection, std::move(load.checkpoint), options_.load_nothing);
      continue;
    }
    loads_[load.checkpoint.table] = load.checkpoint;
    loader_->add(std::move(load));
  }
  keyless_due_ = keyless_.is_due();
  keyless_.mark(tables_);
  if (!checkpoint.restart) loader_->reread(checkpoint.rereads);
  lookup_ = std::make_unique<CatalogLookup>(*catalog_);
  relations_ = std::make_unique<RelationCache>(*lookup_);
  EventBuilder::Listener listener{[this](const Event& event) { loader_->on_change(event); },
                                  [this](std::uint32_t xid) { loader_->on_commit(xid); },
                                  [this](std::string_view content) { loader_->on_marker(content); },
                                  [this](const std::string& table) { reload(table); }};
  builder_ = std::make_unique<EventBuilder>(*relations_, tables_, std::move(listener), start_.position);
  if (options_.messages) builder_->pass_messages();
  return start_;
}

Status PostgresSource::run(std::stop_token stop, const Offer& offer) {
  const std::stop_callback ring(stop, [this] { wake_.ring(); });
  loader_->start();
  watch(std::make_unique<CatalogWatch>(options_, [this] { wake_.ring(); }));
  Backoff backoff;
  Status outcome;
  while (!stop.stop_requested()) {
    outcome = keyless_.is_due() ? keyless_.read(options_, stop, offer) : Status{};
    keyless_due_ = keyless_.is_due();
    keyless_.mark(tables_);
    if (outcome) outcome = connect(offer);
    if (outcome) {
      backoff.reset();
      outcome = stream_until_stopped(stop, offer);
    }
    stream_.reset();
    if (outcome || (outcome.error().kind != ErrorKind::kPostgresUnavailable &&
                    outcome.error().kind != ErrorKind::kSlotBusy))
      break;
    const auto pause = backoff.next();
    log::warn("{}; connecting again in {} ms", outcome.error().message, pause.count());
    const auto until = Clock::now() + pause;
    while (!stop.stop_requested() && Clock::now() < until) {
      deliver(offer);
      wake_.wait(std::chrono::milliseconds(20));
    }
    outcome = {};
  }
  watch(nullptr);
  if (!outcome && outcome.error().kind == ErrorKind::kCancelled && stop.stop_requested()) return {};
  return outcome;
}

Status PostgresSource::connect(const Offer& offer) {
  deliver(offer);
  if (!catalog_ || !catalog_->execute("SELECT 1")) {
    relations_->forget();
    auto opened = Connection::open(options_.url, {false, "penstock catalog", 10});
    if (!opened) return fail(std::move(opened).error());
    *catalog_ = std::move(*opened);  // in place: the relation cache refers to it
    PENSTOCK_ASSIGN(const auto server, describe_server(*catalog_));
    PENSTOCK_TRY(check_server(server));
    PENSTOCK_ASSIGN(const auto slot, describe_slot(*catalog_, options_.slot));
    Checkpoint now;
    now.exists = true;
    now.source = start_.identity;
    now.position.through_lsn = Lsn{acknowledged_.load()};
    PENSTOCK_TRY(check_continuity(now, server, slot, options_.slot));
  }
  if (end_at_start_ == 0) {
    PENSTOCK_ASSIGN(const Rows rows, catalog_->query("SELECT pg_current_wal_insert_lsn()::text"));
    PENSTOCK_ASSIGN(const Lsn end, parse_lsn(rows.text(0, 0)));
    end_at_start_ = end.value;
  }
  PENSTOCK_ASSIGN(auto stream, ReplicationStream::start({options_.url, options_.slot, options_.publication,
                                                         Lsn{acknowledged_.load()}, "penstock"}));
  stream_.emplace(std::move(stream));
  builder_->restart();
  last_feedback_ = Clock::now();
  reported_ = Lsn{};
  log::info("streaming from slot {} at {}", options_.slot, to_string(Lsn{acknowledged_.load()}));
  return {};
}

Status PostgresSource::stream_until_stopped(std::stop_token stop, const Offer& offer) {
  while (!stop.stop_requested()) {
    PENSTOCK_TRY(loader_->failure());
    look_at_catalog();
    PENSTOCK_TRY(feedback());
    deliver(offer);
    if (!builder_->in_transaction()) collect_loads();
    if (!pending_.empty()) continue;  // back-pressure: offer() has waited
    PENSTOCK_TRY(receive());
    if (drained_ && pending_.empty()) {
      stream_->wait(wake_.fd(), std::chrono::milliseconds(50));
      wake_.clear();
    }
  }
  return {};
}

// Handles what has arrived until a batch is full, a marker's chunk is due, or the socket is drained.
Status PostgresSource::receive() {
  drained_ = false;
  for (int i = 0; i < kMessagesPerRound; ++i) {
    PENSTOCK_ASSIGN(const auto incoming, stream_->next());
    if (!incoming) {
      drained_ = true;
      break;
    }
    if (incoming->keepalive) {
      received_ = std::max(received_, incoming->wal_end);
      reply_now_ = reply_now_ || incoming->reply_requested;
      builder_->keepalive(incoming->wal_end);
      continue;
    }
    PENSTOCK_TRY(builder_->handle(incoming->payload, incoming->lsn));
    if (builder_->take_marker_reached()) {
      collect_batches();
      collect_loads();
      return {};
    }
    if (builder_->bytes() >= kBatchBytes) break;
  }
  if (builder_->bytes() >= kBatchBytes || (drained_ && !builder_->in_transaction())) collect_batches();
  return {};
}

void PostgresSource::collect_batches() {
  if (auto batch = builder_->cut()) pending_.push_back(std::move(batch));
}

void PostgresSource::collect_loads() {
  while (auto batch = loader_->take()) {
    collect_batches();
    for (Event& event : batch->events) {
      event.lsn = builder_->handled().through_lsn;
      event.last_commit = event.lsn;
      event.transaction = builder_->last_transaction();
    }
    if (batch->step) loads_[batch->step->table.table].state = batch->step->table.state;
    pending_.push_back(std::move(batch));
  }
}

void PostgresSource::deliver(const Offer& offer) {
  while (!pending_.empty() && offer(pending_.front())) pending_.pop_front();
}

Status PostgresSource::feedback() {
  const auto now = Clock::now();
  const Lsn flushed{acknowledged_.load(std::memory_order_acquire)};
  const auto third = server_.wal_sender_timeout_ms == 0 ? 10000U : server_.wal_sender_timeout_ms / 3;
  const auto since = now - last_feedback_;
  const bool due = reply_now_ || since >= std::chrono::milliseconds(std::min(third, 10000U)) ||
                   (flushed > reported_ && since >= kQuickFeedback);
  if (!due) return {};
  received_ = std::max({received_, flushed, builder_->handled().through_lsn});
  PENSTOCK_TRY(stream_->send_status(received_, flushed, false));
  reply_now_ = false;
  reported_ = flushed;
  last_feedback_ = now;
  return {};
}

bool PostgresSource::take_reload_request(const std::string& table) {
  const std::lock_guard lock(mutex_);
  return reload_.erase(table) > 0;
}

void PostgresSource::look_at_catalog() {
  const auto look = watch_->take();
  if (!look) return;
  for (auto& description : look->tables) look_at_table(std::move(description), look->empty_leaves);
}

void PostgresSource::look_at_table(TableDescription description,
                                   const std::set<std::uint32_t>& empty_leaves) {
  const std::string table = to_string(description.schema->table);
  if (keyless_.has(table))
    return;  // what sends no rows cannot be made up for: without a key nothing is replaced
  const auto selection = std::find_if(options_.tables.begin(), options_.tables.end(),
                                      [&](const auto& one) { return to_string(one.table) == table; });
  TableCheckpoint& load = loads_.at(table);
  const std::string fingerprint = load_fingerprint(description.fingerprint, definition_of(*selection));
  const bool asked = take_reload_request(table);
  const auto reason = reload_reason(load.fingerprint, fingerprint, empty_leaves);
  if (!asked && !reason && load.fingerprint == fingerprint) return;
  if (description.schema->key.empty() || !description.published) {
    log::error("table {} {}; its documents stay as they are until that is mended", table,
               description.published ? "has lost its key" : "has left the publication");
    return;
  }
  tables_.insert_or_assign(table, description);
  if (asked || reason) {
    log::warn("table {} is loaded again: {}", table,
              reason ? *reason : "it was asked for, or a partition was truncated");
    load = next_load(load, fingerprint);
    loader_->add({std::move(description), load, true});
    return;
  }
  if (load.state != LoadState::kLoaded) return;  // noticed again once it is
  load.fingerprint = fingerprint;
  auto step = std::make_shared<EventBatch>();
  step->step = LoadStep{load};
  collect_batches();
  pending_.push_back(std::move(step));
}

}  // namespace

std::unique_ptr<Source> make_source(SourceOptions options) {
  return std::make_unique<PostgresSource>(std::move(options));
}

}  // namespace penstock::postgres
