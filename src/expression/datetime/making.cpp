#include <fmt/format.h>

#include <cmath>

#include "expression/datetime/families.h"

namespace penstock::expression {
namespace {

// Negative years are BC.
Result<std::int64_t> made_date(const Call& call) {
  const std::int32_t year = int_argument(call, 0);
  const std::int32_t month = int_argument(call, 1);
  const std::int32_t day = int_argument(call, 2);
  const std::int64_t astronomical = year < 0 ? std::int64_t{year} + 1 : year;
  if (year == 0 || !is_civil_date(astronomical, month, day))
    return bad_row(fmt::format("date field value out of range: {}-{:02}-{:02}", year, month, day));
  const std::int64_t days =
      days_of(CivilDate{astronomical, static_cast<unsigned>(month), static_cast<unsigned>(day)});
  if (!is_valid_date(days))
    return bad_row(fmt::format("date out of range: {}-{:02}-{:02}", year, month, day));
  return days;
}

Result<std::int64_t> made_time(const Call& call, std::size_t first) {
  const std::int64_t hour = int_argument(call, first);
  const std::int64_t minute = int_argument(call, first + 1);
  const double second = argument<double>(call, first + 2);
  const auto refuse = [&] {
    return bad_row(fmt::format("time field value out of range: {}:{:02}:{}", hour, minute, second));
  };
  const double micros = std::rint(second * 1e6);
  const bool in_range =
      hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && micros >= 0 && micros <= 60e6;
  if (!in_range) return refuse();
  const std::int64_t time = (hour * 60 + minute) * 60 * kMicrosPerSecond + static_cast<std::int64_t>(micros);
  if (time > kMicrosPerDay) return refuse();
  return time;
}

Result<Value> make_date(const Call& call) {
  PENSTOCK_ASSIGN(const auto days, made_date(call));
  return date_value(days, call.arena);
}
Result<Value> make_time(const Call& call) {
  PENSTOCK_ASSIGN(const auto micros, made_time(call, 0));
  return time_value(micros, call.arena);
}
template <bool with_zone>
Result<Value> make_timestamp(const Call& call) {
  PENSTOCK_ASSIGN(const auto days, made_date(call));
  PENSTOCK_ASSIGN(const auto micros, made_time(call, 3));
  PENSTOCK_ASSIGN(const auto moment, join(days, micros));
  return timestamp_value(moment, with_zone, call.arena);
}

// years, months, weeks, days, hours, minutes, seconds; what is not given is 0.
Result<Value> make_interval(const Call& call) {
  std::int64_t counts[6] = {0, 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < 6 && i < call.arguments.size(); ++i) counts[i] = int_argument(call, i);
  const double seconds = call.arguments.size() > 6 ? argument<double>(call, 6) : 0;
  const double micros = std::rint(seconds * 1e6);
  const std::int64_t months = counts[0] * 12 + counts[1];
  const std::int64_t days = counts[2] * 7 + counts[3];
  Span span;
  span.months = static_cast<std::int32_t>(months);
  span.days = static_cast<std::int32_t>(days);
  const bool fits = span.months == months && span.days == days && micros > -0x1p63 && micros < 0x1p63;
  const std::int64_t hours_and_minutes = (counts[4] * 60 + counts[5]) * 60 * kMicrosPerSecond;
  if (!fits || __builtin_add_overflow(hours_and_minutes, static_cast<std::int64_t>(micros), &span.micros))
    return bad_row("interval out of range");
  return interval_value(span, call.arena);
}

Result<Value> to_timestamp(const Call& call) {
  constexpr double kFirst = -210866803200.0;       // 4714-11-24 BC
  constexpr double kBehindLast = 9224318016000.0;  // 294277-01-01
  const double seconds = argument<double>(call, 0);
  if (std::isnan(seconds)) return bad_row("timestamp cannot be NaN");
  if (std::isinf(seconds))
    return timestamp_value(seconds < 0 ? kMinusInfiniteMoment : kInfiniteMoment, true, call.arena);
  if (seconds < kFirst || seconds >= kBehindLast)
    return bad_row(fmt::format("timestamp out of range: \"{}\"", seconds));
  const double micros = std::rint((seconds - static_cast<double>(kPostgresEpochDays) * 86400) * 1e6);
  PENSTOCK_ASSIGN(const auto moment, checked_moment(static_cast<std::int64_t>(micros)));
  return timestamp_value(moment, true, call.arena);
}

// The time between two moments as years, months, days and so on, counted by the calendar of the earlier one.
Result<Value> age(const Call& call) {
  const std::int64_t left = moment_argument(call, 0);
  const std::int64_t right = moment_argument(call, 1);
  if (is_infinite(left) || is_infinite(right)) return bad_row("timestamp out of range");
  const bool negative = left < right;
  const Civil late = civil_of(negative ? right : left);
  const Civil early = civil_of(negative ? left : right);
  std::int64_t micros = late.micros_of_day() - early.micros_of_day();
  std::int64_t days = std::int64_t{late.date.day} - early.date.day;
  std::int64_t months = (late.date.year - early.date.year) * 12 + late.date.month - early.date.month;
  if (micros < 0) {
    micros += kMicrosPerDay;
    --days;
  }
  while (days < 0) {
    days += days_in_month(early.date.year, early.date.month);
    --months;
  }
  const std::int64_t sign = negative ? -1 : 1;
  const Span span{static_cast<std::int32_t>(sign * months), static_cast<std::int32_t>(sign * days),
                  sign * micros};
  return interval_value(span, call.arena);
}

template <Result<Span> (*operation)(const Span&)>
Result<Value> justify(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, 0));
  PENSTOCK_ASSIGN(const Span result, operation(span));
  return interval_value(result, call.arena);
}

Result<Value> moment_is_finite(const Call& call) { return Value(!is_infinite(moment_argument(call, 0))); }
Result<Value> date_is_finite(const Call& call) { return Value(!is_infinite(days_argument(call, 0))); }
Result<Value> span_is_finite(const Call& call) {
  return Value(argument<Interval>(call, 0).text.find("inf") == std::string_view::npos);
}

std::vector<Function> makers() {
  using namespace oid;
  return {
      {.name = "make_date",
       .arguments = {kInt4, kInt4, kInt4},
       .result = kDate,
       .call = make_date,
       .example = "make_date(2024, 7, 15) = date '2024-07-15'"},
      {.name = "make_time",
       .arguments = {kInt4, kInt4, kFloat8},
       .result = kTime,
       .call = make_time,
       .example = "make_time(8, 15, 23.5) = time '08:15:23.5'"},
      {.name = "make_timestamp",
       .arguments = {kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8},
       .result = kTimestamp,
       .call = make_timestamp<false>,
       .example = "make_timestamp(2024, 7, 15, 8, 15, 23.5) = timestamp '2024-07-15 08:15:23.5'"},
      {.name = "make_timestamptz",
       .arguments = {kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8},
       .result = kTimestampTz,
       .call = make_timestamp<true>,
       .example = "make_timestamptz(2024, 7, 15, 8, 15, 23.5) = timestamptz '2024-07-15 08:15:23.5+00'"},
      {.name = "to_timestamp",
       .arguments = {kFloat8},
       .result = kTimestampTz,
       .call = to_timestamp,
       .example = "to_timestamp(1284352323) = timestamptz '2010-09-13 04:32:03+00'"},
  };
}

std::vector<Function> interval_makers() {
  using namespace oid;
  std::vector<Function> all;
  const std::vector<std::uint32_t> arguments = {kInt4, kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8};
  for (std::size_t count = 1; count <= arguments.size(); ++count) {
    Function function{.name = "make_interval", .arguments = {}, .result = kInterval, .call = make_interval};
    function.arguments.assign(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(count));
    function.example = "make_interval(0, 0, 0, 10) = interval '10 days'";
    all.push_back(std::move(function));
  }
  return all;
}

}  // namespace

std::vector<Function> making_functions() {
  using namespace oid;
  std::vector<Function> all = {
      {.name = "age",
       .arguments = {kTimestamp, kTimestamp},
       .result = kInterval,
       .call = age,
       .example = "age(timestamp '2001-04-10', timestamp '1957-06-13') = interval '43 years 9 mons 27 days'"},
      {.name = "age",
       .arguments = {kTimestampTz, kTimestampTz},
       .result = kInterval,
       .call = age,
       .example = "age(timestamptz '2024-03-01 00:00+00', timestamptz '2024-01-31 00:00+00') = "
                  "interval '1 mon 1 day'"},
      {.name = "justify_hours",
       .arguments = {kInterval},
       .result = kInterval,
       .call = justify<justify_hours>,
       .example = "justify_hours(interval '27 hours') = interval '1 day 03:00:00'"},
      {.name = "justify_days",
       .arguments = {kInterval},
       .result = kInterval,
       .call = justify<justify_days>,
       .example = "justify_days(interval '35 days') = interval '1 mon 5 days'"},
      {.name = "justify_interval",
       .arguments = {kInterval},
       .result = kInterval,
       .call = justify<justify_interval>,
       .example = "justify_interval(interval '1 mon -1 hour')::text = '29 days 23:00:00'"},
      {.name = "isfinite",
       .arguments = {kDate},
       .result = kBool,
       .call = date_is_finite,
       .example = "isfinite(date '2024-02-16')"},
      {.name = "isfinite",
       .arguments = {kTimestamp},
       .result = kBool,
       .call = moment_is_finite,
       .example = "not isfinite(timestamp 'infinity')"},
      {.name = "isfinite",
       .arguments = {kTimestampTz},
       .result = kBool,
       .call = moment_is_finite,
       .example = "not isfinite(timestamptz '-infinity')"},
      {.name = "isfinite",
       .arguments = {kInterval},
       .result = kBool,
       .call = span_is_finite,
       .example = "isfinite(interval '4 hours')"},
  };
  for (const auto& family : {makers(), interval_makers()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace penstock::expression
