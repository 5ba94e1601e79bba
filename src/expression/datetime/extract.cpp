#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "expression/datetime/families.h"
#include "expression/datetime/int128.h"
#include "expression/datetime/unit.h"

namespace penstock::expression {
namespace {

// A field's value: `number` / 10^digits, exact; date_part() gives `real` where PostgreSQL computes it
// otherwise.
struct Field {
  Int128 number = 0;
  int digits = 0;
  std::optional<double> real;
};

std::string decimal_text(Int128 number, int digits) {
  const bool negative = number < 0;
  std::string text;
  for (Int128 rest = negative ? -number : number;
       rest != 0 || text.size() < static_cast<std::size_t>(digits) + 1; rest /= 10) {
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (digits > 0) text.insert(static_cast<std::size_t>(digits), ".");
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

enum class As { kNumeric, kDouble };

template <As as>
Value field_value(const Call& call, const Field& field) {
  if constexpr (as == As::kNumeric) return decimal_result(call, decimal_text(field.number, field.digits));
  if (field.real) return *field.real;
  return static_cast<double>(field.number);
}
template <As as>
Value infinity(bool negative) {
  if constexpr (as == As::kNumeric) return Decimal{negative ? "-Infinity" : "Infinity"};
  return negative ? -HUGE_VAL : HUGE_VAL;
}

tl::unexpected<Error> not_supported(const Call& call, std::string_view type) {
  return bad_row(fmt::format("unit \"{}\" not supported for type {}", text_argument(call, 0), type));
}
Result<Unit> unit_argument(const Call& call, std::string_view type) {
  const auto unit = unit_named(text_argument(call, 0));
  if (!unit)
    return bad_row(fmt::format("unit \"{}\" not recognized for type {}", text_argument(call, 0), type));
  return *unit;
}

std::int64_t century_of(std::int64_t year, std::int64_t years) {
  const std::int64_t last = years - 1;
  return year > 0 ? (year + last) / years : -((last - (year - 1)) / years);
}
// PostgreSQL has no year 0: astronomical 0 is -1, that is 1 BC.
std::int64_t without_zero(std::int64_t year) { return year > 0 ? year : year - 1; }

// Fields that a date has too.
std::optional<Field> field_of_date(const Civil& civil, Unit unit) {
  const std::int64_t year = civil.date.year;
  const IsoWeek week = iso_week_of(civil.days);
  switch (unit) {
    case Unit::kDay:
      return Field{civil.date.day, 0, {}};
    case Unit::kMonth:
      return Field{civil.date.month, 0, {}};
    case Unit::kQuarter:
      return Field{(civil.date.month - 1) / 3 + 1, 0, {}};
    case Unit::kWeek:
      return Field{week.week, 0, {}};
    case Unit::kYear:
      return Field{without_zero(year), 0, {}};
    case Unit::kDecade:
      return Field{year >= 0 ? year / 10 : -((8 - (year - 1)) / 10), 0, {}};
    case Unit::kCentury:
      return Field{century_of(year, 100), 0, {}};
    case Unit::kMillennium:
      return Field{century_of(year, 1000), 0, {}};
    case Unit::kIsoYear:
      return Field{without_zero(week.year), 0, {}};
    case Unit::kDayOfWeek:
      return Field{day_of_week(civil.days), 0, {}};
    case Unit::kIsoDayOfWeek:
      return Field{week.day, 0, {}};
    case Unit::kDayOfYear:
      return Field{day_of_year(civil), 0, {}};
    default:
      return std::nullopt;
  }
}

// Fields of a time of day; `seconds` and `micros` are the minute's.
std::optional<Field> field_of_time(std::int64_t hour, std::int64_t minute, std::int64_t seconds,
                                   std::int64_t micros, Unit unit) {
  const std::int64_t all = seconds * kMicrosPerSecond + micros;
  switch (unit) {
    case Unit::kMicrosecond:
      return Field{all, 0, {}};
    case Unit::kMillisecond:
      return Field{all, 3, static_cast<double>(seconds) * 1000.0 + static_cast<double>(micros) / 1000.0};
    case Unit::kSecond:
      return Field{all, 6, static_cast<double>(seconds) + static_cast<double>(micros) / 1e6};
    case Unit::kMinute:
      return Field{minute, 0, {}};
    case Unit::kHour:
      return Field{hour, 0, {}};
    default:
      return std::nullopt;
  }
}

// The part of a day as PostgreSQL's numeric division prints it: at least 16 digits that count.
Field julian_field(const Civil& civil) {
  constexpr std::int64_t kTenThousand = 10'000;
  const std::int64_t micros = civil.micros_of_day();
  std::int64_t weight = 0;
  std::int64_t first_digit = micros;
  for (; first_digit >= kTenThousand; first_digit /= kTenThousand) ++weight;
  // The divisor, 86400000000, has weight 2 and the first digit 864.
  const std::int64_t quotient_weight = weight - 2 - (first_digit <= 864 ? 1 : 0);
  const auto digits = static_cast<int>(16 - quotient_weight * 4);
  Int128 scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  const Int128 part = (micros * scale + kMicrosPerDay / 2) / kMicrosPerDay;
  const auto day = static_cast<double>(julian_day(civil.days));
  const double seconds = static_cast<double>((civil.hour * 60 + civil.minute) * 60 + civil.second) +
                         static_cast<double>(civil.micros) / 1e6;
  return Field{Int128{julian_day(civil.days)} * scale + part, digits, day + seconds / 86400};
}

bool grows_with_time(Unit unit) {
  switch (unit) {
    case Unit::kYear:
    case Unit::kDecade:
    case Unit::kCentury:
    case Unit::kMillennium:
    case Unit::kJulian:
    case Unit::kIsoYear:
    case Unit::kEpoch:
      return true;
    default:
      return false;
  }
}
bool of_time(Unit unit) { return unit <= Unit::kHour; }
bool of_zone(Unit unit) { return unit >= Unit::kTimezone && unit <= Unit::kTimezoneMinute; }

template <As as, bool with_zone>
Result<Value> of_moment(const Call& call) {
  constexpr std::string_view kType = with_zone ? "timestamp with time zone" : "timestamp without time zone";
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, kType));
  const std::int64_t moment = moment_argument(call, 1);
  if (is_infinite(moment)) {
    if (grows_with_time(unit)) return infinity<as>(moment == kMinusInfiniteMoment);
    return Value(Null{});
  }
  const Civil civil = civil_of(moment);
  if (const auto field = field_of_date(civil, unit)) return field_value<as>(call, *field);
  if (const auto field = field_of_time(civil.hour, civil.minute, civil.second, civil.micros, unit))
    return field_value<as>(call, *field);
  if (unit == Unit::kJulian) return field_value<as>(call, julian_field(civil));
  if (unit == Unit::kEpoch) {
    Int128 micros = Int128{moment} + kPostgresEpochDays * kMicrosPerDay;
    // What is beyond 64 bits PostgreSQL divides as numeric, to 16 digits.
    if (as == As::kNumeric && micros > kInfiniteMoment) micros = (micros + 50) / 100 * 100;
    return field_value<as>(call, Field{micros, 6, static_cast<double>(micros) / 1e6});
  }
  if (with_zone && of_zone(unit)) return field_value<as>(call, Field{});
  return not_supported(call, kType);
}

Result<Value> of_date(const Call& call) {
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, "date"));
  const std::int64_t days = days_argument(call, 1);
  if (of_time(unit) || of_zone(unit)) return not_supported(call, "date");
  if (is_infinite(days)) {
    if (grows_with_time(unit)) return infinity<As::kNumeric>(days == kMinusInfiniteMoment);
    return Value(Null{});
  }
  if (unit == Unit::kJulian) return field_value<As::kNumeric>(call, Field{julian_day(days), 0, {}});
  if (unit == Unit::kEpoch)
    return field_value<As::kNumeric>(call, Field{Int128{days + kPostgresEpochDays} * 86400, 0, {}});
  return field_value<As::kNumeric>(call, *field_of_date(civil_of(days, 0), unit));
}
// date_part() takes a date as the timestamp of its midnight.
Result<Value> part_of_date(const Call& call) {
  const std::int64_t days = days_argument(call, 1);
  std::int64_t moment = days;
  if (!is_infinite(days)) {
    const auto midnight = join(days, 0);
    if (!midnight) return bad_row("date out of range for timestamp");
    moment = *midnight;
  }
  const Value arguments[] = {call.arguments[0], timestamp_value(moment, false, call.arena)};
  return of_moment<As::kDouble, false>(Call{arguments, call.arena});
}

std::optional<Field> years_of_span(const SpanFields& fields, Unit unit) {
  switch (unit) {
    case Unit::kDay:
      return Field{fields.days, 0, {}};
    case Unit::kMonth:
      return Field{fields.months, 0, {}};
    case Unit::kQuarter:
      return Field{fields.months / 3 + 1, 0, {}};
    case Unit::kYear:
      return Field{fields.years, 0, {}};
    case Unit::kDecade:
      return Field{fields.years / 10, 0, {}};
    case Unit::kCentury:
      return Field{fields.years / 100, 0, {}};
    case Unit::kMillennium:
      return Field{fields.years / 1000, 0, {}};
    default:
      return std::nullopt;
  }
}

// A year counts as 365.25 days and a month as 30.
Field epoch_of_span(const Span& span) {
  constexpr std::int64_t kQuarterDay = 86400 / 4;
  const std::int64_t quarters = std::int64_t{1461} * (span.months / 12) +
                                std::int64_t{120} * (span.months % 12) + std::int64_t{4} * span.days;
  double seconds = static_cast<double>(span.micros) / 1e6;
  const int years = span.months / 12;
  seconds += 365.25 * 86400 * years;
  seconds += 30.0 * 86400 * (span.months % 12);
  seconds += 86400.0 * span.days;
  return Field{Int128{quarters} * kQuarterDay * kMicrosPerSecond + span.micros, 6, seconds};
}

template <As as>
Result<Value> of_span(const Call& call) {
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, "interval"));
  PENSTOCK_ASSIGN(const Span span, span_argument(call, 1));
  const SpanFields fields = fields_of(span);
  if (const auto field = years_of_span(fields, unit)) return field_value<as>(call, *field);
  if (const auto field = field_of_time(fields.hours, fields.minutes, fields.seconds, fields.micros, unit))
    return field_value<as>(call, *field);
  if (unit == Unit::kEpoch) return field_value<as>(call, epoch_of_span(span));
  return not_supported(call, "interval");
}

template <As as, bool with_zone>
Result<Value> of_time_of_day(const Call& call) {
  constexpr std::string_view kType = with_zone ? "time with time zone" : "time without time zone";
  PENSTOCK_ASSIGN(const Unit unit, unit_argument(call, kType));
  PENSTOCK_ASSIGN(const std::int64_t micros, time_argument(call, 1));
  const std::int64_t offset = with_zone ? offset_of(argument<Time>(call, 1).text).value_or(0) : 0;
  const std::int64_t seconds = micros / kMicrosPerSecond;
  if (const auto field =
          field_of_time(seconds / 3600, seconds / 60 % 60, seconds % 60, micros % kMicrosPerSecond, unit))
    return field_value<as>(call, *field);
  if (unit == Unit::kEpoch) {
    const std::int64_t utc = micros - offset * kMicrosPerSecond;
    return field_value<as>(call,
                           Field{utc, 6, static_cast<double>(micros) / 1e6 - static_cast<double>(offset)});
  }
  if (with_zone && unit == Unit::kTimezone) return field_value<as>(call, Field{offset, 0, {}});
  if (with_zone && unit == Unit::kTimezoneHour) return field_value<as>(call, Field{offset / 3600, 0, {}});
  if (with_zone && unit == Unit::kTimezoneMinute)
    return field_value<as>(call, Field{offset / 60 % 60, 0, {}});
  return not_supported(call, kType);
}

}  // namespace

std::vector<Function> extraction_functions() {
  using namespace oid;
  constexpr As kExact = As::kNumeric;
  constexpr As kReal = As::kDouble;
  return {
      {.name = "extract",
       .arguments = {kText, kTimestamp},
       .result = kNumeric,
       .call = of_moment<kExact, false>,
       .example = "extract(second from timestamp '2024-02-16 20:38:40.12') = 40.120000"},
      {.name = "extract",
       .arguments = {kText, kTimestampTz},
       .result = kNumeric,
       .call = of_moment<kExact, true>,
       .example = "extract(epoch from timestamptz '2024-01-01 00:00+00') = 1704067200"},
      {.name = "extract",
       .arguments = {kText, kDate},
       .result = kNumeric,
       .call = of_date,
       .example = "extract(isodow from date '2024-02-18') = 7"},
      {.name = "extract",
       .arguments = {kText, kInterval},
       .result = kNumeric,
       .call = of_span<kExact>,
       .example = "extract(epoch from interval '5 days 3 hours') = 442800"},
      {.name = "extract",
       .arguments = {kText, kTime},
       .result = kNumeric,
       .call = of_time_of_day<kExact, false>,
       .example = "extract(hour from time '20:38:40') = 20"},
      {.name = "extract",
       .arguments = {kText, kTimeTz},
       .result = kNumeric,
       .call = of_time_of_day<kExact, true>,
       .example = "extract(timezone_hour from timetz '20:38:40+05:30') = 5"},
      {.name = "date_part",
       .arguments = {kText, kTimestamp},
       .result = kFloat8,
       .call = of_moment<kReal, false>,
       .example = "date_part('week', timestamp '2024-12-30') = 1"},
      {.name = "date_part",
       .arguments = {kText, kTimestampTz},
       .result = kFloat8,
       .call = of_moment<kReal, true>,
       .example = "date_part('doy', timestamptz '2024-12-31 00:00+00') = 366"},
      {.name = "date_part",
       .arguments = {kText, kDate},
       .result = kFloat8,
       .call = part_of_date,
       .example = "date_part('quarter', date '2024-05-01') = 2"},
      {.name = "date_part",
       .arguments = {kText, kInterval},
       .result = kFloat8,
       .call = of_span<kReal>,
       .example = "date_part('month', interval '2 years 3 months') = 3"},
      {.name = "date_part",
       .arguments = {kText, kTime},
       .result = kFloat8,
       .call = of_time_of_day<kReal, false>,
       .example = "date_part('minute', time '20:38:40') = 38"},
      {.name = "date_part",
       .arguments = {kText, kTimeTz},
       .result = kFloat8,
       .call = of_time_of_day<kReal, true>,
       .example = "date_part('second', timetz '20:38:40.5+00') = 40.5"},
  };
}

}  // namespace penstock::expression
