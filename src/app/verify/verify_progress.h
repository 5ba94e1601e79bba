// How far a comparison is: a bar on a terminal, a log line now and then otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "source/source.h"

namespace penstock::app {

// One thread. May be called as often as one likes.
class VerifyProgress {
 public:
  VerifyProgress();
  ~VerifyProgress() { end(); }
  void reading(const std::vector<LoadProgress>& tables);
  void comparing(std::uint64_t documents, std::uint64_t ids_read, std::uint64_t expected);
  void end();  // leaves the bar's line

 private:
  using Clock = std::chrono::steady_clock;
  void show(const std::string& what, std::uint64_t done, std::uint64_t expected);

  bool terminal_;
  bool drawn_ = false;
  std::string what_;
  Clock::time_point began_;
  Clock::time_point next_;
};

}  // namespace penstock::app
