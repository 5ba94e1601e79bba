// Times of day and intervals, from the texts that PostgreSQL prints (IntervalStyle postgres).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::envelope {

// "03:04:05.123456", also "24:00:00": microseconds since midnight.
std::optional<std::int64_t> time_micros(std::string_view text);

// "03:04:05.5+02" as UTC, with as many digits as it needs: "01:04:05.5Z".
std::optional<std::string> zoned_time(std::string_view text);

struct IntervalParts {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t micros = 0;
};
// "1 year 2 mons -3 days +04:05:06.789"
std::optional<IntervalParts> parse_interval(std::string_view text);

// As Debezium counts: a month is 30.4375 days, a twelfth of 365.25.
std::int64_t interval_micros(const IntervalParts& interval);
// "P1Y2M3DT4H5M6.789S", each part also when it is zero.
std::string iso_interval(const IntervalParts& interval);

}  // namespace penstock::envelope
