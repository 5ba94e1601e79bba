#include "expression/datetime/interval.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "expression/datetime/int128.h"
#include "model/civil_time.h"

namespace penstock::expression {
namespace {

constexpr double kDaysPerMonth = 30;
constexpr double kSecondsPerDay = 86400;

tl::unexpected<Error> out_of_range() { return fail(ErrorKind::kBadValue, "interval out of range"); }

double round_to_micros(double seconds) { return std::rint(seconds * 1e6) / 1e6; }

bool fits_int32(double number) {
  return number >= std::numeric_limits<std::int32_t>::min() &&
         number <= std::numeric_limits<std::int32_t>::max();
}
bool fits_int64(double number) { return number >= -0x1p63 && number < 0x1p63; }

// What PostgreSQL makes of months and days that are no whole numbers: months give days, days give seconds.
// The results are rounded to microseconds first, so that 0.1 does not become 0.0999….
struct Fractional {
  double months;
  double days;
  double micros;
};
Result<Span> cascade(const Fractional& from) {
  if (!fits_int32(from.months) || !fits_int32(from.days)) return out_of_range();
  Span span{static_cast<std::int32_t>(from.months), static_cast<std::int32_t>(from.days), 0};
  const double days_of_month = round_to_micros((from.months - span.months) * kDaysPerMonth);
  const int whole_days = static_cast<int>(days_of_month);
  double seconds = round_to_micros((from.days - span.days + days_of_month - whole_days) * kSecondsPerDay);
  if (std::fabs(seconds) >= kSecondsPerDay) {
    const int carried = static_cast<int>(seconds / kSecondsPerDay);
    if (__builtin_add_overflow(span.days, carried, &span.days)) return out_of_range();
    seconds -= carried * kSecondsPerDay;
  }
  if (__builtin_add_overflow(span.days, whole_days, &span.days)) return out_of_range();
  const double micros = std::rint(from.micros + seconds * 1e6);
  if (!fits_int64(micros)) return out_of_range();
  span.micros = static_cast<std::int64_t>(micros);
  return span;
}

Int128 total_micros(const Span& span) {
  const Int128 days = Int128{span.months} * 30 + span.days;
  return days * kMicrosPerDay + span.micros;
}

// Moves whole `unit`s from `from` to `to` so that both have one sign; false on overflow.
template <class Small, class Large>
bool carry(Small& from, Large& to, Small unit) {
  const Small whole = from / unit;
  from -= whole * unit;
  Large moved = 0;
  if (__builtin_add_overflow(to, whole, &moved)) return false;
  to = moved;
  return true;
}
template <class Small, class Large>
void same_sign(Small& from, Large& to, Small unit) {
  if (to > 0 && from < 0) {
    from += unit;
    --to;
  } else if (to < 0 && from > 0) {
    from -= unit;
    ++to;
  }
}

constexpr std::int32_t kDaysInMonth = 30;

}  // namespace

SpanFields fields_of(const Span& span) {
  SpanFields fields;
  fields.years = span.months / 12;
  fields.months = span.months % 12;
  fields.days = span.days;
  fields.micros = span.micros % kMicrosPerSecond;
  const std::int64_t seconds = span.micros / kMicrosPerSecond;
  fields.hours = seconds / 3600;
  fields.minutes = seconds / 60 % 60;
  fields.seconds = seconds % 60;
  return fields;
}

Result<Span> span_of(const Interval& interval) { return parse_interval(interval.text); }

Value interval_value(const Span& span, Arena& arena) { return Interval{arena.copy(interval_text(span))}; }

int compare_spans(const Span& left, const Span& right) {
  const Int128 a = total_micros(left);
  const Int128 b = total_micros(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

int compare_intervals(const Interval& left, const Interval& right) {
  if (left.text == right.text) return 0;
  const auto a = span_of(left);
  const auto b = span_of(right);
  if (a && b) return compare_spans(*a, *b);
  if (a || b) return a ? -1 : 1;
  return left.text.compare(right.text);
}

Result<Span> add(const Span& left, const Span& right) {
  Span sum;
  if (__builtin_add_overflow(left.months, right.months, &sum.months) ||
      __builtin_add_overflow(left.days, right.days, &sum.days) ||
      __builtin_add_overflow(left.micros, right.micros, &sum.micros))
    return out_of_range();
  return sum;
}

Result<Span> subtract(const Span& left, const Span& right) {
  Span difference;
  if (__builtin_sub_overflow(left.months, right.months, &difference.months) ||
      __builtin_sub_overflow(left.days, right.days, &difference.days) ||
      __builtin_sub_overflow(left.micros, right.micros, &difference.micros))
    return out_of_range();
  return difference;
}

Result<Span> negate(const Span& span) { return subtract(Span{}, span); }

Result<Span> multiply(const Span& span, double factor) {
  return cascade({span.months * factor, span.days * factor, static_cast<double>(span.micros) * factor});
}

Result<Span> divide(const Span& span, double divisor) {
  if (divisor == 0) return fail(ErrorKind::kBadValue, "division by zero");
  return cascade({span.months / divisor, span.days / divisor, static_cast<double>(span.micros) / divisor});
}

Result<Span> justify_hours(const Span& span) {
  Span out = span;
  if (!carry(out.micros, out.days, kMicrosPerDay)) return out_of_range();
  same_sign(out.micros, out.days, kMicrosPerDay);
  return out;
}

Result<Span> justify_days(const Span& span) {
  Span out = span;
  if (!carry(out.days, out.months, kDaysInMonth)) return out_of_range();
  same_sign(out.days, out.months, kDaysInMonth);
  return out;
}

Result<Span> justify_interval(const Span& span) {
  Span out = span;
  // Days and time of one sign may be more than an int32 of days together: they move on to months first.
  const bool same = (out.days > 0 && out.micros > 0) || (out.days < 0 && out.micros < 0);
  if (same && !carry(out.days, out.months, kDaysInMonth)) return out_of_range();
  if (!carry(out.micros, out.days, kMicrosPerDay)) return out_of_range();
  if (!carry(out.days, out.months, kDaysInMonth)) return out_of_range();
  const bool days_against = out.days < 0 || (out.days == 0 && out.micros < 0);
  const bool days_along = out.days > 0 || (out.days == 0 && out.micros > 0);
  if (out.months > 0 && days_against) {
    out.days += kDaysInMonth;
    --out.months;
  } else if (out.months < 0 && days_along) {
    out.days -= kDaysInMonth;
    ++out.months;
  }
  same_sign(out.micros, out.days, kMicrosPerDay);
  return out;
}

Result<Span> round_to(const Span& span, std::int32_t precision) {
  std::int64_t unit = 1;
  for (; precision < 6; ++precision) unit *= 10;
  const std::int64_t half = unit / 2;
  Span out = span;
  if (__builtin_add_overflow(out.micros, out.micros < 0 ? -half : half, &out.micros)) return out_of_range();
  out.micros -= out.micros % unit;
  return out;
}

}  // namespace penstock::expression
