#include "expression/numeric.h"

#include <gtest/gtest.h>

#include "expression/numeric_math.h"

namespace penstock::expression {
namespace {

Numeric number(std::string_view text) {
  Result<Numeric> parsed = Numeric::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Numeric();
}
std::string text_of(const Result<Numeric>& result) {
  return result ? result->text() : "error: " + result.error().message;
}

std::string digits(std::size_t count, char digit) { return std::string(count, digit); }

TEST(Numeric, KeepsItsScaleThroughText) {
  for (const char* text : {"0", "0.00", "-0.05", "12.50", "100", "NaN", "Infinity", "-Infinity"})
    EXPECT_EQ(number(text).text(), text);
  EXPECT_EQ(number(" +1.5e3 ").text(), "1500");
  EXPECT_EQ(number("1.5e-3").text(), "0.0015");
  EXPECT_EQ(number("-0").text(), "0");
  EXPECT_EQ(number(".5").text(), "0.5");
  EXPECT_EQ(number("5.").text(), "5");
  EXPECT_EQ(number("-inf").text(), "-Infinity");
}

TEST(Numeric, RefusesWhatIsNoNumberInPostgreSqlsWords) {
  for (const char* text : {"", " ", ".", "-", "1e", "1e+-2", "--1", "1 2", "-NaN", "0x10", "infinit"})
    EXPECT_EQ(text_of(Numeric::parse(text)),
              "error: invalid input syntax for type numeric: \"" + std::string(text) + "\"");
  EXPECT_EQ(text_of(Numeric::parse("1e131072")), "error: value overflows numeric format");
  EXPECT_EQ(text_of(Numeric::parse("1e-16384")), "error: value overflows numeric format");
  EXPECT_EQ(number("1e131071").text().size(), 131072U);
}

TEST(Numeric, GoesOnBeyond128Bits) {
  const Numeric large = number(digits(60, '9'));
  EXPECT_EQ(text_of(add(large, number("1"))), "1" + digits(60, '0'));
  EXPECT_EQ(text_of(subtract(*add(large, number("1")), large)), "1");
  EXPECT_EQ(text_of(multiply(large, large)), digits(59, '9') + "8" + digits(59, '0') + "1");
  EXPECT_EQ(text_of(multiply(number("0.00000000000000000001"), number("0.00000000000000000001"))),
            "0." + digits(39, '0') + "1");
  EXPECT_EQ(text_of(divide(large, large)), "1.00000000000000000000");
  const Numeric edge = number("170141183460469231731687303715884105728");  // 2^127
  EXPECT_EQ(text_of(subtract(number("0"), edge)), "-170141183460469231731687303715884105728");
  EXPECT_EQ((-(-edge)).text(), edge.text());
  EXPECT_EQ(compare(edge, -edge), 1);
}

TEST(Numeric, DividesWithPostgreSqlsScale) {
  EXPECT_EQ(text_of(divide(number("1"), number("3"))), "0.33333333333333333333");
  EXPECT_EQ(text_of(divide(number("10"), number("3"))), "3.3333333333333333");
  EXPECT_EQ(text_of(divide(number("10000"), number("3"))), "3333.3333333333333333");
  EXPECT_EQ(text_of(divide(number("2"), number("3"))), "0.66666666666666666667");
  EXPECT_EQ(text_of(divide(number("1"), number("0"))), "error: division by zero");
  EXPECT_EQ(text_of(divide_whole(number("-7.5"), number("2"))), "-3");
  EXPECT_EQ(text_of(modulo(number("-7.50"), number("2"))), "-1.50");
}

TEST(Numeric, NaNAndInfinitiesFollowPostgreSql) {
  const Numeric nan = Numeric::nan();
  const Numeric plus = Numeric::infinity(1);
  const Numeric minus = Numeric::infinity(-1);
  EXPECT_EQ(text_of(add(plus, minus)), "NaN");
  EXPECT_EQ(text_of(add(plus, number("1"))), "Infinity");
  EXPECT_EQ(text_of(multiply(plus, number("0"))), "NaN");
  EXPECT_EQ(text_of(divide(number("1.50"), minus)), "0");
  EXPECT_EQ(text_of(divide(minus, number("0"))), "error: division by zero");
  EXPECT_EQ(text_of(modulo(number("1.50"), plus)), "1.50");
  EXPECT_EQ(compare(nan, nan), 0);
  EXPECT_EQ(compare(nan, plus), 1);
  EXPECT_EQ(compare(minus, number("-1e1000")), -1);
}

TEST(Numeric, RoundsHalfAwayFromZero) {
  EXPECT_EQ(number("2.5").rounded(0).text(), "3");
  EXPECT_EQ(number("-2.5").rounded(0).text(), "-3");
  EXPECT_EQ(number("2.45").rounded(1).text(), "2.5");
  EXPECT_EQ(number("1250").rounded(-2).text(), "1300");
  EXPECT_EQ(number("1249.99").rounded(-2).text(), "1200");
  EXPECT_EQ(number("49").rounded(-2).text(), "0");
  EXPECT_EQ(number("2.5").rounded(3).text(), "2.500");
  EXPECT_EQ(number("-2.59").truncated(1).text(), "-2.5");
  EXPECT_EQ(number("-2.5").floor().text(), "-3");
  EXPECT_EQ(number("-2.5").ceiling().text(), "-2");
}

std::int32_t modifier(int precision, int scale) { return ((precision << 16) | (scale & 0x7ff)) + 4; }

TEST(Numeric, CastsToADeclaredPrecision) {
  EXPECT_EQ(text_of(with_modifier(number("2.345"), modifier(10, 2))), "2.35");
  EXPECT_EQ(text_of(with_modifier(number("999.994"), modifier(5, 2))), "999.99");
  EXPECT_EQ(
      text_of(with_modifier(number("999.995"), modifier(5, 2))),
      "error: numeric field overflow: a field with precision 5, scale 2 must round to an absolute value less "
      "than 10^3");
  EXPECT_EQ(
      text_of(with_modifier(number("0.996"), modifier(2, 2))),
      "error: numeric field overflow: a field with precision 2, scale 2 must round to an absolute value less "
      "than 1");
  EXPECT_EQ(text_of(with_modifier(number("1250"), modifier(2, -2))), "1300");
  EXPECT_EQ(
      text_of(with_modifier(number("0.00999"), modifier(2, 4))),
      "error: numeric field overflow: a field with precision 2, scale 4 must round to an absolute value less "
      "than 10^-2");
  EXPECT_EQ(text_of(with_modifier(Numeric::infinity(1), modifier(5, 2))),
            "error: numeric field overflow: a field with precision 5, scale 2 cannot hold an infinite value");
  EXPECT_EQ(text_of(with_modifier(Numeric::nan(), modifier(5, 2))), "NaN");
}

TEST(Numeric, RootsAndLogarithmsHavePostgreSqlsScale) {
  EXPECT_EQ(text_of(square_root(number("2"))), "1.414213562373095");
  EXPECT_EQ(text_of(square_root(number("0"))), "0.000000000000000");
  EXPECT_EQ(text_of(exponential(number("1"))), "2.7182818284590452");
  EXPECT_EQ(text_of(natural_logarithm(number("10"))), "2.3025850929940457");
  EXPECT_EQ(text_of(logarithm(number("2"), number("1024"))), "10.0000000000000000");
  EXPECT_EQ(text_of(power(number("2.5"), number("0.5"))), "1.5811388300841897");
  EXPECT_EQ(text_of(natural_logarithm(number("0"))), "error: cannot take logarithm of zero");
  EXPECT_EQ(text_of(power(number("0"), number("-1"))), "error: zero raised to a negative power is undefined");
}

TEST(Integer, EncodesAndDecodes) {
  std::string bytes;
  const std::vector<std::string> texts{"0", "1", "127", "256", digits(39, '9'), digits(200, '7')};
  for (const std::string& text : texts) {
    Integer::from_digits(text).encode(bytes);
    (-Integer::from_digits(text)).encode(bytes);
  }
  std::string_view rest = bytes;
  for (const std::string& text : texts) {
    EXPECT_EQ(Integer::decode(rest).value(), Integer::from_digits(text));
    EXPECT_EQ(Integer::decode(rest).value(), -Integer::from_digits(text));
  }
  EXPECT_TRUE(rest.empty());
  std::string_view broken = std::string_view(bytes).substr(bytes.size() - 3);
  EXPECT_FALSE(Integer::decode(broken));
}

}  // namespace
}  // namespace penstock::expression
