// Compares in a thread of its own while further documents are made.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "model/document_write.h"
#include "sink/mongo/compare/comparer.h"

namespace penstock::app {

// The functions are for one thread. The comparer may be used by it while the worker rests: before the first
// offer(), when kGone was answered, and after kDone.
class CompareWorker {
 public:
  explicit CompareWorker(mongo::Comparer& comparer);
  ~CompareWorker();
  CompareWorker(const CompareWorker&) = delete;
  CompareWorker& operator=(const CompareWorker&) = delete;

  enum class State {
    kRoom,  // it was taken
    kFull,  // not taken within a second: again
    kGone,  // not taken: MongoDB does not keep the moment any longer; look() and go_on()
    kDone,  // finish() only: all is compared
  };
  Result<State> offer(WriteGroup& group);
  // No more documents, for now.
  Result<State> finish();
  void go_on();

 private:
  void run(std::stop_token stop);
  void work(std::unique_lock<std::mutex>& lock);

  mongo::Comparer& comparer_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<WriteGroup> queue_;
  bool finishing_ = false;
  bool gone_ = false;
  bool done_ = false;
  std::optional<Error> error_;
  std::jthread thread_;
};

}  // namespace penstock::app
