// Wakes a thread that waits on file descriptors (Linux: eventfd(2)).
#pragma once

#include <chrono>

namespace penstock::postgres {

class Wake {
 public:
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  void ring() const;   // any thread, also a signal handler
  void clear() const;  // the waiting thread
  void wait(std::chrono::milliseconds time) const;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace penstock::postgres
