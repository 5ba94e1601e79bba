#include <fmt/format.h>

#include "expression/datetime/families.h"
#include "expression/datetime/zone.h"

namespace penstock::expression {
namespace {

// Whole seconds since 1970, rounded down.
std::int64_t unix_seconds(std::int64_t moment) {
  const Civil civil = civil_of(moment);
  return (civil.days + kPostgresEpochDays) * 86400 + civil.micros_of_day() / kMicrosPerSecond;
}

Result<std::shared_ptr<const Zone>> zone_argument(const Call& call) {
  if (const auto* name = call.arguments[0].get<Text>()) return Zone::named(name->text);
  PENSTOCK_ASSIGN(const Span span, span_argument(call, 0));
  if (span.months != 0 || span.days != 0)
    return bad_row(fmt::format("interval time zone \"{}\" must not include months or days",
                               argument<Interval>(call, 0).text));
  const std::int64_t offset = span.micros / kMicrosPerSecond;
  if (offset != static_cast<std::int32_t>(offset)) return bad_row("interval out of range");
  return Zone::fixed(offset);
}

// A moment by the clock of a zone.
Result<Value> to_local(const Call& call) {
  const std::int64_t moment = moment_argument(call, 1);
  if (is_infinite(moment)) return timestamp_value(moment, false, call.arena);
  PENSTOCK_ASSIGN(const auto zone, zone_argument(call));
  const std::int64_t offset = zone->offset_at(unix_seconds(moment));
  PENSTOCK_ASSIGN(const auto local, checked_moment(moment + offset * kMicrosPerSecond));
  return timestamp_value(local, false, call.arena);
}

// The moment at which the clock of a zone shows a time.
Result<Value> from_local(const Call& call) {
  const std::int64_t local = moment_argument(call, 1);
  if (is_infinite(local)) return timestamp_value(local, true, call.arena);
  PENSTOCK_ASSIGN(const auto zone, zone_argument(call));
  const std::int64_t offset = zone->offset_at_local(unix_seconds(local));
  PENSTOCK_ASSIGN(const auto moment, checked_moment(local - offset * kMicrosPerSecond));
  return timestamp_value(moment, true, call.arena);
}

}  // namespace

std::vector<Function> zone_functions() {
  using namespace oid;
  return {
      {.name = "timezone",
       .arguments = {kText, kTimestampTz},
       .result = kTimestamp,
       .call = to_local,
       .example = "timestamptz '2024-07-01 12:00+00' at time zone 'Asia/Ho_Chi_Minh' = "
                  "timestamp '2024-07-01 19:00'"},
      {.name = "timezone",
       .arguments = {kText, kTimestamp},
       .result = kTimestampTz,
       .call = from_local,
       .example = "timestamp '2024-07-01 12:00' at time zone 'America/New_York' = "
                  "timestamptz '2024-07-01 16:00+00'"},
      {.name = "timezone",
       .arguments = {kInterval, kTimestampTz},
       .result = kTimestamp,
       .call = to_local,
       .example = "timestamptz '2024-07-01 12:00+00' at time zone interval '-3 hours' = "
                  "timestamp '2024-07-01 09:00'"},
      {.name = "timezone",
       .arguments = {kInterval, kTimestamp},
       .result = kTimestampTz,
       .call = from_local,
       .example = "timestamp '2024-07-01 12:00' at time zone interval '7 hours' = "
                  "timestamptz '2024-07-01 05:00+00'"},
  };
}

}  // namespace penstock::expression
