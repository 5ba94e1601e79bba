#include "envelope/times.h"

#include <fmt/format.h>

#include <charconv>

#include "model/civil_time.h"

namespace penstock::envelope {
namespace {

// Takes a number from the front.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// "03:04:05.123456" from the front.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hours = take_number(text);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text);
  if (!minutes || !take(text, ':')) return std::nullopt;
  const auto seconds = take_number(text);
  if (!seconds) return std::nullopt;
  std::int64_t micros = ((*hours * 60 + *minutes) * 60 + *seconds) * kMicrosPerSecond;
  if (!take(text, '.')) return micros;
  std::int64_t unit = kMicrosPerSecond / 10;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10)
    micros += unit * (text.front() - '0');
  return micros;
}

// "+02", "-03:30", "+01:02:03": seconds.
std::optional<std::int64_t> take_offset(std::string_view text) {
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (!negative && text.front() != '+') return std::nullopt;
  text.remove_prefix(1);
  std::int64_t seconds = 0;
  for (std::int64_t unit = 3600; unit > 0 && !text.empty(); unit /= 60) {
    const auto part = take_number(text);
    if (!part) return std::nullopt;
    seconds += *part * unit;
    if (!take(text, ':') && !text.empty()) return std::nullopt;
  }
  return negative ? -seconds : seconds;
}

std::string digits_behind(std::int64_t micros) {
  if (micros == 0) return {};
  std::string digits = fmt::format(".{:06}", micros);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

bool add_unit(IntervalParts& interval, std::string_view unit, std::int64_t number) {
  if (unit == "year" || unit == "years") {
    interval.months += 12 * number;
  } else if (unit == "mon" || unit == "mons") {
    interval.months += number;
  } else if (unit == "day" || unit == "days") {
    interval.days += number;
  } else {
    return false;
  }
  return true;
}

bool add_word(IntervalParts& interval, std::string_view word, std::string_view& rest) {
  const bool negative = word.front() == '-';
  if (negative || word.front() == '+') word.remove_prefix(1);
  if (word.find(':') != std::string_view::npos) {
    const auto micros = take_clock(word);
    if (!micros || !word.empty()) return false;
    interval.micros = negative ? -*micros : *micros;
    return true;
  }
  const auto number = take_number(word);
  if (!number || !word.empty() || !take(rest, ' ')) return false;
  const std::string_view unit = rest.substr(0, rest.find(' '));
  rest.remove_prefix(unit.size());
  return add_unit(interval, unit, negative ? -*number : *number);
}

}  // namespace

std::optional<std::int64_t> time_micros(std::string_view text) {
  const auto micros = take_clock(text);
  return text.empty() ? micros : std::nullopt;
}

std::optional<std::string> zoned_time(std::string_view text) {
  const auto micros = take_clock(text);
  if (!micros) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset) return std::nullopt;
  const std::int64_t utc =
      ((*micros - *offset * kMicrosPerSecond) % kMicrosPerDay + kMicrosPerDay) % kMicrosPerDay;
  const std::int64_t seconds = utc / kMicrosPerSecond;
  return fmt::format("{:02}:{:02}:{:02}{}Z", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     digits_behind(utc % kMicrosPerSecond));
}

std::optional<IntervalParts> parse_interval(std::string_view text) {
  IntervalParts interval;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (word.empty() || !add_word(interval, word, text)) return std::nullopt;
    take(text, ' ');
  }
  return interval;
}

std::int64_t interval_micros(const IntervalParts& interval) {
  constexpr std::int64_t kMonthMicros = 30 * kMicrosPerDay + kMicrosPerDay * 7 / 16;  // 30.4375 days
  return interval.months * kMonthMicros + interval.days * kMicrosPerDay + interval.micros;
}

std::string iso_interval(const IntervalParts& interval) {
  const std::int64_t seconds = interval.micros / kMicrosPerSecond;
  const std::int64_t rest = interval.micros % kMicrosPerSecond;
  const bool minus = rest < 0 && seconds % 60 == 0;
  return fmt::format("P{}Y{}M{}DT{}H{}M{}{}{}S", interval.months / 12, interval.months % 12, interval.days,
                     seconds / 3600, seconds / 60 % 60, minus ? "-" : "", seconds % 60,
                     digits_behind(rest < 0 ? -rest : rest));
}

}  // namespace penstock::envelope
