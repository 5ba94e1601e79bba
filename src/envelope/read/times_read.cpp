#include "envelope/read/times_read.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <iterator>

#include "envelope/times.h"
#include "model/civil_time.h"

namespace penstock::envelope {
namespace {

// PostgreSQL's limits (manual: "Date/Time Types"): 4713-11-24 BC up to the end of 5874897 and of 294276.
const std::int64_t kFirstDay = days_from_civil({-4712, 11, 24});
const std::int64_t kLastDate = days_from_civil({5874897, 12, 31});
const std::int64_t kLastMoment = days_from_civil({294276, 12, 31});

Value date_value(std::int64_t days, Arena& arena, std::string& scratch) {
  scratch.clear();
  append_date(scratch, days);
  return Date{days, arena.copy(scratch)};
}

std::optional<Value> timestamp_value(const DayTime& time, bool with_zone, Arena& arena,
                                     std::string& scratch) {
  if (time.days < kFirstDay || time.days > kLastMoment) return std::nullopt;
  scratch.clear();
  append_timestamp(scratch, time, with_zone);
  std::int64_t micros = 0;
  const bool too_late = __builtin_mul_overflow(time.days, kMicrosPerDay, &micros) ||
                        __builtin_add_overflow(micros, time.micros, &micros);
  return Timestamp{too_late ? kPlusInfinity : micros, arena.copy(scratch), with_zone};
}

Value infinite(bool positive, bool with_zone) {
  return positive ? Timestamp{kPlusInfinity, "infinity", with_zone}
                  : Timestamp{kMinusInfinity, "-infinity", with_zone};
}

// ".5" for 500000.
void append_fraction(std::string& out, std::int64_t micros) {
  if (micros == 0) return;
  fmt::format_to(std::back_inserter(out), ".{:06}", micros);
  out.erase(out.find_last_not_of('0') + 1);
}

void append_clock(std::string& out, std::int64_t micros) {
  const std::int64_t seconds = micros / kMicrosPerSecond;
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
  append_fraction(out, micros % kMicrosPerSecond);
}

// "03:04:05", and perhaps a fraction.
bool is_clock(std::string_view text) {
  if (text.size() < 8 || (text.size() > 8 && text[8] != '.')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8) continue;
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (i == 2 || i == 5 ? text[i] != ':' : !digit) return false;
  }
  return true;
}

std::optional<Value> time_value(std::int64_t micros, bool with_zone, Arena& arena, std::string& scratch) {
  if (micros < 0 || micros > kMicrosPerDay) return std::nullopt;
  scratch.clear();
  append_clock(scratch, micros);
  if (with_zone) scratch += "+00";
  return Time{arena.copy(scratch)};
}

// As PostgreSQL does (source: EncodeInterval in datetime.c): a part behind a negative one has its sign.
void append_part(std::string& out, std::int64_t number, const char* unit, bool& negative_before) {
  if (number == 0) return;
  fmt::format_to(std::back_inserter(out), "{}{}{} {}{}", out.empty() ? "" : " ",
                 negative_before && number > 0 ? "+" : "", number, unit, number == 1 ? "" : "s");
  negative_before = number < 0;
}

Value interval_value(const IntervalParts& interval, Arena& arena, std::string& scratch) {
  scratch.clear();
  bool negative_before = false;
  append_part(scratch, interval.months / 12, "year", negative_before);
  append_part(scratch, interval.months % 12, "mon", negative_before);
  append_part(scratch, interval.days, "day", negative_before);
  if (scratch.empty() || interval.micros != 0) {
    if (!scratch.empty()) scratch += ' ';
    if (interval.micros < 0) {
      scratch += '-';
    } else if (negative_before) {
      scratch += '+';
    }
    append_clock(scratch, std::llabs(interval.micros));
  }
  return Interval{arena.copy(scratch)};
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

// A part of an ISO 8601 duration from the front: its number, the digits behind its point in millionths, its
// letter.
struct DurationPart {
  std::int64_t number = 0;
  std::int64_t millionths = 0;
  char unit = '\0';
};
std::optional<DurationPart> take_part(std::string_view& text) {
  DurationPart part;
  const bool negative = text.starts_with('-');
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part.number);
  constexpr std::int64_t kMost = 9'000'000'000'000;  // seconds whose microseconds are still a number
  if (error != std::errc{} || part.number > kMost || part.number < -kMost) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (take(text, '.')) {
    std::int64_t unit = kMicrosPerSecond / 10;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10)
      part.millionths += unit * (text.front() - '0');
  }
  if (negative) part.millionths = -part.millionths;
  if (text.empty()) return std::nullopt;
  part.unit = text.front();
  text.remove_prefix(1);
  return part;
}

bool add_part(IntervalParts& interval, const DurationPart& part, bool of_day) {
  if (part.millionths != 0 && part.unit != 'S') return false;
  switch (part.unit) {
    case 'Y':
      interval.months += part.number * 12;
      return !of_day;
    case 'M':
      if (of_day) {
        return !__builtin_add_overflow(interval.micros, part.number * 60 * kMicrosPerSecond,
                                       &interval.micros);
      }
      interval.months += part.number;
      return true;
    case 'D':
      interval.days += part.number;
      return !of_day;
    case 'H': {
      std::int64_t micros = 0;
      return of_day && !__builtin_mul_overflow(part.number, 3600 * kMicrosPerSecond, &micros) &&
             !__builtin_add_overflow(interval.micros, micros, &interval.micros);
    }
    case 'S':
      return of_day &&
             !__builtin_add_overflow(interval.micros, part.number * kMicrosPerSecond + part.millionths,
                                     &interval.micros);
    default:
      return false;
  }
}

}  // namespace

std::optional<Value> date_of_days(std::int64_t days, Arena& arena, std::string& scratch) {
  if (days < kFirstDay || days > kLastDate) return std::nullopt;
  return date_value(days, arena, scratch);
}

std::optional<Value> date_of_iso(std::string_view text, Arena& arena, std::string& scratch) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  auto days = parse_date(text);
  if (days && (*days == kMinusInfinity || *days == kPlusInfinity))
    return Date{*days, *days > 0 ? "infinity" : "-infinity"};
  if (!days) {  // with the year's sign
    scratch.assign(text).append("T00:00:00Z");
    if (const auto time = parse_iso_time(scratch)) days = time->days;
  }
  return days ? date_of_days(*days, arena, scratch) : std::nullopt;
}

std::optional<Value> timestamp_of_number(std::int64_t number, TimeUnit unit, bool with_zone, Arena& arena,
                                         std::string& scratch) {
  if (number == kInfiniteMillis || number == kMinusInfiniteMillis) return infinite(number > 0, with_zone);
  // In milliseconds: the same, cut to the precision of `connect` (seen of Debezium 3.5.0).
  if (unit == TimeUnit::kMillis &&
      (number == kInfiniteMillis / 1000 || number == kMinusInfiniteMillis / 1000))
    return infinite(number > 0, with_zone);
  if (unit == TimeUnit::kMillis) return timestamp_value(from_millis(number), with_zone, arena, scratch);
  if (unit == TimeUnit::kNanos) number = number / 1000 - (number % 1000 < 0 ? 1 : 0);
  return timestamp_value(from_micros(number), with_zone, arena, scratch);
}

std::optional<Value> timestamp_of_iso(std::string_view text, bool with_zone, Arena& arena,
                                      std::string& scratch) {
  if (text == "infinity" || text == "-infinity") return infinite(text.front() == 'i', with_zone);
  const auto time = parse_iso_time(text);
  return time ? timestamp_value(*time, with_zone, arena, scratch) : std::nullopt;
}

std::optional<Value> time_of_number(std::int64_t number, TimeUnit unit, Arena& arena, std::string& scratch) {
  if (number < 0) return std::nullopt;
  if (unit == TimeUnit::kMillis) {
    if (number > kMicrosPerDay) return std::nullopt;
    number *= 1000;
  }
  return time_value(unit == TimeUnit::kNanos ? number / 1000 : number, false, arena, scratch);
}

std::optional<Value> time_of_iso(std::string_view text, bool with_zone, Arena& arena, std::string& scratch) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (!is_clock(text)) return std::nullopt;
  const auto micros = time_micros(text);
  return micros ? time_value(*micros, with_zone, arena, scratch) : std::nullopt;
}

Value interval_of_micros(std::int64_t micros, Arena& arena, std::string& scratch) {
  // One that has no positive twin is beyond what PostgreSQL's intervals hold as well.
  return interval_value({0, 0, micros == kMinusInfinity ? micros + 1 : micros}, arena, scratch);
}

std::optional<Value> interval_of_iso(std::string_view text, Arena& arena, std::string& scratch) {
  constexpr std::size_t kMostBytes = 128;
  IntervalParts interval;
  if (!take(text, 'P') || text.empty() || text.size() > kMostBytes) return std::nullopt;
  bool of_day = false;
  while (!text.empty()) {
    if (!of_day && take(text, 'T')) {
      of_day = true;
      if (text.empty()) return std::nullopt;
    }
    const auto part = take_part(text);
    if (!part || !add_part(interval, *part, of_day)) return std::nullopt;
  }
  if (interval.micros == kMinusInfinity) return std::nullopt;
  return interval_value(interval, arena, scratch);
}

}  // namespace penstock::envelope
