#include <cmath>
#include <limits>

#include "decode.h"

namespace penstock::pgtype {
namespace {

using Scalars = DecodeTest;

TEST_F(Scalars, BooleansAreTAndFAlone) {
  EXPECT_TRUE(decode_as<bool>(oid::kBool, "t"));
  EXPECT_FALSE(decode_as<bool>(oid::kBool, "f"));
  for (const char* text : {"true", "", "T", "1"}) expect_refused(oid::kBool, text);
}

TEST_F(Scalars, IntegersKeepTheirEdges) {
  EXPECT_EQ(decode_as<std::int32_t>(oid::kInt2, "-32768"), -32768);
  EXPECT_EQ(decode_as<std::int32_t>(oid::kInt4, "2147483647"), INT32_MAX);
  EXPECT_EQ(decode_as<std::int32_t>(oid::kInt4, "-2147483648"), INT32_MIN);
  EXPECT_EQ(decode_as<std::int64_t>(oid::kInt8, "-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(decode_as<std::int64_t>(oid::kOid, "4294967295"), 4294967295);
}

TEST_F(Scalars, IntegersOutOfRangeOrWithOtherTextAreRefused) {
  expect_refused(oid::kInt2, "32768");
  expect_refused(oid::kInt4, "2147483648");
  expect_refused(oid::kInt8, "9223372036854775808");
  expect_refused(oid::kOid, "-1");
  for (const char* text : {"", " 1", "1 ", "1.0", "+1", "0x1", "1a"}) expect_refused(oid::kInt4, text);
}

TEST_F(Scalars, RealIsReadByItsShortestText) {
  EXPECT_EQ(decode_as<double>(oid::kFloat4, "0.1"), 0.1);
  EXPECT_EQ(decode_as<double>(oid::kFloat4, "3.4028235e+38"), 3.4028235e38);
  EXPECT_EQ(decode_as<double>(oid::kFloat4, "1e-45"), 1e-45);
}

TEST_F(Scalars, DoublesKeepExtremesSignsAndSpecials) {
  EXPECT_EQ(decode_as<double>(oid::kFloat8, "1.7976931348623157e+308"), std::numeric_limits<double>::max());
  EXPECT_EQ(decode_as<double>(oid::kFloat8, "5e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(std::signbit(decode_as<double>(oid::kFloat8, "-0")));
  EXPECT_TRUE(std::isnan(decode_as<double>(oid::kFloat8, "NaN")));
  EXPECT_EQ(decode_as<double>(oid::kFloat8, "-Infinity"), -std::numeric_limits<double>::infinity());
  for (const char* text : {"", "-", "nan", "inf", "1e400", "1,5", "-NaN", "0.1x"})
    expect_refused(oid::kFloat8, text);
}

TEST_F(Scalars, NumericsKeepEveryDigitAndTheScale) {
  const std::string longest = std::string(131072, '9') + "." + std::string(16383, '7');
  for (const std::string& text : {std::string("10.50"), std::string("-0.000"), std::string("NaN"),
                                  std::string("Infinity"), std::string("-Infinity"), longest}) {
    EXPECT_EQ(decode_as<Decimal>(oid::kNumeric, text).text, text);
  }
  for (const char* text : {"", "-", ".5", "5.", "1e5", "1.2.3", "--1", "-NaN", "1 "})
    expect_refused(oid::kNumeric, text);
}

TEST_F(Scalars, BytesAreReadFromHex) {
  EXPECT_EQ(decode_as<Bytes>(oid::kBytea, "\\xdeAD00").bytes, std::string_view("\xde\xad\0", 3));
  EXPECT_EQ(decode_as<Bytes>(oid::kBytea, "\\x").bytes, "");
  for (const char* text : {"", "\\x0", "\\xzz", "dead", "\\000"}) expect_refused(oid::kBytea, text);
}

TEST_F(Scalars, UuidsAreSixteenBytes) {
  const Uuid uuid = decode_as<Uuid>(oid::kUuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(uuid.bytes.front(), 0xa0);
  EXPECT_EQ(uuid.bytes.back(), 0x11);
  EXPECT_EQ(to_text(Value(uuid)), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  expect_refused(oid::kUuid, "a0eebc999c0b4ef8bb6d6bb9bd380a11");
  expect_refused(oid::kUuid, "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
}

TEST_F(Scalars, TextOfAMegabyteIsBorrowedNotCopied) {
  const std::string big(1 << 20, 'x');
  const Text text = decode_as<Text>(oid::kText, big);
  EXPECT_EQ(text.text.data(), texts_.back().data());
  EXPECT_EQ(text.text.size(), big.size());
  EXPECT_EQ(arena_.bytes(), 0U);
}

TEST_F(Scalars, ErrorsShowOnlyTheBeginningOfALongText) {
  const auto value = try_decode(oid::kInt4, std::string(1 << 20, '9'));
  ASSERT_FALSE(value);
  EXPECT_LT(value.error().message.size(), 200U);
}

TEST_F(Scalars, TypesWithoutADecoderAreTheirText) {
  TypeInfo mood;
  mood.oid = 70001;
  mood.name = "mood";
  mood.kind = 'e';
  mood.category = 'E';
  add_type(mood);
  EXPECT_EQ(decode_as<Text>(70001, "happy").text, "happy");
  TypeInfo citext;
  citext.oid = 70002;
  citext.name = "citext";
  add_type(citext);
  EXPECT_EQ(decode_as<Text>(70002, "Ünïcode").text, "Ünïcode");
  EXPECT_EQ(decode_as<Text>(600, "(1,2)").text, "(1,2)");
  EXPECT_EQ(decode_as<Text>(790, "$1,234.50").text, "$1,234.50");
}

TEST_F(Scalars, ADomainIsItsBaseType) {
  TypeInfo outer;
  outer.oid = 70003;
  outer.kind = 'd';
  outer.element = 70004;
  add_type(outer);
  TypeInfo inner;
  inner.oid = 70004;
  inner.kind = 'd';
  inner.element = oid::kInt4Array;
  add_type(inner);
  EXPECT_EQ(decode_as<Array>(70003, "{1,2}").size, 2U);
}

TEST_F(Scalars, AnUnknownTypeIsTheCatalogsError) {
  const auto value = try_decode(99999, "x");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, ErrorKind::kConfiguration);
}

TEST_F(Scalars, ATypeThatContainsItselfIsRefused) {
  TypeInfo circle;
  circle.oid = 70005;
  circle.kind = 'd';
  circle.element = 70005;
  add_type(circle);
  EXPECT_EQ(try_decode(70005, "x").error().kind, ErrorKind::kInternal);
}

}  // namespace
}  // namespace penstock::pgtype
