// SIGINT and SIGTERM ask the program to drain and end; SIGPIPE is ignored.
#pragma once

#include <memory>
#include <stop_token>
#include <thread>

namespace penstock::app {

// Construct before any other thread is started: the signals are blocked in this thread and those it starts,
// and taken by a thread of its own. A second signal ends the process at once with the signal's own exit
// status.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  int wake_ = -1;  // eventfd that ends the thread
  int signals_ = -1;
  std::thread thread_;
};

}  // namespace penstock::app
