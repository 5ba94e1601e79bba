#include "expression/datetime/interval.h"
#include "expression/datetime/moment_text.h"
#include "expression/datetime/zone.h"
#include "unit/expression/call.h"

namespace penstock::expression {
namespace {

using namespace oid;

std::string normal(std::string_view text) {
  const auto span = parse_interval(text);
  return span ? interval_text(*span) : "error: " + span.error().message;
}

TEST(IntervalText, HasPostgresSigns) {
  EXPECT_EQ(normal("1 year 2 mons -3 days 04:05:06.7"), "1 year 2 mons -3 days +04:05:06.7");
  EXPECT_EQ(normal("-1-2"), "-1 years -2 mons");
  EXPECT_EQ(normal("P1Y2M3DT4H5M6.789S"), "1 year 2 mons 3 days 04:05:06.789");
  EXPECT_EQ(normal("3 hours ago"), "-03:00:00");
  EXPECT_EQ(normal("0"), "00:00:00");
}

TEST(IntervalText, RefusesWhatIsNone) {
  EXPECT_EQ(normal("1 fortnight"), "error: invalid input syntax for type interval: \"1 fortnight\"");
  EXPECT_EQ(normal("1 day 2 days"), "error: invalid input syntax for type interval: \"1 day 2 days\"");
  EXPECT_EQ(normal("2147483648 days"), "error: interval field value out of range: \"2147483648 days\"");
}

TEST(Interval, OrderCountsAMonthAs30Days) {
  EXPECT_EQ(compare_intervals(Interval{"1 mon"}, Interval{"30 days"}), 0);
  EXPECT_LT(compare_intervals(Interval{"1 mon"}, Interval{"30 days 00:00:00.000001"}), 0);
  EXPECT_GT(compare_intervals(Interval{"178000000 years"}, Interval{"-178000000 years"}), 0);
}

TEST(Zone, TakesAGapByTheClockBeforeAndASecondHourAsTheLater) {
  const auto zone = Zone::named("america/new_york");
  ASSERT_TRUE(zone) << zone.error().text();
  EXPECT_EQ((*zone)->offset_at(1710053999), -5 * 3600);        // 2024-03-10 06:59:59 UTC
  EXPECT_EQ((*zone)->offset_at(1710054000), -4 * 3600);        // the hour is skipped
  EXPECT_EQ((*zone)->offset_at_local(1710037800), -5 * 3600);  // 2024-03-10 02:30 is in the gap
  EXPECT_EQ((*zone)->offset_at_local(1730597400), -5 * 3600);  // 2024-11-03 01:30 is there twice
  EXPECT_EQ((*zone)->offset_at(32503680000), -5 * 3600);       // the year 3000, by the rule
}

TEST(Zone, KnowsPosixOffsetsAndRefusesOthers) {
  EXPECT_EQ((*Zone::named("UTC+3"))->offset_at(0), -3 * 3600);
  EXPECT_EQ((*Zone::named("PST"))->offset_at(0), -8 * 3600);
  EXPECT_FALSE(Zone::named("Nowhere/City"));
  EXPECT_FALSE(Zone::named("../../../etc/passwd"));
}

class DatetimeFunctions : public CallTest {};

TEST_F(DatetimeFunctions, MomentsBeyond64BitsSince1970AreKept) {
  const Timestamp late{kPlusInfinity, "294276-12-31 23:59:59", false};
  EXPECT_EQ(call("+", {kTimestamp, kInterval}, {late, Interval{"00:00:00.5"}}), "294276-12-31 23:59:59.5");
  EXPECT_EQ(call("+", {kTimestamp, kInterval}, {late, Interval{"00:00:01"}}),
            "error: timestamp out of range");
  EXPECT_EQ(
      call("+", {kTimestamp, kInterval}, {Timestamp{kPlusInfinity, "infinity", false}, Interval{"1 day"}}),
      "infinity");
}

TEST_F(DatetimeFunctions, WhatDependsOnTheMomentOfReadingIsRefused) {
  EXPECT_FALSE(parse_timestamp_text("now", true));
  EXPECT_FALSE(parse_date_text("tomorrow"));
  EXPECT_TRUE(parse_date_text("epoch"));
}

TEST_F(DatetimeFunctions, TemplatesOfIntervalsHaveNoDates) {
  EXPECT_EQ(call("to_char", {kInterval, kText}, {Interval{"1 day"}, Text{"IW"}}),
            "error: \"IW\" has no meaning for an interval");
  EXPECT_EQ(call("to_char", {kInterval, kText}, {Interval{"1 day"}, Text{"Day"}}),
            "error: invalid format specification for an interval value");
}

}  // namespace
}  // namespace penstock::expression
