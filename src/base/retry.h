// Back-off between tries: doubles from `first` up to `most`, with up to a quarter of jitter taken off.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace penstock {

class Backoff {
 public:
  explicit Backoff(std::chrono::milliseconds first = std::chrono::milliseconds(50),
                   std::chrono::milliseconds most = std::chrono::milliseconds(5000));
  std::chrono::milliseconds next();
  void reset() { tries_ = 0; }
  unsigned tries() const { return tries_; }

 private:
  std::chrono::milliseconds first_, most_;
  unsigned tries_ = 0;
  std::uint64_t seed_;
};

// Sleeps, but wakes at once when a stop is asked for. Returns false when it was.
bool sleep_unless_stopped(std::stop_token stop, std::chrono::milliseconds time);

}  // namespace penstock
