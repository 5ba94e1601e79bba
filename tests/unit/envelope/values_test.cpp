// Values as Debezium 3.5.0 was seen to write them (JsonConverter without schemas), type by type.
#include <gtest/gtest.h>

#include "envelope/value_writer.h"
#include "model/civil_time.h"

namespace penstock::envelope {
namespace {

struct Seen {
  std::uint32_t type;
  std::int32_t modifier;
  Value value;
  std::string json;
};

Timestamp moment(std::string_view text, bool with_zone = false) {
  return {*parse_timestamp(text, with_zone), text, with_zone};
}

std::string written(const Seen& seen, const Options& options = {}) {
  ColumnFacts column{"c", seen.type, seen.modifier};
  const auto form = form_of(column, options);
  if (!form) return "left out";
  std::string out;
  const Status status = ValueWriter(column, *form, options).append(out, seen.value);
  return status ? out : "refused: " + status.error().message;
}

TEST(EnvelopeValues, AsDebeziumWritesThemByDefault) {
  const Seen all[] = {
      {1700, 655366, Decimal{"12.50"}, "\"BOI=\""},
      {1700, -1, Decimal{"123.4500"}, R"({"scale":2,"value":"MDk="})"},
      {1082, -1, Date{19724, "2024-01-02"}, "19724"},
      {1114, -1, moment("2024-01-02 03:04:05.123456"), "1704164645123456"},
      {1114, 3, moment("2024-01-02 03:04:05.123"), "1704164645123"},
      {1184, -1, moment("2024-01-02 01:04:05.1+00", true), "\"2024-01-02T01:04:05.100000Z\""},
      {1083, -1, Time{"03:04:05.123456"}, "11045123456"},
      {1083, 3, Time{"03:04:05.123"}, "11045123"},
      {1266, -1, Time{"03:04:05.5+02"}, "\"01:04:05.5Z\""},
      {1186, -1, Interval{"1 year 2 mons 3 days 04:05:06.789"}, "37091106789000"},
      {3802, -1, Json{R"({"a": 1.50, "b": [1, 2]})"}, R"("{\"a\": 1.50, \"b\": [1, 2]}")"},
      {17, -1, Bytes{std::string_view("\x00\xff\x10", 3)}, "\"AP8Q\""},
      {16, -1, true, "true"},
      {20, -1, std::int64_t{123456789012}, "123456789012"},
      {700, -1, 0.1, "0.1"},
      {701, -1, 1e100, "1e+100"},
      {25, -1, Text{"é\"\\/"}, R"("é\"\\/")"},
      {25, -1, Text{"nothing to escape: é/\x7f"}, "\"nothing to escape: é/\x7f\""},
      {25, -1, Text{"\x01\t\x1f\n"}, R"("\u0001\t\u001F\n")"},
      {790, -1, Text{"$12.34"}, "\"BNI=\""},
      {1560, 3, Text{"101"}, "\"BQ==\""},
      {1560, 1, Text{"1"}, "true"},
      {1562, 6, Text{"10101"}, "\"FQ==\""},
      {600, -1, Text{"(1.5,2.5)"}, R"({"x":1.5,"y":2.5,"wkb":"AQEAAAAAAAAAAAD4PwAAAAAAAARA","srid":null})"},
      {3904, -1, Text{"[1,5)"}, "\"[1,5)\""},
      {25, -1, Null{}, "null"},
      {603, -1, Text{"(1,1),(0,0)"}, "left out"},
  };
  for (const Seen& seen : all) EXPECT_EQ(written(seen), seen.json) << "type " << seen.type;
}

TEST(EnvelopeValues, NumbersAsBytes) {
  const auto fixed = [](std::string_view text) {
    return written({1700, 655366, Decimal{text}, {}});
  };  // (10,2)
  EXPECT_EQ(fixed("0.00"), "\"AA==\"");
  EXPECT_EQ(fixed("1.27"), "\"fw==\"");
  EXPECT_EQ(fixed("1.28"), "\"AIA=\"");
  EXPECT_EQ(fixed("-1.28"), "\"gA==\"");
  EXPECT_EQ(fixed("-1.29"), "\"/38=\"");
  EXPECT_EQ(fixed("-0.01"), "\"/w==\"");
  EXPECT_EQ(fixed("99999999.99"), "\"AlQL4/8=\"");
  EXPECT_EQ(written({1700, -1, Decimal{"0"}, {}}), R"({"scale":0,"value":"AA=="})");
}

TEST(EnvelopeValues, WhatBytesCannotHoldIsAnErrorAndNotNull) {
  EXPECT_EQ(written({1700, -1, Decimal{"NaN"}, {}}),
            "refused: column c: NaN has no place in the form that was chosen");
  Options options;
  options.decimals = DecimalMode::kString;
  EXPECT_EQ(written({1700, -1, Decimal{"NaN"}, {}}, options), "\"NaN\"");
  options.decimals = DecimalMode::kDouble;
  EXPECT_EQ(written({1700, 655366, Decimal{"12.50"}, {}}, options), "12.5");
  EXPECT_EQ(written({790, -1, Text{"-$1,234.50"}, {}}, options), "-1234.5");
}

TEST(EnvelopeValues, Modes) {
  const Seen time{1114, -1, moment("2024-01-02 03:04:05.123456"), {}};
  const Seen interval{1186, -1, Interval{"-1 years -2 mons +3 days -04:05:06.5"}, {}};
  Options options;
  options.times = TimeMode::kConnect;
  EXPECT_EQ(written(time, options), "1704164645123");
  options.times = TimeMode::kNanoseconds;
  EXPECT_EQ(written(time, options), "1704164645123456000");
  options.times = TimeMode::kIsoString;
  EXPECT_EQ(written(time, options), "\"2024-01-02T03:04:05.123456Z\"");
  options.intervals = IntervalMode::kString;
  EXPECT_EQ(written(interval, options), "\"P-1Y-2M3DT-4H-5M-6.5S\"");
  options.binary = BinaryMode::kHex;
  EXPECT_EQ(written({17, -1, Bytes{"\x01\xfe"}, {}}, options), "\"01fe\"");
}

TEST(EnvelopeValues, Lists) {
  const Value items[] = {std::int32_t{1}, Null{}, std::int32_t{3}};
  const Value rows[] = {Array{items, 2, {}}, Array{items + 1, 2, {}}};
  ColumnFacts column{"c", 1007, -1, 23};
  const Options options;
  const ValueWriter writer(column, *form_of(column, options), options);
  std::string out;
  ASSERT_TRUE(writer.append(out, Array{items, 3, "{1,NULL,3}"}));
  EXPECT_EQ(out, "[1,null,3]");
  out.clear();
  ASSERT_TRUE(writer.append(out, Array{rows, 2, {}}));  // Debezium: null
  EXPECT_EQ(out, "[[1,null],[null,3]]");
}

TEST(EnvelopeValues, UnchangedToastHasItsPlaceholder) {
  EXPECT_EQ(written({25, -1, Unchanged{}, {}}), "\"__debezium_unavailable_value\"");
  EXPECT_EQ(written({17, -1, Unchanged{}, {}}), "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"");
  EXPECT_EQ(written({1700, -1, Unchanged{}, {}}), "null");
}

}  // namespace
}  // namespace penstock::envelope
