#include "app/progress_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::app {
namespace {

constexpr std::size_t kBarWidth = 24;

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string duration(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string bar(double part) {
  const auto full = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * kBarWidth);
  std::string result(1, '[');
  result.append(full, '#').append(kBarWidth - full, '.').append(1, ']');
  return result;
}

}  // namespace penstock::app
