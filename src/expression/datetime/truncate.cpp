#include <fmt/format.h>

#include "expression/datetime/families.h"
#include "expression/datetime/unit.h"
#include "expression/datetime/zone.h"

namespace penstock::expression {
namespace {

tl::unexpected<Error> not_supported(std::string_view unit, std::string_view type) {
  return bad_row(fmt::format("unit \"{}\" not supported for type {}", unit, type));
}
Result<Unit> unit_argument(const Call& call, std::string_view type) {
  const auto unit = unit_named(text_argument(call, 0));
  if (!unit)
    return bad_row(fmt::format("unit \"{}\" not recognized for type {}", text_argument(call, 0), type));
  return *unit;
}

// The first year of the `years` that a year lies in; years are astronomical. Centuries begin with a year 1.
std::int64_t first_of_years(std::int64_t year, std::int64_t years) {
  const std::int64_t last = years - 1;
  return year > 0 ? (year + last) / years * years - last : -((last - (year - 1)) / years) * years + 1;
}
std::int64_t first_of_decade(std::int64_t year) {
  return year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10) * 10;
}

// Days since 2000-01-01 of the first day of what is truncated to; nothing for units below a day.
std::optional<std::int64_t> first_day(const Civil& civil, Unit unit) {
  const std::int64_t year = civil.date.year;
  switch (unit) {
    case Unit::kMillennium:
      return days_of(CivilDate{first_of_years(year, 1000), 1, 1});
    case Unit::kCentury:
      return days_of(CivilDate{first_of_years(year, 100), 1, 1});
    case Unit::kDecade:
      return days_of(CivilDate{first_of_decade(year), 1, 1});
    case Unit::kYear:
      return days_of(CivilDate{year, 1, 1});
    case Unit::kQuarter:
      return days_of(CivilDate{year, (civil.date.month - 1) / 3 * 3 + 1, 1});
    case Unit::kMonth:
      return days_of(CivilDate{year, civil.date.month, 1});
    case Unit::kWeek:
      return civil.days - iso_week_of(civil.days).day + 1;
    case Unit::kDay:
      return civil.days;
    default:
      return std::nullopt;
  }
}

// Microseconds of units below a day; 0 for others.
std::int64_t micros_of(Unit unit) {
  switch (unit) {
    case Unit::kHour:
      return 3600 * kMicrosPerSecond;
    case Unit::kMinute:
      return 60 * kMicrosPerSecond;
    case Unit::kSecond:
      return kMicrosPerSecond;
    case Unit::kMillisecond:
      return 1000;
    case Unit::kMicrosecond:
      return 1;
    default:
      return 0;
  }
}

template <bool with_zone>
Result<Value> truncate_moment(const Call& call) {
  constexpr std::string_view kType = with_zone ? "timestamp with time zone" : "timestamp without time zone";
  const std::int64_t moment = moment_argument(call, 1);
  if (is_infinite(moment)) return call.arguments[1];
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, kType));
  const Civil civil = civil_of(moment);
  if (const auto day = first_day(civil, unit)) {
    PENSTOCK_ASSIGN(const auto start, join(*day, 0));
    return timestamp_value(start, with_zone, call.arena);
  }
  const std::int64_t micros = micros_of(unit);
  if (micros == 0) return not_supported(text_argument(call, 0), kType);
  PENSTOCK_ASSIGN(const auto start, join(civil.days, civil.micros_of_day() / micros * micros));
  return timestamp_value(start, with_zone, call.arena);
}

std::int64_t unix_seconds(std::int64_t moment) {
  const Civil civil = civil_of(moment);
  return (civil.days + kPostgresEpochDays) * 86400 + civil.micros_of_day() / kMicrosPerSecond;
}

// By the clock of a zone: only from days on may another offset hold at the start.
Result<Value> truncate_in_zone(const Call& call) {
  constexpr std::string_view kType = "timestamp with time zone";
  const std::int64_t moment = moment_argument(call, 1);
  if (is_infinite(moment)) return call.arguments[1];
  PENSTOCK_ASSIGN(const auto zone, Zone::named(text_argument(call, 2)));
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, kType));
  const std::int64_t offset = zone->offset_at(unix_seconds(moment)) * kMicrosPerSecond;
  const Civil civil = civil_of(moment + offset);
  std::int64_t start = 0;
  if (const auto day = first_day(civil, unit)) {
    start =
        *day * kMicrosPerDay - zone->offset_at_local((*day + kPostgresEpochDays) * 86400) * kMicrosPerSecond;
  } else if (const std::int64_t micros = micros_of(unit); micros != 0) {
    start = civil.days * kMicrosPerDay + civil.micros_of_day() / micros * micros - offset;
  } else {
    return not_supported(text_argument(call, 0), kType);
  }
  PENSTOCK_ASSIGN(start, checked_moment(start));
  return timestamp_value(start, true, call.arena);
}

std::int64_t months_of(Unit unit) {
  switch (unit) {
    case Unit::kMillennium:
      return 12000;
    case Unit::kCentury:
      return 1200;
    case Unit::kDecade:
      return 120;
    case Unit::kYear:
      return 12;
    case Unit::kQuarter:
      return 3;
    case Unit::kMonth:
      return 1;
    default:
      return 0;
  }
}

Result<Value> truncate_span(const Call& call) {
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, "interval"));
  PENSTOCK_ASSIGN(Span span, span_argument(call, 1));
  if (const std::int64_t months = months_of(unit); months != 0) {
    span = Span{static_cast<std::int32_t>(span.months / months * months), 0, 0};
  } else if (unit == Unit::kDay) {
    span.micros = 0;
  } else if (const std::int64_t micros = micros_of(unit); micros != 0) {
    span.micros = span.micros / micros * micros;
  } else {
    return not_supported(text_argument(call, 0), "interval");
  }
  return interval_value(span, call.arena);
}

template <bool with_zone>
Result<Value> bin(const Call& call) {
  const std::int64_t moment = moment_argument(call, 1);
  const std::int64_t origin = moment_argument(call, 2);
  if (is_infinite(moment)) return call.arguments[1];
  if (is_infinite(origin)) return bad_row("origin out of range");
  PENSTOCK_ASSIGN(const Span stride, span_argument(call, 0));
  if (stride.months != 0)
    return bad_row("timestamps cannot be binned into intervals containing months or years");
  std::int64_t width = 0;
  if (__builtin_mul_overflow(std::int64_t{stride.days}, kMicrosPerDay, &width) ||
      __builtin_add_overflow(width, stride.micros, &width))
    return bad_row("interval out of range");
  if (width <= 0) return bad_row("stride must be greater than zero");
  std::int64_t distance = 0;
  if (__builtin_sub_overflow(moment, origin, &distance)) return bad_row("interval out of range");
  const std::int64_t rest = distance % width;
  std::int64_t start = origin + (distance - rest);
  if (rest < 0 && __builtin_sub_overflow(start, width, &start)) return bad_row("timestamp out of range");
  PENSTOCK_ASSIGN(start, checked_moment(start));
  return timestamp_value(start, with_zone, call.arena);
}

}  // namespace

std::vector<Function> truncation_functions() {
  using namespace oid;
  return {
      {.name = "date_trunc",
       .arguments = {kText, kTimestamp},
       .result = kTimestamp,
       .call = truncate_moment<false>,
       .example = "date_trunc('hour', timestamp '2024-02-16 20:38:40') = timestamp '2024-02-16 20:00:00'"},
      {.name = "date_trunc",
       .arguments = {kText, kTimestampTz},
       .result = kTimestampTz,
       .call = truncate_moment<true>,
       .example = "date_trunc('month', timestamptz '2024-02-16 20:38:40+00') = '2024-02-01 00:00:00+00'"},
      {.name = "date_trunc",
       .arguments = {kText, kTimestampTz, kText},
       .result = kTimestampTz,
       .call = truncate_in_zone,
       .example = "date_trunc('day', timestamptz '2024-02-16 20:38:40+00', 'Australia/Sydney') = "
                  "'2024-02-16 13:00:00+00'"},
      {.name = "date_trunc",
       .arguments = {kText, kInterval},
       .result = kInterval,
       .call = truncate_span,
       .example = "date_trunc('hour', interval '2 days 3 hours 40 minutes') = interval '2 days 03:00:00'"},
      {.name = "date_bin",
       .arguments = {kInterval, kTimestamp, kTimestamp},
       .result = kTimestamp,
       .call = bin<false>,
       .example = "date_bin('15 minutes', timestamp '2024-02-11 15:44:17', timestamp '2001-01-01') = "
                  "timestamp '2024-02-11 15:30:00'"},
      {.name = "date_bin",
       .arguments = {kInterval, kTimestampTz, kTimestampTz},
       .result = kTimestampTz,
       .call = bin<true>,
       .example =
           "date_bin('1 hour', timestamptz '2024-02-11 15:44:17+00', timestamptz '2001-01-01 00:30+00') "
           "= '2024-02-11 15:30:00+00'"},
  };
}

}  // namespace penstock::expression
