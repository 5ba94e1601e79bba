// The fields of to_char() for moments and intervals and the words that stand for them (PostgreSQL manual:
// "Template Patterns for Date/Time Formatting").
#pragma once

#include <span>

#include "expression/format/pattern.h"

namespace penstock::expression {

enum DatetimeField : int {
  kMeridiem,
  kEra,
  kCentury,
  kDayName,
  kDayShort,
  kDayOfYear,
  kIsoDayOfYear,
  kDayOfMonth,
  kDayOfWeek,
  kIsoDayOfWeek,
  kFraction1,
  kFraction2,
  kFraction3,
  kFraction4,
  kFraction5,
  kFraction6,
  kExact,
  kHour24,
  kHour12,
  kIsoWeek,
  kIsoYear4,
  kIsoYear3,
  kIsoYear2,
  kIsoYear1,
  kJulian,
  kMinute,
  kMonth,
  kMonthName,
  kMonthShort,
  kOffset,
  kQuarter,
  kRoman,
  kSecondOfDay,
  kSecond,
  kZoneHour,
  kZoneMinute,
  kZone,
  kWeekOfYear,
  kWeekOfMonth,
  kYearComma,
  kYear4,
  kYear3,
  kYear2,
  kYear1,
};

std::span<const Keyword> datetime_keywords();

}  // namespace penstock::expression
