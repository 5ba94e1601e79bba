#include <fmt/format.h>

#include <cstdlib>

#include "expression/datetime/families.h"
#include "expression/datetime/moment_text.h"

namespace penstock::expression {
namespace {

constexpr std::int32_t kMostDigits = 6;

bool rounds(const Call& call) { return call.modifier >= 0 && call.modifier < kMostDigits; }

// A timestamp of the target's precision: timestamp(3).
Result<Value> rounded_moment(const Call& call, std::int64_t moment, bool with_zone) {
  if (rounds(call) && !is_infinite(moment)) {
    PENSTOCK_ASSIGN(moment, checked_moment(round_micros(moment, call.modifier)));
  }
  return timestamp_value(moment, with_zone, call.arena);
}
Value rounded_time(const Call& call, std::int64_t micros) {
  return time_value(rounds(call) ? round_micros(micros, call.modifier) : micros, call.arena);
}

template <bool with_zone>
Result<Value> date_to_moment(const Call& call) {
  constexpr std::int64_t kLimit = 109'203'528 - 2'451'545;
  const std::int64_t days = days_argument(call, 0);
  if (is_infinite(days)) return timestamp_value(days, with_zone, call.arena);
  if (days >= kLimit) return bad_row("date out of range for timestamp");
  return timestamp_value(days * kMicrosPerDay, with_zone, call.arena);
}
Result<Value> moment_to_date(const Call& call) {
  const std::int64_t moment = moment_argument(call, 0);
  return date_value(is_infinite(moment) ? moment : civil_of(moment).days, call.arena);
}
template <bool with_zone>
Result<Value> moment_to_moment(const Call& call) {
  return rounded_moment(call, moment_argument(call, 0), with_zone);
}
Result<Value> moment_to_time(const Call& call) {
  const std::int64_t moment = moment_argument(call, 0);
  if (is_infinite(moment)) return Value(Null{});
  return rounded_time(call, civil_of(moment).micros_of_day());
}

Value time_with_offset(const Call& call, std::int64_t micros, std::int64_t offset) {
  const Value time = rounded_time(call, micros);
  const std::int64_t seconds = std::abs(offset);
  std::string text = fmt::format("{}{}{:02}", to_text(time), offset < 0 ? '-' : '+', seconds / 3600);
  if (seconds % 3600 != 0) text += fmt::format(":{:02}", seconds / 60 % 60);
  if (seconds % 60 != 0) text += fmt::format(":{:02}", seconds % 60);
  return Time{call.arena.copy(text)};
}
Result<Value> moment_to_timetz(const Call& call) {
  const std::int64_t moment = moment_argument(call, 0);
  if (is_infinite(moment)) return Value(Null{});
  return time_with_offset(call, civil_of(moment).micros_of_day(), 0);
}
Result<Value> time_to_time(const Call& call) {
  PENSTOCK_ASSIGN(const auto micros, time_argument(call, 0));
  return rounded_time(call, micros);
}
Result<Value> time_to_timetz(const Call& call) {
  PENSTOCK_ASSIGN(const auto micros, time_argument(call, 0));
  return time_with_offset(call, micros, offset_of(argument<Time>(call, 0).text).value_or(0));
}
Result<Value> time_to_interval(const Call& call) {
  PENSTOCK_ASSIGN(const auto micros, time_argument(call, 0));
  return interval_value(Span{0, 0, micros}, call.arena);
}
Result<Value> interval_to_time(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, 0));
  const std::int64_t micros = span.micros % kMicrosPerDay;
  return time_value(micros < 0 ? micros + kMicrosPerDay : micros, call.arena);
}

// The modifier of interval: fields in the upper half, digits in the lower one (PostgreSQL source:
// timestamp.h).
Result<Value> limited_interval(const Call& call, const Span& span) {
  constexpr std::int32_t kAllFields = 0x7fff;
  constexpr std::int32_t kAllDigits = 0xffff;
  if (call.modifier < 0) return interval_value(span, call.arena);
  if ((call.modifier >> 16 & kAllFields) != kAllFields)
    return bad_row(
        "intervals limited to some fields (interval day, interval hour to minute) are not supported");
  const std::int32_t digits = call.modifier & kAllDigits;
  if (digits >= kMostDigits) return interval_value(span, call.arena);
  PENSTOCK_ASSIGN(const Span rounded, round_to(span, digits));
  return interval_value(rounded, call.arena);
}
Result<Value> interval_to_interval(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, span_argument(call, 0));
  return limited_interval(call, span);
}

Result<Value> text_to_date(const Call& call) {
  PENSTOCK_ASSIGN(const auto days, parse_date_text(text_argument(call, 0)));
  return date_value(days, call.arena);
}
template <bool with_zone>
Result<Value> text_to_moment(const Call& call) {
  PENSTOCK_ASSIGN(const auto moment, parse_timestamp_text(text_argument(call, 0), with_zone));
  return rounded_moment(call, moment, with_zone);
}
Result<Value> text_to_time(const Call& call) {
  PENSTOCK_ASSIGN(const auto time, parse_time_text(text_argument(call, 0), false));
  return rounded_time(call, time.micros);
}
Result<Value> text_to_timetz(const Call& call) {
  PENSTOCK_ASSIGN(const auto time, parse_time_text(text_argument(call, 0), true));
  return time_with_offset(call, time.micros, time.offset);
}
Result<Value> text_to_interval(const Call& call) {
  PENSTOCK_ASSIGN(const Span span, parse_interval(text_argument(call, 0)));
  return limited_interval(call, span);
}
Result<Value> any_to_text(const Call& call) { return text_result(call, to_text(call.arguments[0])); }

std::vector<Function> between_times() {
  using namespace oid;
  return {
      {.name = "::",
       .arguments = {kTimestamp},
       .result = kTime,
       .call = moment_to_time,
       .cast_context = 'a',
       .example = "timestamp '2024-02-16 10:30'::time = time '10:30'"},
      {.name = "::",
       .arguments = {kTimestampTz},
       .result = kTime,
       .call = moment_to_time,
       .cast_context = 'a',
       .example = "timestamptz '2024-02-16 10:30+00'::time = time '10:30'"},
      {.name = "::",
       .arguments = {kTimestampTz},
       .result = kTimeTz,
       .call = moment_to_timetz,
       .cast_context = 'a',
       .example = "timestamptz '2024-02-16 10:30+00'::timetz::text = '10:30:00+00'"},
      {.name = "::",
       .arguments = {kTime},
       .result = kTime,
       .call = time_to_time,
       .cast_context = 'i',
       .example = "time '10:30:00.56'::time(1) = time '10:30:00.6'"},
      {.name = "::",
       .arguments = {kTime},
       .result = kTimeTz,
       .call = time_to_timetz,
       .cast_context = 'i',
       .example = "time '10:30'::timetz::text = '10:30:00+00'"},
      {.name = "::",
       .arguments = {kTimeTz},
       .result = kTime,
       .call = time_to_time,
       .cast_context = 'a',
       .example = "timetz '10:30+05'::time = time '10:30'"},
      {.name = "::",
       .arguments = {kTimeTz},
       .result = kTimeTz,
       .call = time_to_timetz,
       .cast_context = 'i',
       .example = "timetz '10:30:00.56+05'::timetz(1)::text = '10:30:00.6+05'"},
      {.name = "::",
       .arguments = {kTime},
       .result = kInterval,
       .call = time_to_interval,
       .cast_context = 'i',
       .example = "time '10:30'::interval = interval '10:30:00'"},
      {.name = "::",
       .arguments = {kInterval},
       .result = kTime,
       .call = interval_to_time,
       .cast_context = 'a',
       .example = "interval '1 day 10:30:00'::time = time '10:30'"},
      {.name = "::",
       .arguments = {kInterval},
       .result = kInterval,
       .call = interval_to_interval,
       .cast_context = 'i',
       .example = "interval '1.56 seconds'::interval(1)::text = '00:00:01.6'"},
  };
}

std::vector<Function> between_dates() {
  using namespace oid;
  return {
      {.name = "::",
       .arguments = {kDate},
       .result = kTimestamp,
       .call = date_to_moment<false>,
       .cast_context = 'i',
       .example = "date '2024-02-16'::timestamp = timestamp '2024-02-16 00:00'"},
      {.name = "::",
       .arguments = {kDate},
       .result = kTimestampTz,
       .call = date_to_moment<true>,
       .cast_context = 'i',
       .example = "date '2024-02-16'::timestamptz = timestamptz '2024-02-16 00:00+00'"},
      {.name = "::",
       .arguments = {kTimestamp},
       .result = kDate,
       .call = moment_to_date,
       .cast_context = 'a',
       .example = "timestamp '2024-02-16 23:59'::date = date '2024-02-16'"},
      {.name = "::",
       .arguments = {kTimestampTz},
       .result = kDate,
       .call = moment_to_date,
       .cast_context = 'a',
       .example = "timestamptz '2024-02-16 23:59+00'::date = date '2024-02-16'"},
      {.name = "::",
       .arguments = {kTimestamp},
       .result = kTimestampTz,
       .call = moment_to_moment<true>,
       .cast_context = 'i',
       .example = "timestamp '2024-02-16 10:00'::timestamptz = timestamptz '2024-02-16 10:00+00'"},
      {.name = "::",
       .arguments = {kTimestampTz},
       .result = kTimestamp,
       .call = moment_to_moment<false>,
       .cast_context = 'a',
       .example = "timestamptz '2024-02-16 10:00+02'::timestamp = timestamp '2024-02-16 08:00'"},
      {.name = "::",
       .arguments = {kTimestamp},
       .result = kTimestamp,
       .call = moment_to_moment<false>,
       .cast_context = 'i',
       .example = "timestamp '2024-02-16 10:00:00.56'::timestamp(1)::text = "
                  "'2024-02-16 10:00:00.6'"},
      {.name = "::",
       .arguments = {kTimestampTz},
       .result = kTimestampTz,
       .call = moment_to_moment<true>,
       .cast_context = 'i',
       .example = "timestamptz '2024-02-16 10:00:00.56+00'::timestamptz(0)::text = "
                  "'2024-02-16 10:00:01+00'"},
  };
}

std::vector<Function> to_texts() {
  using namespace oid;
  return {
      {.name = "::",
       .arguments = {kDate},
       .result = kText,
       .call = any_to_text,
       .cast_context = 'a',
       .example = "date '2024-02-16'::text = '2024-02-16'"},
      {.name = "::",
       .arguments = {kTimestamp},
       .result = kText,
       .call = any_to_text,
       .cast_context = 'a',
       .example = "timestamp '2024-02-16 10:00'::text = '2024-02-16 10:00:00'"},
      {.name = "::",
       .arguments = {kTimestampTz},
       .result = kText,
       .call = any_to_text,
       .cast_context = 'a',
       .example = "timestamptz '2024-02-16 10:00+02'::text = '2024-02-16 08:00:00+00'"},
      {.name = "::",
       .arguments = {kTime},
       .result = kText,
       .call = any_to_text,
       .cast_context = 'a',
       .example = "time '10:30'::text = '10:30:00'"},
      {.name = "::",
       .arguments = {kTimeTz},
       .result = kText,
       .call = any_to_text,
       .cast_context = 'a',
       .example = "timetz '10:30+05:30'::text = '10:30:00+05:30'"},
      {.name = "::",
       .arguments = {kInterval},
       .result = kText,
       .call = any_to_text,
       .cast_context = 'a',
       .example = "interval '90 minutes'::text = '01:30:00'"},
  };
}

std::vector<Function> from_texts() {
  using namespace oid;
  return {
      {.name = "::",
       .arguments = {kText},
       .result = kDate,
       .call = text_to_date,
       .cast_context = 'e',
       .example = "'January 8, 1999'::text::date = date '1999-01-08'"},
      {.name = "::",
       .arguments = {kText},
       .result = kTimestamp,
       .call = text_to_moment<false>,
       .cast_context = 'e',
       .example = "'2024-02-16T10:00:00.5'::text::timestamp = timestamp '2024-02-16 10:00:00.5'"},
      {.name = "::",
       .arguments = {kText},
       .result = kTimestampTz,
       .call = text_to_moment<true>,
       .cast_context = 'e',
       .example = "'2024-02-16 10:00 Europe/Paris'::text::timestamptz = timestamptz '2024-02-16 09:00+00'"},
      {.name = "::",
       .arguments = {kText},
       .result = kTime,
       .call = text_to_time,
       .cast_context = 'e',
       .example = "'04:05 PM'::text::time = time '16:05'"},
      {.name = "::",
       .arguments = {kText},
       .result = kTimeTz,
       .call = text_to_timetz,
       .cast_context = 'e',
       .example = "'04:05:06-08:00'::text::timetz::text = '04:05:06-08'"},
      {.name = "::",
       .arguments = {kText},
       .result = kInterval,
       .call = text_to_interval,
       .cast_context = 'e',
       .example = "'P1Y2M3DT4H'::text::interval = interval '1 year 2 mons 3 days 04:00:00'"},
  };
}

}  // namespace

std::vector<Function> datetime_casts() {
  std::vector<Function> all;
  for (const auto& casts : {between_dates(), between_times(), from_texts(), to_texts()})
    all.insert(all.end(), casts.begin(), casts.end());
  return all;
}

}  // namespace penstock::expression
