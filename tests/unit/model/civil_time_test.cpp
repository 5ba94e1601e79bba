#include "model/civil_time.h"

#include <gtest/gtest.h>

#include "model/value.h"

namespace penstock {
namespace {

TEST(CivilTime, EveryDayOfEightCenturiesComesBack) {
  for (std::int64_t day = -146097; day <= 146097; ++day)
    ASSERT_EQ(days_from_civil(civil_from_days(day)), day);
}

// Times and PostgreSQL's texts of them with TimeZone UTC.
const std::pair<DayTime, const char*> kTimes[] = {
    {{0, 0}, "1970-01-01 00:00:00+00"},
    {{-1, kMicrosPerDay - 1}, "1969-12-31 23:59:59.999999+00"},
    {{19753, 86399120000}, "2024-01-31 23:59:59.12+00"},
    {{-2440550, 0}, "4713-01-01 00:00:00+00 BC"},
    {{106762939, kMicrosPerDay - 1}, "294276-12-31 23:59:59.999999+00"}};

TEST(CivilTime, TimestampsArePrintedAsPostgresqlPrintsThemAndReadBack) {
  for (const auto& [time, expected] : kTimes) {
    std::string text;
    append_timestamp(text, time, true);
    EXPECT_EQ(text, expected);
    EXPECT_EQ(parse_day_time(text, true), time) << text;
  }
}

TEST(CivilTime, MicrosecondsReachAsFarAs64Bits) {
  EXPECT_EQ(parse_timestamp("1969-12-31 23:59:59.999999", false), -1);
  EXPECT_EQ(parse_timestamp("294247-01-10 04:00:54.775806", false), kPlusInfinity - 1);
  EXPECT_EQ(parse_timestamp("294247-01-10 04:00:54.775808", false), kPlusInfinity);
  EXPECT_EQ(parse_timestamp("infinity", true), kPlusInfinity);
  EXPECT_EQ(parse_timestamp("-infinity", false), kMinusInfinity);
  EXPECT_FALSE(parse_day_time("infinity", true));
  std::string text;
  append_timestamp(text, kMinusInfinity, true);
  EXPECT_EQ(text, "-infinity");
}

TEST(CivilTime, MillisecondsAreFlooredAlsoBefore1970) {
  EXPECT_EQ(floor_to_millis(from_micros(-1)), -1);
  EXPECT_EQ(floor_to_millis(from_micros(-1000)), -1);
  EXPECT_EQ(floor_to_millis(from_micros(-1001)), -2);
  EXPECT_EQ(floor_to_millis(from_micros(1999)), 1);
  for (const std::int64_t millis : {-86400001, -86400000, -1, 0, 1, 86399999, 86400000}) {
    EXPECT_EQ(floor_to_millis(from_millis(millis)), millis);
  }
}

TEST(CivilTime, IsoTimesHaveSixDigitsAndAreUnique) {
  const std::pair<DayTime, const char*> times[] = {{{19723, 123456}, "2024-01-01T00:00:00.123456Z"},
                                                   {{-1, kMicrosPerDay - 1}, "1969-12-31T23:59:59.999999Z"},
                                                   {{-719163, 1}, "0000-12-31T00:00:00.000001Z"},
                                                   {{-2440550, 1}, "-4712-01-01T00:00:00.000001Z"},
                                                   {{106762939, 1}, "+294276-12-31T00:00:00.000001Z"}};
  for (const auto& [time, expected] : times) {
    std::string text;
    append_iso_time(text, time);
    EXPECT_EQ(text, expected);
    EXPECT_EQ(parse_iso_time(text), time);
  }
  for (const char* text : {"2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-13-01T00:00:00Z", "x"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

}  // namespace
}  // namespace penstock
