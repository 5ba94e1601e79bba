#include "expression/clock_order.h"

#include <charconv>

#include "model/civil_time.h"

namespace penstock::expression {
namespace {

constexpr std::int64_t kDaysPerMonth = 30;
constexpr std::int64_t kMonthsPerYear = 12;
constexpr std::int64_t kSecondsPerHour = 3600;
constexpr std::int64_t kSecondsPerMinute = 60;

std::int64_t take_number(std::string_view& text) {
  std::int64_t number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

// ".5": microseconds.
std::int64_t take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  std::int64_t micros = 0;
  for (std::int64_t unit = kMicrosPerSecond / 10; !text.empty() && text.front() >= '0' && text.front() <= '9';
       unit /= 10) {
    micros += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return micros;
}

// "04:05:06.7", without a sign; minutes and seconds may be missing. Hours can be more than a day has.
std::int64_t take_clock(std::string_view& text) {
  std::int64_t seconds = 0;
  for (std::int64_t unit = kSecondsPerHour; unit > 0; unit /= kSecondsPerMinute) {
    seconds += unit * take_number(text);
    if (!text.starts_with(':')) break;
    text.remove_prefix(1);
  }
  return seconds * kMicrosPerSecond + take_fraction(text);
}

}  // namespace

ClockTime clock_time(std::string_view text) {
  ClockTime time;
  time.utc_micros = take_clock(text);
  if (text.empty()) return time;
  const bool east = text.front() == '+';
  text.remove_prefix(1);
  const std::int64_t offset = take_clock(text);
  time.zone_seconds = (east ? -offset : offset) / kMicrosPerSecond;
  time.utc_micros += east ? -offset : offset;
  return time;
}

IntervalSpan interval_span(std::string_view text) {
  std::int64_t days = 0;
  std::int64_t micros = 0;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    std::string_view word = text.substr(0, end);
    if (word.find(':') != std::string_view::npos) {
      const bool negative = word.front() == '-';
      if (negative || word.front() == '+') word.remove_prefix(1);
      micros = take_clock(word);
      if (negative) micros = -micros;
      break;
    }
    const std::int64_t number = take_number(word);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (text.starts_with("year")) days += number * kMonthsPerYear * kDaysPerMonth;
    if (text.starts_with("mon")) days += number * kDaysPerMonth;
    if (text.starts_with("day")) days += number;
    const std::size_t next = text.find(' ');
    text = next == std::string_view::npos ? std::string_view() : text.substr(next + 1);
  }
  days += micros / kMicrosPerDay;
  micros %= kMicrosPerDay;
  if (micros < 0) {
    micros += kMicrosPerDay;
    --days;
  }
  return {days, micros};
}

}  // namespace penstock::expression
