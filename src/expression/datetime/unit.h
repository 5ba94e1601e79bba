// The names of units and fields that date_trunc(), extract() and intervals know (PostgreSQL manual: "Interval
// Input", "EXTRACT, date_part").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::expression {

enum class Unit : std::uint8_t {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kTimezone,
  kTimezoneHour,
  kTimezoneMinute,
  // Only of extract():
  kEpoch,
  kDayOfWeek,
  kDayOfYear,
  kIsoDayOfWeek,
  kIsoYear,
  kJulian,
};

// In any case, with PostgreSQL's abbreviations: "hrs", "mons". As there, only ten letters count.
std::optional<Unit> unit_named(std::string_view name);

}  // namespace penstock::expression
