#include "app/verify/compare_worker.h"

namespace penstock::app {
namespace {

constexpr std::size_t kMostGroups = 2;
constexpr std::chrono::seconds kPatience{1};

}  // namespace

CompareWorker::CompareWorker(mongo::Comparer& comparer)
    : comparer_(comparer), thread_([this](std::stop_token stop) { run(stop); }) {}

CompareWorker::~CompareWorker() {
  thread_.request_stop();
  thread_.join();
}

Result<CompareWorker::State> CompareWorker::offer(WriteGroup& group) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return queue_.size() < kMostGroups || gone_ || error_; });
  if (error_) return fail(*error_);
  if (gone_) return State::kGone;
  if (queue_.size() >= kMostGroups) return State::kFull;
  queue_.push_back(std::move(group));
  done_ = false;
  changed_.notify_all();
  return State::kRoom;
}

Result<CompareWorker::State> CompareWorker::finish() {
  std::unique_lock lock(mutex_);
  if (!done_) finishing_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, kPatience, [&] { return done_ || gone_ || error_; });
  if (error_) return fail(*error_);
  if (gone_) return State::kGone;
  return done_ ? State::kDone : State::kFull;
}

void CompareWorker::go_on() {
  const std::lock_guard lock(mutex_);
  gone_ = false;
  finishing_ = false;
  changed_.notify_all();
}

void CompareWorker::run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !gone_ && !error_ && (!queue_.empty() || finishing_); }))
    work(lock);
}

void CompareWorker::work(std::unique_lock<std::mutex>& lock) {
  const bool last = queue_.empty();
  WriteGroup group;
  if (!last) {
    group = std::move(queue_.front());
    queue_.pop_front();
  }
  changed_.notify_all();
  lock.unlock();
  Result<bool> kept = last ? comparer_.finish() : comparer_.compare(group);
  lock.lock();
  if (!kept) {
    error_ = std::move(kept).error();
  } else if (!*kept) {
    gone_ = true;
  } else if (last) {
    finishing_ = false;
    done_ = true;
  }
  changed_.notify_all();
}

}  // namespace penstock::app
