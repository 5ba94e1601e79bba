// Dates, times and intervals from the forms that events carry, with the text that PostgreSQL prints for them
// (DateStyle ISO, TimeZone UTC, IntervalStyle postgres): the way back from envelope/times.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/arena.h"
#include "model/value.h"

namespace penstock::envelope {

// What Debezium writes for infinite timestamps, in every numeric form (its documentation 3.5, "Temporal
// types").
inline constexpr std::int64_t kInfiniteMillis = 9223372036825200000;
inline constexpr std::int64_t kMinusInfiniteMillis = -9223372036832400000;

enum class TimeUnit : std::int64_t {
  kMillis = 1000,
  kMicros = 1'000'000,
  kNanos = 1'000'000'000
};  // a second's

// All give nothing for what PostgreSQL has no such value of. `scratch` is overwritten.
std::optional<Value> date_of_days(std::int64_t days, Arena& arena, std::string& scratch);
// "2024-01-02Z", "2024-01-02", years as "-0043" or as "0044-… BC".
std::optional<Value> date_of_iso(std::string_view text, Arena& arena, std::string& scratch);
// Nanoseconds are cut to microseconds.
std::optional<Value> timestamp_of_number(std::int64_t number, TimeUnit unit, bool with_zone, Arena& arena,
                                         std::string& scratch);
// "2024-01-02T03:04:05.123456Z", "infinity".
std::optional<Value> timestamp_of_iso(std::string_view text, bool with_zone, Arena& arena,
                                      std::string& scratch);
// Of a day; 24:00:00 too.
std::optional<Value> time_of_number(std::int64_t number, TimeUnit unit, Arena& arena, std::string& scratch);
// "03:04:05.12Z": with_zone as "03:04:05.12+00", else without its Z.
std::optional<Value> time_of_iso(std::string_view text, bool with_zone, Arena& arena, std::string& scratch);

// As hours, minutes and seconds, because nothing tells days and months from them.
Value interval_of_micros(std::int64_t micros, Arena& arena, std::string& scratch);
// "P1Y2M3DT4H5M6.789S"
std::optional<Value> interval_of_iso(std::string_view text, Arena& arena, std::string& scratch);

}  // namespace penstock::envelope
