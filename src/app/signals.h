// SIGINT and SIGTERM ask the program to drain and end; SIGHUP, where it is taken, to read its file again;
// SIGPIPE is ignored.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace penstock::app {

// Construct before any other thread is started: the signals are blocked in this thread and those it starts,
// and taken by a thread of its own. A second signal ends the process at once with the signal's own exit
// status.
class Signals {
 public:
  enum class Hangup { kLeft, kTaken };
  explicit Signals(Hangup hangup = Hangup::kLeft);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  // Stops at SIGINT and SIGTERM, and at the next SIGHUP when those are taken.
  std::stop_token turn() const;
  // Whether a SIGHUP ended the turn and nothing else did; the next turn begins.
  bool take_hangup();

 private:
  void listen(int signals, int wake);
  void hang_up();

  std::stop_source stop_;
  mutable std::mutex mutex_;  // holds turn_
  std::stop_source turn_;
  int wake_ = -1;  // eventfd that ends the thread
  int signals_ = -1;
  std::thread thread_;
};

}  // namespace penstock::app
