#include "decode.h"

namespace penstock::pgtype {
namespace {

using DateTime = DecodeTest;

TEST_F(DateTime, DatesCountDaysFromTheEpoch) {
  EXPECT_EQ(decode_as<Date>(oid::kDate, "1970-01-01").days, 0);
  EXPECT_EQ(decode_as<Date>(oid::kDate, "1969-12-31").days, -1);
  EXPECT_EQ(decode_as<Date>(oid::kDate, "2000-02-29").days, 11016);
  EXPECT_EQ(decode_as<Date>(oid::kDate, "2024-01-31").text, "2024-01-31");
}

// The numbers are PostgreSQL's own: SELECT '…'::date - '1970-01-01'::date.
TEST_F(DateTime, DatesBeforeChristAndBeyondYear9999) {
  EXPECT_EQ(decode_as<Date>(oid::kDate, "0001-01-01 BC").days, -719528);
  EXPECT_EQ(decode_as<Date>(oid::kDate, "5874897-12-31").days, 2145042905);
  EXPECT_EQ(decode_as<Date>(oid::kDate, "4713-01-01 BC").days, -2440550);
}

TEST_F(DateTime, InfinitiesAreKept) {
  EXPECT_EQ(decode_as<Date>(oid::kDate, "infinity").days, kPlusInfinity);
  EXPECT_EQ(decode_as<Date>(oid::kDate, "-infinity").days, kMinusInfinity);
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestamp, "infinity").micros, kPlusInfinity);
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestampTz, "-infinity").micros, kMinusInfinity);
}

TEST_F(DateTime, TimestampsCountMicrosecondsFromTheEpoch) {
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestamp, "1970-01-01 00:00:00").micros, 0);
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestamp, "1969-12-31 23:59:59.999999").micros, -1);
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestamp, "1970-01-01 00:00:00.5").micros, 500000);
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestamp, "0001-12-31 23:59:59.999999 BC").micros,
            -62135596800000001);
  // Beyond 64 bits of microseconds: the text tells it from infinity.
  const auto last = decode_as<Timestamp>(oid::kTimestamp, "294276-12-31 23:59:59.999999");
  EXPECT_EQ(last.micros, kPlusInfinity);
  EXPECT_EQ(last.text, "294276-12-31 23:59:59.999999");
  EXPECT_FALSE(decode_as<Timestamp>(oid::kTimestamp, "2024-01-01 00:00:00").with_zone);
}

TEST_F(DateTime, TimestampsWithZoneAreInUtc) {
  const auto time = decode_as<Timestamp>(oid::kTimestampTz, "2024-01-31 23:59:59.123456+00");
  EXPECT_EQ(time.micros, 1706745599123456);
  EXPECT_TRUE(time.with_zone);
  EXPECT_EQ(decode_as<Timestamp>(oid::kTimestampTz, "4713-01-01 00:00:00+00 BC").micros, -210863520000000000);
  expect_refused(oid::kTimestampTz, "2024-01-31 23:59:59+01");
  expect_refused(oid::kTimestampTz, "2024-01-31 23:59:59");
}

TEST_F(DateTime, TextsPostgresqlDoesNotPrintAreRefused) {
  for (const char* text :
       {"", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "24-01-01", "0000-01-01",
        "01/31/2024", "2024-01-31 AD", "2024-01-31 BC BC", "Infinity"}) {
    expect_refused(oid::kDate, text);
  }
  for (const char* text : {"2024-01-01", "2024-01-01 24:00:00", "2024-01-01 23:59:60", "2024-01-01 00:00:00.",
                           "2024-01-01 00:00:00.1234567", "2024-01-01T00:00:00", "2024-01-01 00:00:00+00"}) {
    expect_refused(oid::kTimestamp, text);
  }
}

TEST_F(DateTime, TimesAndIntervalsAreTheirText) {
  EXPECT_EQ(decode_as<Time>(oid::kTime, "24:00:00").text, "24:00:00");
  EXPECT_EQ(decode_as<Time>(1266, "12:34:56.789+05:30").text, "12:34:56.789+05:30");
  for (const char* text : {"1 year 2 mons -3 days +04:05:06.789", "-00:00:01", "00:00:00", "infinity"}) {
    EXPECT_EQ(decode_as<Interval>(oid::kInterval, text).text, text);
  }
  expect_refused(oid::kTime, "noon");
  expect_refused(oid::kInterval, "@ 1 year");
}

}  // namespace
}  // namespace penstock::pgtype
