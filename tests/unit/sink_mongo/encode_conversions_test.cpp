#include <limits>

#include "encode_support.h"

namespace penstock::mongo {
namespace {

using EncodeConversions = EncodeTest;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST_F(EncodeConversions, AsIntTakesWholeNumbersInRange) {
  const std::string seven = R"({ "$numberInt" : "7" })";
  for (const Value& value : {Value(std::int32_t{7}), Value(std::int64_t{7}), Value(7.0),
                             Value(Decimal{"7.00"}), Value(Text{"7"}), Value(Json{"7.0"})}) {
    EXPECT_EQ(field(value, BsonType::kInt), seven) << describe(value);
  }
  EXPECT_EQ(field(true, BsonType::kInt), R"({ "$numberInt" : "1" })");
  for (const Value& value : {Value(std::int64_t{2147483648}), Value(7.5), Value(kNan), Value(Decimal{"7.01"}),
                             Value(Decimal{"NaN"}), Value(Decimal{"1e1000"}), Value(Text{"007"}),
                             Value(Text{"+7"}), Value(Text{""}), Value(Text{"7 "}), Value(Json{"\"7\""}),
                             Value(Json{"{}"}), Value(Uuid{}), Value(Date{})}) {
    expect_refused(value, BsonType::kInt);
  }
}

TEST_F(EncodeConversions, AsLongReachesTheEdgesOf64Bits) {
  EXPECT_EQ(field(Decimal{"-9223372036854775808"}, BsonType::kLong),
            R"({ "$numberLong" : "-9223372036854775808" })");
  EXPECT_EQ(field(std::int32_t{1}, BsonType::kLong), R"({ "$numberLong" : "1" })");
  EXPECT_EQ(field(Decimal{"1" + std::string(18, '0') + ".0"}, BsonType::kLong),
            R"({ "$numberLong" : "1000000000000000000" })");
  expect_refused(Decimal{"9223372036854775808"}, BsonType::kLong);
  expect_refused(9223372036854775808.0, BsonType::kLong);
  expect_refused(Decimal{"-9223372036854775809"}, BsonType::kLong);
}

TEST_F(EncodeConversions, AsDoubleRoundsNumericsAloneAndNothingElse) {
  EXPECT_EQ(field(Decimal{"0.5"}, BsonType::kDouble), R"({ "$numberDouble" : "0.5" })");
  EXPECT_NE(field(Decimal{"0.12345678901234567890123"}, BsonType::kDouble).find("$numberDouble"),
            std::string::npos);
  EXPECT_EQ(field(Decimal{"NaN"}, BsonType::kDouble), R"({ "$numberDouble" : "NaN" })");
  EXPECT_EQ(field(std::int64_t{1} << 53, BsonType::kDouble), R"({ "$numberDouble" : "9007199254740992.0" })");
  EXPECT_EQ(field(Text{"0.1"}, BsonType::kDouble), field(0.1));
  expect_refused(Value((std::int64_t{1} << 53) + 1), BsonType::kDouble);
  expect_refused(Decimal{"1" + std::string(400, '0')}, BsonType::kDouble);
  expect_refused(Decimal{"0." + std::string(400, '0') + "1"}, BsonType::kDouble);
  expect_refused(Text{"0.12345678901234567890123"}, BsonType::kDouble);
  expect_refused(Text{"x"}, BsonType::kDouble);
  expect_refused(true, BsonType::kDouble);
}

TEST_F(EncodeConversions, AsDecimalTakesWhatDecimal128Holds) {
  EXPECT_EQ(field(std::int64_t{INT64_MIN}, BsonType::kDecimal),
            R"({ "$numberDecimal" : "-9223372036854775808" })");
  EXPECT_EQ(field(0.1, BsonType::kDecimal), R"({ "$numberDecimal" : "0.1" })");
  EXPECT_EQ(field(-kInfinity, BsonType::kDecimal), R"({ "$numberDecimal" : "-Infinity" })");
  EXPECT_EQ(field(Text{"1.50"}, BsonType::kDecimal), R"({ "$numberDecimal" : "1.50" })");
  expect_refused(Decimal{"12345678901234567890123456789012345"}, BsonType::kDecimal);
  expect_refused(Text{"1,5"}, BsonType::kDecimal);
  expect_refused(true, BsonType::kDecimal);
}

TEST_F(EncodeConversions, AsStringIsPostgresqlsText) {
  EXPECT_EQ(field(Timestamp{1706745599123456, "2024-01-31 23:59:59.123456+00", true}, BsonType::kString),
            R"("2024-01-31 23:59:59.123456+00")");
  EXPECT_EQ(field(Decimal{"10.50"}, BsonType::kString), R"("10.50")");
  EXPECT_EQ(field(true, BsonType::kString), R"("true")");
  EXPECT_EQ(field(1e15, BsonType::kString, "double precision"), R"("1e+15")");
  EXPECT_EQ(field(1e6, BsonType::kString, "real"), R"("1e+06")");
  EXPECT_EQ(field(1e6, BsonType::kString, "double precision"), R"("1000000")");
  EXPECT_EQ(field(Bytes{std::string_view("\xde\xad", 2)}, BsonType::kString), R"("\\xdead")");
  const Value items[] = {std::int32_t{1}};
  EXPECT_EQ(field(Array{items, 1, "{1}"}, BsonType::kString), R"("{1}")");
  EXPECT_EQ(field(Json{"[1, 2]"}, BsonType::kString), R"("[1, 2]")");
  EXPECT_EQ(field(Null{}, BsonType::kString), "null");
}

TEST_F(EncodeConversions, AsBoolTakesZeroAndOneAndTheTwoWords) {
  EXPECT_EQ(field(std::int32_t{1}, BsonType::kBool), "true");
  EXPECT_EQ(field(Decimal{"0.0"}, BsonType::kBool), "false");
  EXPECT_EQ(field(Text{"false"}, BsonType::kBool), "false");
  EXPECT_EQ(field(Text{"t"}, BsonType::kBool), "true");
  expect_refused(std::int32_t{2}, BsonType::kBool);
  expect_refused(Text{"yes"}, BsonType::kBool);
}

TEST_F(EncodeConversions, AsDateTakesIsoTimesOfMilliseconds) {
  const std::string expected = R"({ "$date" : { "$numberLong" : "1706745599123" } })";
  for (const char* text :
       {"2024-01-31 23:59:59.123", "2024-01-31T23:59:59.123Z", "2024-01-31 23:59:59.123+00"}) {
    EXPECT_EQ(field(Text{text}, BsonType::kDate), expected);
  }
  EXPECT_EQ(field(Text{"1970-01-02"}, BsonType::kDate), R"({ "$date" : { "$numberLong" : "86400000" } })");
  EXPECT_EQ(field(Timestamp{1706745599123999, "…", true}, BsonType::kDate), expected);
  expect_refused(Text{"2024-01-31 23:59:59.1234"}, BsonType::kDate);
  expect_refused(Text{"infinity"}, BsonType::kDate);
  expect_refused(Timestamp{kPlusInfinity, "infinity", true}, BsonType::kDate);
  expect_refused(Date{kMinusInfinity, "-infinity"}, BsonType::kDate);
  expect_refused(std::int64_t{0}, BsonType::kDate);
}

TEST_F(EncodeConversions, AsBinaryAndObjectId) {
  EXPECT_EQ(field(Text{"ab"}, BsonType::kBinary),
            R"({ "$binary" : { "base64" : "YWI=", "subType" : "00" } })");
  EXPECT_NE(field(Uuid{}, BsonType::kBinary).find(R"("subType" : "04")"), std::string::npos);
  expect_refused(std::int32_t{1}, BsonType::kBinary);
  EXPECT_EQ(field(Text{"507f1f77bcf86cd799439011"}, BsonType::kObjectId),
            R"({ "$oid" : "507f1f77bcf86cd799439011" })");
  EXPECT_EQ(field(Bytes{"abcdefghijkl"}, BsonType::kObjectId), R"({ "$oid" : "6162636465666768696a6b6c" })");
  for (const char* text :
       {"507F1F77BCF86CD799439011", "507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901g"}) {
    expect_refused(Text{text}, BsonType::kObjectId);
  }
  expect_refused(Bytes{"short"}, BsonType::kObjectId);
}

TEST_F(EncodeConversions, AsJsonParsesText) {
  EXPECT_EQ(field(Text{R"({"a": 1})"}, BsonType::kJson), R"({ "a" : { "$numberInt" : "1" } })");
  expect_refused(Text{"{a}"}, BsonType::kJson);
  expect_refused(std::int32_t{1}, BsonType::kJson);
}

TEST_F(EncodeConversions, ArraysAreConvertedElementByElement) {
  const Value items[] = {std::int32_t{1}, Null{}};
  EXPECT_EQ(field(Array{items, 2, "{1,NULL}"}, BsonType::kLong), R"([ { "$numberLong" : "1" }, null ])");
  const Value bad[] = {Text{"x"}};
  expect_refused(Array{bad, 1, "{x}"}, BsonType::kLong);
}

TEST_F(EncodeConversions, ErrorsNameSourceValueAndReason) {
  const auto json = try_field(Decimal{"12.50"}, BsonType::kInt, "numeric(10,2)");
  ASSERT_FALSE(json);
  EXPECT_EQ(
      json.error().message,
      "public.orders.f numeric(10,2): decimal 12.50 cannot be written as int: it is no integer of 64 bits");
}

}  // namespace
}  // namespace penstock::mongo
