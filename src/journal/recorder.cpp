#include "journal/recorder.h"

#include <algorithm>

namespace penstock::journal {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kQueueItems = 256;
constexpr std::size_t kQueueBytes = 16U << 20;
// PostgreSQL is told what it may forget once a second: the more there is in a block, the less there is to
// look through. What was taken and is not written yet is streamed again after a crash.
constexpr std::chrono::milliseconds kSyncEvery{1000};
// A position that moved without any change, on an idle server.
constexpr std::chrono::seconds kIdleEvery{3};
constexpr std::chrono::milliseconds kLook{20};

bool waits_for_the_disk(const EventBatch& batch) { return batch.chunk || batch.step; }

bool has_changes(const EventBatch& batch) {
  return waits_for_the_disk(batch) ||
         std::any_of(batch.events.begin(), batch.events.end(),
                     [](const Event& event) { return event.kind != EventKind::kProgress; });
}

}  // namespace

Recorder::Recorder(Writer& writer, std::function<void(const Position&)> durable, std::function<void()> failed)
    : writer_(writer),
      durable_(std::move(durable)),
      failed_(std::move(failed)),
      queue_(kQueueItems, kQueueBytes),
      last_sync_(Clock::now()),
      thread_([this] { run(); }) {}

Recorder::~Recorder() { static_cast<void>(finish()); }

bool Recorder::take(const EventBatchPtr& batch, std::chrono::milliseconds wait) {
  EventBatchPtr item = batch;
  if (!queue_.push_for(item, batch->bytes(), wait)) return false;
  ++taken_;
  if (waits_for_the_disk(*batch)) wanted_.store(taken_);
  return true;
}

bool Recorder::wait_durable(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  return synced_.wait_for(lock, wait, [&] { return durable_count_ >= taken_ || error_; }) && !error_;
}

Status Recorder::finish() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  if (error_) return fail(*error_);
  return {};
}

void Recorder::run() {
  Status outcome;
  while (outcome && !queue_.drained()) {
    outcome = write_what_waits(queue_.pop_for(kLook));
    if (outcome && sync_is_due()) outcome = sync();
  }
  if (outcome) outcome = sync();
  if (outcome) return;
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(outcome).error();
  }
  synced_.notify_all();
  queue_.abandon();
  failed_();
}

Status Recorder::write_what_waits(std::optional<EventBatchPtr> batch) {
  bool changes = false;
  for (; batch; batch = queue_.try_pop()) {
    PENSTOCK_TRY(writer_.add(**batch));
    ++written_;
    changes = changes || has_changes(**batch);
    if (wanted_.load() == written_ || Clock::now() - last_sync_ >= kSyncEvery) break;
  }
  unsynced_ = unsynced_ || changes;
  return {};
}

bool Recorder::sync_is_due() const {
  const auto since = Clock::now() - last_sync_;
  if (wanted_.load() > 0 && written_ >= wanted_.load() && unsynced_ && durable_count_ < wanted_.load())
    return true;
  if (unsynced_) return since >= kSyncEvery;
  return writer_.has_unwritten() && since >= kIdleEvery;
}

Status Recorder::sync() {
  PENSTOCK_TRY(writer_.sync());
  last_sync_ = Clock::now();
  unsynced_ = false;
  const Position position = writer_.position();
  {
    const std::lock_guard lock(mutex_);
    durable_count_ = written_;
  }
  synced_.notify_all();
  durable_(position);
  return {};
}

}  // namespace penstock::journal
