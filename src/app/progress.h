// Shows how far a load or a stream is: bars on a terminal, plain log lines otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "pipeline/leg.h"

namespace penstock::app {

// One thread.
class Progress {
 public:
  Progress();
  std::chrono::milliseconds interval() const;
  void show(const LegStats& stats);
  void finish(bool well);

 private:
  struct Rate {
    std::uint64_t rows = 0;  // when first seen, so that resumed rows do not count as speed
    std::chrono::steady_clock::time_point since;
    std::uint64_t load_id = 0;
    bool announced_done = false;
  };
  void show_bars(const LegStats& stats);
  void log_lines(const LegStats& stats);
  std::string describe(const LoadProgress& load);
  std::string describe_stream(const LegStats& stats);

  bool terminal_;
  int lines_ = 0;  // drawn last time, to be drawn over
  std::map<std::string, Rate> rates_;
  std::uint64_t events_ = 0;
  std::chrono::steady_clock::time_point last_;
  std::chrono::steady_clock::time_point last_log_;
  LegStats newest_;
};

}  // namespace penstock::app
