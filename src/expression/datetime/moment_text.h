// Dates, times and timestamps out of text (PostgreSQL manual: "Date/Time Input"), with DateStyle ISO, MDY and
// TimeZone UTC. What depends on the moment of reading ("now", "today") is refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace penstock::expression {

// Days or microseconds since 2000-01-01, or an infinity. kBadValue with PostgreSQL's message otherwise.
Result<std::int64_t> parse_date_text(std::string_view text);
// Without zone one that the text names is ignored; with zone, the result is UTC.
Result<std::int64_t> parse_timestamp_text(std::string_view text, bool with_zone);
struct TimeWithOffset {
  std::int64_t micros = 0;  // of the day
  std::int64_t offset = 0;  // seconds east of Greenwich
};
Result<TimeWithOffset> parse_time_text(std::string_view text, bool with_zone);

}  // namespace penstock::expression
