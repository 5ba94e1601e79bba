// Times of day and intervals from PostgreSQL's text, as far as their order needs it.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::expression {

// "23:59:59.5", "12:00:00+05:30": timetz orders by the moment in UTC, then by the zone, the western ones
// later.
struct ClockTime {
  std::int64_t utc_micros = 0;
  std::int64_t zone_seconds = 0;  // west of UTC
};
ClockTime clock_time(std::string_view text);

// "1 year 2 mons -3 days 04:05:06.7" (IntervalStyle postgres): a month counts as 30 days, a day as 24 hours.
struct IntervalSpan {
  std::int64_t days = 0;
  std::int64_t micros = 0;  // 0 <= micros < one day
};
IntervalSpan interval_span(std::string_view text);

}  // namespace penstock::expression
