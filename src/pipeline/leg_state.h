// What the threads of a leg share: the first error, counters, and whether it has ended.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "pipeline/leg.h"

namespace penstock {

// Any thread.
class LegState {
 public:
  // The first error ends the leg and is its outcome.
  void fail_with(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    changed_.notify_all();
  }
  bool ended() const {
    const std::lock_guard lock(mutex_);
    return error_.has_value();
  }
  void wait_for_end(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return error_.has_value(); });
  }
  Status outcome() const {
    const std::lock_guard lock(mutex_);
    if (error_) return fail(*error_);
    return {};
  }

  // Load steps handed out by the source and not yet durable.
  void step_begun() {
    add([](LegState& self) { ++self.steps_; });
  }
  void step_ended() {
    add([](LegState& self) { --self.steps_; });
  }
  int steps_under_way() const {
    const std::lock_guard lock(mutex_);
    return steps_;
  }

  // Documents of read models are still to be made or written.
  void set_documents_pending(bool pending) { documents_pending_.store(pending); }
  bool documents_pending() const { return documents_pending_.load(); }

  template <class Change>
  void count(Change change) {
    const std::lock_guard lock(mutex_);
    change(stats_);
  }
  LegStats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  template <class Change>
  void add(Change change) {
    const std::lock_guard lock(mutex_);
    change(*this);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Error> error_;
  LegStats stats_;
  int steps_ = 0;
  std::atomic<bool> documents_pending_{false};
};

}  // namespace penstock
