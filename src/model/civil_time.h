// Calendar arithmetic (proleptic Gregorian) and the texts PostgreSQL prints for dates and timestamps with DateStyle ISO
// and TimeZone UTC. PostgreSQL manual: "Date/Time Types".
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

// "2024-01-31", "12345-01-31", "0044-03-15 BC", "infinity", "-infinity": days since 1970-01-01, or kMinusInfinity,
// kPlusInfinity. Nothing for any other text.
std::optional<std::int64_t> parse_date(std::string_view text);

// "2024-01-31 23:59:59.5", with_zone: "2024-01-31 23:59:59.5+00"; " BC" and infinities as above. Another offset than
// +00 is refused, because the text would not be UTC.
std::optional<std::int64_t> parse_timestamp(std::string_view text, bool with_zone);

// "2024-01-31T23:59:59.123456Z": the fraction may be absent, years outside 0…9999 have a sign ("-0043", "+12345").
std::optional<std::int64_t> parse_iso_timestamp(std::string_view text);

// The text that parse_timestamp() reads; also infinities.
void append_timestamp(std::string& out, std::int64_t micros, bool with_zone);
// The text that parse_iso_timestamp() reads, always with six digits. Finite times only.
void append_iso_timestamp(std::string& out, std::int64_t micros);

}  // namespace penstock
