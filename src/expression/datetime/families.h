// The groups of date and time functions that datetime_functions() puts together (PostgreSQL manual:
// "Date/Time Functions and Operators").
#pragma once

#include <cstdint>

#include "expression/arguments.h"
#include "expression/datetime/interval.h"
#include "expression/datetime/moment.h"
#include "expression/function.h"

namespace penstock::expression {

std::vector<Function> datetime_arithmetic();
std::vector<Function> interval_arithmetic();
std::vector<Function> truncation_functions();  // date_trunc, date_bin
std::vector<Function> extraction_functions();  // extract, date_part
std::vector<Function> zone_functions();        // at time zone
std::vector<Function> making_functions();      // make_date, to_timestamp, age, justify_days, isfinite
std::vector<Function> datetime_casts();

// Arguments as counts.
inline std::int64_t moment_argument(const Call& call, std::size_t index) {
  return moment_of(argument<Timestamp>(call, index));
}
inline std::int64_t days_argument(const Call& call, std::size_t index) {
  return days_of(argument<Date>(call, index));
}
inline Result<Span> span_argument(const Call& call, std::size_t index) {
  return span_of(argument<Interval>(call, index));
}
inline Result<std::int64_t> time_argument(const Call& call, std::size_t index) {
  const auto micros = time_of_day(argument<Time>(call, index).text);
  if (!micros) return bad_row("not a time: " + std::string(argument<Time>(call, index).text));
  return *micros;
}

}  // namespace penstock::expression
