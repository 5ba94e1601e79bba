#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/retry.h"
#include "source/postgres/continuity.h"
#include "source/postgres/streaming_source.h"

namespace penstock::postgres {
namespace {

constexpr std::size_t kBatchBytes = 256U << 10;
constexpr int kMessagesPerRound = 512;  // between looks at the clock and at other threads
constexpr std::chrono::milliseconds kQuickFeedback{100};

}  // namespace

Status PostgresSource::run(std::stop_token stop, const Offer& offer) {
  const std::stop_callback ring(stop, [this] { wake_.ring(); });
  loader_->start();
  watch_catalog();
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
    if (outcome && std::exchange(begin_again_, false)) continue;
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
    if (begin_again_) return {};
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

void PostgresSource::push_step(const TableCheckpoint& table) {
  auto step = std::make_shared<EventBatch>();
  step->step = LoadStep{table};
  pending_.push_back(std::move(step));
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

}  // namespace penstock::postgres
