#include "expression/datetime/families.h"

namespace penstock::expression {
namespace {

constexpr std::int64_t kDateLimitOfTimestamp = 109'203'528 - 2'451'545;  // 294277-01-01

// Midnight of a date, which may be later than any timestamp.
Result<std::int64_t> midnight(std::int64_t days) {
  if (is_infinite(days)) return days;
  if (days >= kDateLimitOfTimestamp) return bad_row("date out of range for timestamp");
  return days * kMicrosPerDay;
}

// Months first, on the last day of the month at most, then days, then time.
Result<std::int64_t> later(std::int64_t moment, const Span& span) {
  if (is_infinite(moment)) return moment;
  if (span.months != 0) {
    const Civil civil = civil_of(moment);
    PENSTOCK_ASSIGN(moment, join(days_of(add_months(civil.date, span.months)), civil.micros_of_day()));
  }
  if (span.days != 0) {
    const Civil civil = civil_of(moment);
    PENSTOCK_ASSIGN(moment, join(civil.days + span.days, civil.micros_of_day()));
  }
  if (__builtin_add_overflow(moment, span.micros, &moment)) return bad_row("timestamp out of range");
  return checked_moment(moment);
}
Result<std::int64_t> moved(std::int64_t moment, const Span& span, bool back) {
  if (!back || is_infinite(moment)) return later(moment, span);
  const auto opposite = negate(span);
  if (!opposite) return bad_row("timestamp out of range");
  return later(moment, *opposite);
}

template <bool with_zone, std::size_t moment_at, std::size_t span_at, bool minus>
Result<Value> moment_and_span(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, span_at));
  PENSTOCK_ASSIGN(const auto moment, moved(moment_argument(call, moment_at), span, minus));
  return timestamp_value(moment, with_zone, call.arena);
}

template <std::size_t date_at, std::size_t span_at, bool minus>
Result<Value> date_and_span(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, span_at));
  PENSTOCK_ASSIGN(const auto start, midnight(days_argument(call, date_at)));
  PENSTOCK_ASSIGN(const auto moment, moved(start, span, minus));
  return timestamp_value(moment, false, call.arena);
}

Result<Value> moments_apart(const Call& call) {
  const std::int64_t left = moment_argument(call, 0);
  const std::int64_t right = moment_argument(call, 1);
  if (is_infinite(left) || is_infinite(right)) return bad_row("cannot subtract infinite timestamps");
  Span span;
  if (__builtin_sub_overflow(left, right, &span.micros)) return bad_row("interval out of range");
  PENSTOCK_ASSIGN(span, justify_hours(span));
  return interval_value(span, call.arena);
}

template <std::size_t date_at, std::size_t count_at, bool minus>
Result<Value> date_and_days(const Call& call) {
  const std::int64_t days = days_argument(call, date_at);
  const std::int64_t count = int_argument(call, count_at);
  if (is_infinite(days)) return call.arguments[date_at];
  PENSTOCK_ASSIGN(const auto result, checked_date(minus ? days - count : days + count));
  return date_value(result, call.arena);
}

Result<Value> dates_apart(const Call& call) {
  const std::int64_t left = days_argument(call, 0);
  const std::int64_t right = days_argument(call, 1);
  if (is_infinite(left) || is_infinite(right)) return bad_row("cannot subtract infinite dates");
  return Value(static_cast<std::int32_t>(left - right));
}

template <std::size_t date_at, std::size_t time_at>
Result<Value> date_and_time(const Call& call) {
  PENSTOCK_ASSIGN(const auto time, time_argument(call, time_at));
  PENSTOCK_ASSIGN(const auto start, midnight(days_argument(call, date_at)));
  if (is_infinite(start)) return timestamp_value(start, false, call.arena);
  PENSTOCK_ASSIGN(const auto moment, checked_moment(start + time));
  return timestamp_value(moment, false, call.arena);
}

std::int64_t within_day(std::int64_t micros) {
  micros %= kMicrosPerDay;
  return micros < 0 ? micros + kMicrosPerDay : micros;
}
template <std::size_t time_at, std::size_t span_at, bool minus>
Result<Value> time_and_span(const Call& call) {
  PENSTOCK_ASSIGN(const auto time, time_argument(call, time_at));
  PENSTOCK_ASSIGN(const Span span, span_argument(call, span_at));
  const std::int64_t moved = within_day(span.micros);
  return time_value(within_day(minus ? time - moved : time + moved), call.arena);
}
Result<Value> times_apart(const Call& call) {
  PENSTOCK_ASSIGN(const auto left, time_argument(call, 0));
  PENSTOCK_ASSIGN(const auto right, time_argument(call, 1));
  return interval_value(Span{0, 0, left - right}, call.arena);
}

template <Result<Span> (*operation)(const Span&, const Span&)>
Result<Value> two_spans(const Call& call) {
  PENSTOCK_ASSIGN(const Span left, span_argument(call, 0));
  PENSTOCK_ASSIGN(const Span right, span_argument(call, 1));
  PENSTOCK_ASSIGN(const Span result, operation(left, right));
  return interval_value(result, call.arena);
}
Result<Value> minus_span(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, 0));
  PENSTOCK_ASSIGN(const Span result, negate(span));
  return interval_value(result, call.arena);
}
template <Result<Span> (*operation)(const Span&, double), std::size_t span_at>
Result<Value> span_and_number(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, span_at));
  PENSTOCK_ASSIGN(const Span result, operation(span, argument<double>(call, 1 - span_at)));
  return interval_value(result, call.arena);
}

std::vector<Function> moments() {
  using namespace oid;
  return {
      {.name = "+",
       .arguments = {kTimestamp, kInterval},
       .result = kTimestamp,
       .call = moment_and_span<false, 0, 1, false>,
       .example = "timestamp '2024-01-31 10:00' + interval '1 month' = timestamp '2024-02-29 10:00'"},
      {.name = "+",
       .arguments = {kInterval, kTimestamp},
       .result = kTimestamp,
       .call = moment_and_span<false, 1, 0, false>,
       .example = "interval '1 day' + timestamp '2024-02-28' = timestamp '2024-02-29'"},
      {.name = "-",
       .arguments = {kTimestamp, kInterval},
       .result = kTimestamp,
       .call = moment_and_span<false, 0, 1, true>,
       .example = "timestamp '2024-03-31' - interval '1 month' = timestamp '2024-02-29'"},
      {.name = "+",
       .arguments = {kTimestampTz, kInterval},
       .result = kTimestampTz,
       .call = moment_and_span<true, 0, 1, false>,
       .example = "timestamptz '2024-01-01 00:00+00' + interval '36 hours' = '2024-01-02 12:00+00'"},
      {.name = "+",
       .arguments = {kInterval, kTimestampTz},
       .result = kTimestampTz,
       .call = moment_and_span<true, 1, 0, false>,
       .example = "interval '1 year' + timestamptz '2024-02-29 00:00+00' = '2025-02-28 00:00+00'"},
      {.name = "-",
       .arguments = {kTimestampTz, kInterval},
       .result = kTimestampTz,
       .call = moment_and_span<true, 0, 1, true>,
       .example = "timestamptz '2024-01-01 00:00+00' - interval '1 second' = '2023-12-31 23:59:59+00'"},
      {.name = "-",
       .arguments = {kTimestamp, kTimestamp},
       .result = kInterval,
       .call = moments_apart,
       .example = "timestamp '2024-03-01 12:00' - timestamp '2024-02-28' = interval '2 days 12:00:00'"},
      {.name = "-",
       .arguments = {kTimestampTz, kTimestampTz},
       .result = kInterval,
       .call = moments_apart,
       .example = "timestamptz '2024-01-02 00:00+00' - timestamptz '2024-01-01 00:00+00' = interval '1 day'"},
  };
}

std::vector<Function> dates_and_times() {
  using namespace oid;
  return {
      {.name = "+",
       .arguments = {kDate, kInt4},
       .result = kDate,
       .call = date_and_days<0, 1, false>,
       .example = "date '2024-02-28' + 2 = date '2024-03-01'"},
      {.name = "+",
       .arguments = {kInt4, kDate},
       .result = kDate,
       .call = date_and_days<1, 0, false>,
       .example = "1 + date '2023-12-31' = date '2024-01-01'"},
      {.name = "-",
       .arguments = {kDate, kInt4},
       .result = kDate,
       .call = date_and_days<0, 1, true>,
       .example = "date '2024-03-01' - 1 = date '2024-02-29'"},
      {.name = "-",
       .arguments = {kDate, kDate},
       .result = kInt4,
       .call = dates_apart,
       .example = "date '2024-03-01' - date '2024-02-01' = 29"},
      {.name = "+",
       .arguments = {kDate, kInterval},
       .result = kTimestamp,
       .call = date_and_span<0, 1, false>,
       .example = "date '2024-01-31' + interval '1 month 1 hour' = timestamp '2024-02-29 01:00'"},
      {.name = "+",
       .arguments = {kInterval, kDate},
       .result = kTimestamp,
       .call = date_and_span<1, 0, false>,
       .example = "interval '1 day' + date '2024-02-28' = timestamp '2024-02-29'"},
      {.name = "-",
       .arguments = {kDate, kInterval},
       .result = kTimestamp,
       .call = date_and_span<0, 1, true>,
       .example = "date '2024-03-01' - interval '1 hour' = timestamp '2024-02-29 23:00'"},
      {.name = "+",
       .arguments = {kDate, kTime},
       .result = kTimestamp,
       .call = date_and_time<0, 1>,
       .example = "date '2024-02-28' + time '03:00' = timestamp '2024-02-28 03:00'"},
      {.name = "+",
       .arguments = {kTime, kDate},
       .result = kTimestamp,
       .call = date_and_time<1, 0>,
       .example = "time '03:00' + date '2024-02-28' = timestamp '2024-02-28 03:00'"},
      {.name = "+",
       .arguments = {kTime, kInterval},
       .result = kTime,
       .call = time_and_span<0, 1, false>,
       .example = "time '23:00' + interval '3 hours' = time '02:00'"},
      {.name = "+",
       .arguments = {kInterval, kTime},
       .result = kTime,
       .call = time_and_span<1, 0, false>,
       .example = "interval '1 day 1 hour' + time '01:00' = time '02:00'"},
      {.name = "-",
       .arguments = {kTime, kInterval},
       .result = kTime,
       .call = time_and_span<0, 1, true>,
       .example = "time '01:00' - interval '2 hours' = time '23:00'"},
      {.name = "-",
       .arguments = {kTime, kTime},
       .result = kInterval,
       .call = times_apart,
       .example = "time '05:00' - time '03:30' = interval '01:30:00'"},
  };
}

}  // namespace

std::vector<Function> datetime_arithmetic() {
  std::vector<Function> all = moments();
  const std::vector<Function> others = dates_and_times();
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::vector<Function> interval_arithmetic() {
  using namespace oid;
  return {
      {.name = "+",
       .arguments = {kInterval, kInterval},
       .result = kInterval,
       .call = two_spans<add>,
       .example = "interval '1 day' + interval '1 hour' = interval '1 day 01:00:00'"},
      {.name = "-",
       .arguments = {kInterval, kInterval},
       .result = kInterval,
       .call = two_spans<subtract>,
       .example = "interval '1 day' - interval '1 hour' = interval '1 day -01:00:00'"},
      {.name = "-",
       .arguments = {kInterval},
       .result = kInterval,
       .call = minus_span,
       .example = "- interval '23 hours' = interval '-23:00:00'"},
      {.name = "*",
       .arguments = {kInterval, kFloat8},
       .result = kInterval,
       .call = span_and_number<multiply, 0>,
       .example = "interval '1 hour' * 3.5 = interval '03:30:00'"},
      {.name = "*",
       .arguments = {kFloat8, kInterval},
       .result = kInterval,
       .call = span_and_number<multiply, 1>,
       .example = "21 * interval '1 day' = interval '21 days'"},
      {.name = "/",
       .arguments = {kInterval, kFloat8},
       .result = kInterval,
       .call = span_and_number<divide, 0>,
       .example = "interval '1 hour' / 1.5 = interval '00:40:00'"},
  };
}

}  // namespace penstock::expression
