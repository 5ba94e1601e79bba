#include <limits>

#include "encode_support.h"

namespace penstock::mongo {
namespace {

using EncodeValues = EncodeTest;

TEST_F(EncodeValues, ScalarsHaveTheirTypes) {
  EXPECT_EQ(field(Null{}), "null");
  EXPECT_EQ(field(true), "true");
  EXPECT_EQ(field(std::int32_t{-7}), R"({ "$numberInt" : "-7" })");
  EXPECT_EQ(field(std::int64_t{7}), R"({ "$numberLong" : "7" })");
  EXPECT_EQ(field(0.1), R"({ "$numberDouble" : "0.10000000000000000555" })");
  EXPECT_EQ(field(Text{"Nguyễn"}), R"("Nguyễn")");
  EXPECT_EQ(field(Text{}), R"("")");
  EXPECT_EQ(field(Time{"24:00:00"}), R"("24:00:00")");
  EXPECT_EQ(field(Interval{"1 day"}), R"("1 day")");
  EXPECT_EQ(field(Bytes{std::string_view("\0\xff", 2)}),
            R"({ "$binary" : { "base64" : "AP8=", "subType" : "00" } })");
  EXPECT_EQ(field(Bytes{}), R"({ "$binary" : { "base64" : "", "subType" : "00" } })");
  EXPECT_NE(field(Uuid{}).find(R"("subType" : "04")"), std::string::npos);
}

TEST_F(EncodeValues, UnchangedAppendsNothing) { EXPECT_EQ(*try_field(Unchanged{}), "{ }"); }

TEST_F(EncodeValues, NumericsKeepTheirScale) {
  EXPECT_EQ(field(Decimal{"10.50"}), R"({ "$numberDecimal" : "10.50" })");
  EXPECT_EQ(field(Decimal{"-0.000"}), R"({ "$numberDecimal" : "-0.000" })");
  EXPECT_EQ(field(Decimal{"0"}), R"({ "$numberDecimal" : "0" })");
  EXPECT_EQ(field(Decimal{"9999999999999999999999999999999999"}),
            R"({ "$numberDecimal" : "9999999999999999999999999999999999" })");
  EXPECT_EQ(field(Decimal{"-1234567890123456789.012345678901234"}),
            R"({ "$numberDecimal" : "-1234567890123456789.012345678901234" })");
  EXPECT_EQ(counts_.numerics_as_text, 0U);
}

TEST_F(EncodeValues, NumericsKeepNanAndInfinities) {
  EXPECT_EQ(field(Decimal{"NaN"}), R"({ "$numberDecimal" : "NaN" })");
  EXPECT_EQ(field(Decimal{"Infinity"}), R"({ "$numberDecimal" : "Infinity" })");
  EXPECT_EQ(field(Decimal{"-Infinity"}), R"({ "$numberDecimal" : "-Infinity" })");
}

TEST_F(EncodeValues, ZerosBeyond34DigitsAreLeftOffWhereTheValueStays) {
  EXPECT_EQ(field(Decimal{"1." + std::string(40, '0')}),
            R"({ "$numberDecimal" : "1.000000000000000000000000000000000" })");
  const std::string power = "1" + std::string(100, '0');
  EXPECT_EQ(field(Decimal{power}), R"({ "$numberDecimal" : "1.000000000000000000000000000000000E+100" })");
  const std::string tiny = "0." + std::string(6175, '0') + "1";
  EXPECT_EQ(field(Decimal{tiny}), R"({ "$numberDecimal" : "1E-6176" })");
}

TEST_F(EncodeValues, NumericsNoDecimal128HoldsAreCountedStrings) {
  const std::string digits35 = "12345678901234567890123456789012345";
  EXPECT_EQ(field(Decimal{digits35}), "\"" + digits35 + "\"");
  const std::string longest(131072, '9');
  EXPECT_EQ(field(Decimal{longest}), "\"" + longest + "\"");
  const std::string too_small = "0." + std::string(6176, '0') + "1";
  EXPECT_EQ(field(Decimal{too_small}), "\"" + too_small + "\"");
  const std::string too_great = "1" + std::string(6145, '0');
  EXPECT_EQ(field(Decimal{too_great}), "\"" + too_great + "\"");
  EXPECT_EQ(counts_.numerics_as_text, 4U);
}

TEST_F(EncodeValues, DatesAndTimestampsAreFlooredToMilliseconds) {
  const auto date = [](const char* millis) {
    return std::string(R"({ "$date" : { "$numberLong" : ")") + millis + "\" } }";
  };
  EXPECT_EQ(field(Date{0, "1970-01-01"}), date("0"));
  EXPECT_EQ(field(Date{-1, "1969-12-31"}), date("-86400000"));
  EXPECT_EQ(field(Date{2145042905, "5874897-12-31"}), date("185331706992000000"));
  EXPECT_EQ(field(Timestamp{1999, "…", false}), date("1"));
  EXPECT_EQ(field(Timestamp{-1, "…", true}), date("-1"));
  EXPECT_EQ(field(Timestamp{-1000, "…", true}), date("-1"));
  EXPECT_EQ(field(Timestamp{-1001, "…", true}), date("-2"));
}

TEST_F(EncodeValues, TimesBeyondMicrosecondsAreStillDates) {
  EXPECT_EQ(field(Timestamp{kPlusInfinity, "294276-12-31 23:59:59.999999", false}),
            R"({ "$date" : { "$numberLong" : "9224318015999999" } })");
}

TEST_F(EncodeValues, InfiniteTimesAreTheirText) {
  EXPECT_EQ(field(Date{kPlusInfinity, "infinity"}), R"("infinity")");
  EXPECT_EQ(field(Timestamp{kMinusInfinity, "-infinity", true}), R"("-infinity")");
  EXPECT_EQ(field(Timestamp{kPlusInfinity, "infinity", true}), R"("infinity")");
}

TEST_F(EncodeValues, ContainersAreDocumentsAndArrays) {
  const Value inner[] = {std::int32_t{1}, Null{}};
  const Value outer[] = {Array{inner, 2, "{1,NULL}"}, Array{}};
  EXPECT_EQ(field(Array{outer, 2, ""}), R"([ [ { "$numberInt" : "1" }, null ], [  ] ])");
  const StructField fields[] = {{"a.b", Text{"x"}}, {"", Null{}}, {"$c", true}};
  EXPECT_EQ(field(Struct{fields, 3, ""}), R"({ "a.b" : "x", "" : null, "$c" : true })");
  const Value one(std::int32_t{1});
  EXPECT_EQ(
      field(Range{&one, nullptr, true, false, false}),
      R"({ "lower" : { "$numberInt" : "1" }, "upper" : null, "lower_inclusive" : true, "upper_inclusive" : false, )"
      R"("empty" : false })");
}

TEST_F(EncodeValues, ArraysOfMoreThanAThousandElementsKeepTheirIndexes) {
  const std::vector<Value> items(1200, Value(true));
  ASSERT_TRUE(try_field(Array{items.data(), 1200, ""}));
  bson_iter_t iter;
  bson_iter_t child;
  ASSERT_TRUE(bson_iter_init_find(&iter, &document_, "f") && bson_iter_recurse(&iter, &child));
  for (int i = 0; i < 1200; ++i) {
    ASSERT_TRUE(bson_iter_next(&child));
    ASSERT_EQ(bson_iter_key(&child), std::to_string(i));
  }
}

TEST_F(EncodeValues, DeepNestingIsARejectedDocument) {
  std::vector<Value> levels(kMaxNesting + 1);
  levels[0] = Value(true);
  for (std::size_t i = 1; i < levels.size(); ++i) levels[i] = Array{&levels[i - 1], 1, ""};
  EXPECT_TRUE(try_field(levels[kMaxNesting]));
  const Value too_deep = Array{&levels[kMaxNesting], 1, ""};
  expect_refused(too_deep, BsonType::kDefault, ErrorKind::kRejectedDocument);
}

TEST_F(EncodeValues, AMegabyteOfTextIsKept) {
  const std::string big(1 << 20, 'x');
  EXPECT_EQ(field(Text{big}).size(), big.size() + 2);
}

TEST_F(EncodeValues, MoreThan16MebibytesInOneValueAreRejected) {
  const std::string big(kMaxDocumentBytes + 1, 'x');
  expect_refused(Text{big}, BsonType::kDefault, ErrorKind::kRejectedDocument);
  expect_refused(Bytes{big}, BsonType::kDefault, ErrorKind::kRejectedDocument);
}

}  // namespace
}  // namespace penstock::mongo
