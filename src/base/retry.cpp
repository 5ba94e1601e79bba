#include "base/retry.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace penstock {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most)
    : first_(first),
      most_(most),
      seed_(static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())) {}

std::chrono::milliseconds Backoff::next() {
  const unsigned shift = std::min(tries_++, 20U);
  const auto whole = std::min<std::int64_t>(most_.count(), first_.count() << shift);
  seed_ = seed_ * 6364136223846793005ULL + 1442695040888963407ULL;
  const auto jitter =
      whole < 4 ? 0 : static_cast<std::int64_t>((seed_ >> 33) % static_cast<std::uint64_t>(whole / 4));
  return std::chrono::milliseconds(whole - jitter);
}

bool sleep_unless_stopped(std::stop_token stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace penstock
