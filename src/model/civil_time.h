// Calendar arithmetic (proleptic Gregorian) and the texts PostgreSQL prints for dates and timestamps with
// DateStyle ISO and TimeZone UTC. PostgreSQL manual: "Date/Time Types".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

struct CivilDate {
  std::int64_t year = 1970;  // astronomical: 0 is 1 BC
  unsigned month = 1;
  unsigned day = 1;
};
std::int64_t days_from_civil(const CivilDate& date);  // since 1970-01-01
CivilDate civil_from_days(std::int64_t days);

// "2024-01-31", "12345-01-31", "0044-03-15 BC", "infinity", "-infinity": days since 1970-01-01, or
// kMinusInfinity, kPlusInfinity. Nothing for any other text.
std::optional<std::int64_t> parse_date(std::string_view text);

// A moment: days since 1970-01-01 and microseconds of the day. PostgreSQL's last timestamps (from
// 294247-01-10 on) are more than 64 bits of microseconds away from 1970.
struct DayTime {
  std::int64_t days = 0;
  std::int64_t micros = 0;
  bool operator==(const DayTime&) const = default;
};
DayTime from_micros(std::int64_t micros);
DayTime from_millis(std::int64_t millis);
std::int64_t floor_to_millis(const DayTime& time);

// "2024-01-31 23:59:59.5", with_zone: "2024-01-31 23:59:59.5+00", or with " BC". Another offset than +00 is
// refused, because the text would not be UTC. Nothing for infinities.
std::optional<DayTime> parse_day_time(std::string_view text, bool with_zone);
// The same as microseconds since 1970; kMinusInfinity and kPlusInfinity for infinities, and kPlusInfinity for
// what is too late for microseconds: the text tells them apart.
std::optional<std::int64_t> parse_timestamp(std::string_view text, bool with_zone);
// "2024-01-31T23:59:59.123456Z": the fraction may be absent, years outside 0…9999 have a sign ("-0043",
// "+12345").
std::optional<DayTime> parse_iso_time(std::string_view text);

// The text that parse_date() reads; no infinities.
void append_date(std::string& out, std::int64_t days);
// The text that parse_day_time() reads.
void append_timestamp(std::string& out, const DayTime& time, bool with_zone);
// The text that parse_timestamp() reads; also infinities.
void append_timestamp(std::string& out, std::int64_t micros, bool with_zone);
// The text that parse_iso_time() reads, always with six digits.
void append_iso_time(std::string& out, const DayTime& time);

}  // namespace penstock
