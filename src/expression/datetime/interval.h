// Intervals as PostgreSQL counts them: months, days and microseconds apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

struct Span {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
  bool operator==(const Span&) const = default;
};

// A span as years, months, days, hours and so on, all of one sign within a count.
struct SpanFields {
  std::int64_t years = 0;
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  std::int64_t micros = 0;
};
SpanFields fields_of(const Span& span);

// What PostgreSQL reads as an interval (manual: "Interval Input"): "1 year 2 mons 3 days 04:05:06", "1-2",
// "P1Y2M", "3 hours ago". kBadValue with PostgreSQL's message otherwise.
Result<Span> parse_interval(std::string_view text);
Result<Span> span_of(const Interval& interval);
// IntervalStyle postgres.
std::string interval_text(const Span& span);
Value interval_value(const Span& span, Arena& arena);

// PostgreSQL's order: a month counts as 30 days, a day as 24 hours. <0, 0, >0.
int compare_spans(const Span& left, const Span& right);
// Of two intervals; texts that are none come after the others, by their bytes.
int compare_intervals(const Interval& left, const Interval& right);

// "interval out of range" when a count overflows.
Result<Span> add(const Span& left, const Span& right);
Result<Span> subtract(const Span& left, const Span& right);
Result<Span> negate(const Span& span);
Result<Span> multiply(const Span& span, double factor);
Result<Span> divide(const Span& span, double divisor);
Result<Span> justify_hours(const Span& span);  // 24 hours become a day
Result<Span> justify_days(const Span& span);   // 30 days become a month
Result<Span> justify_interval(const Span& span);
// Microseconds rounded to `precision` digits of a second (0 to 6).
Result<Span> round_to(const Span& span, std::int32_t precision);

}  // namespace penstock::expression
