// Dates, timestamps and times of day as counts, within PostgreSQL's limits.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/arena.h"
#include "model/civil_time.h"
#include "model/value.h"

namespace penstock::expression {

// A timestamp is microseconds since 2000-01-01 and a date days since then, as PostgreSQL keeps them: all its
// timestamps fit. The two ends of the range are the infinities.
inline constexpr std::int64_t kPostgresEpochDays = 10957;  // since 1970-01-01
inline constexpr std::int64_t kMinusInfiniteMoment = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kInfiniteMoment = std::numeric_limits<std::int64_t>::max();

inline bool is_infinite(std::int64_t moment) {
  return moment == kMinusInfiniteMoment || moment == kInfiniteMoment;
}

std::int64_t moment_of(const Timestamp& timestamp);
Value timestamp_value(std::int64_t moment, bool with_zone, Arena& arena);
std::int64_t days_of(const Date& date);
Value date_value(std::int64_t days, Arena& arena);

// Whether PostgreSQL has the finite timestamp or date (4713 BC to 294276 AD, to 5874897 AD).
bool is_valid_moment(std::int64_t moment);
bool is_valid_date(std::int64_t days);
// "timestamp out of range", "date out of range" otherwise.
Result<std::int64_t> checked_moment(std::int64_t moment);
Result<std::int64_t> checked_date(std::int64_t days);

// A finite moment taken apart. `days` counts since 2000-01-01.
struct Civil {
  CivilDate date;
  std::int64_t days = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t micros = 0;  // of the second

  std::int64_t micros_of_day() const {
    return ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + micros;
  }
};
Civil civil_of(std::int64_t moment);
Civil civil_of(std::int64_t days, std::int64_t micros_of_day);
std::int64_t days_of(const CivilDate& date);  // since 2000-01-01
// Microseconds of the day may be more than a day. "timestamp out of range" beyond the limits.
Result<std::int64_t> join(std::int64_t days, std::int64_t micros_of_day);
unsigned days_in_month(std::int64_t year, unsigned month);
bool is_civil_date(std::int64_t year, std::int64_t month, std::int64_t day);

std::int64_t julian_day(std::int64_t days);
std::int64_t day_of_week(std::int64_t days);  // 0 is Sunday
std::int64_t day_of_year(const Civil& civil);
// Of ISO 8601; years are astronomical (0 is 1 BC).
struct IsoWeek {
  std::int64_t year = 0;
  std::int64_t week = 1;
  std::int64_t day = 1;  // 1 is Monday
};
IsoWeek iso_week_of(std::int64_t days);
std::int64_t days_of(const IsoWeek& week);

// `count` months later, on the last day of the month at most.
CivilDate add_months(const CivilDate& date, std::int64_t count);

// The text of a time ("04:05:06.5", "24:00:00"), or of a timetz without its offset: microseconds.
std::optional<std::int64_t> time_of_day(std::string_view text);
Value time_value(std::int64_t micros_of_day, Arena& arena);
// Seconds east of Greenwich that a timetz's text ends with; nothing for a time.
std::optional<std::int64_t> offset_of(std::string_view text);

// Microseconds rounded to `precision` digits of a second, half away from zero.
std::int64_t round_micros(std::int64_t micros, std::int32_t precision);

}  // namespace penstock::expression
