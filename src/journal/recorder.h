// The thread that writes a journal while the stream goes on.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "journal/writer.h"

namespace penstock::journal {

class Recorder {
 public:
  // `durable`: called by the recorder's thread with each position that the journal has reached durably.
  // `failed`: once, by that thread, when nothing more can be written.
  Recorder(Writer& writer, std::function<void(const Position&)> durable, std::function<void()> failed);
  // Writes what was taken, durably, unless it failed.
  ~Recorder();

  // Of one thread. Takes the batch, or gives false when there is no room within `wait`. The batch must not be
  // changed any more.
  bool take(const EventBatchPtr& batch, std::chrono::milliseconds wait);
  // Whether everything taken so far is durable, within `wait`.
  bool wait_durable(std::chrono::milliseconds wait);
  // Drains and joins.
  Status finish();

 private:
  void run();
  Status write_what_waits(std::optional<EventBatchPtr> batch);
  Status sync();
  bool sync_is_due() const;

  Writer& writer_;
  const std::function<void(const Position&)> durable_;
  const std::function<void()> failed_;
  BoundedQueue<EventBatchPtr> queue_;
  std::uint64_t taken_ = 0;               // by the caller's thread
  std::atomic<std::uint64_t> wanted_{0};  // to be durable at once
  std::uint64_t written_ = 0;             // by the recorder's thread
  std::chrono::steady_clock::time_point last_sync_{};
  bool unsynced_ = false;
  std::mutex mutex_;
  std::condition_variable synced_;
  std::uint64_t durable_count_ = 0;  // guarded by mutex_
  std::optional<Error> error_;       // guarded by mutex_
  std::thread thread_;
};

}  // namespace penstock::journal
