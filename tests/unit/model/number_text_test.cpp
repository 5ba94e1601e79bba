#include "model/number_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace penstock {
namespace {

std::string double_text(double value) {
  std::string out;
  append_double(out, value);
  return out;
}
std::string real_text(double value) {
  std::string out;
  append_real(out, value);
  return out;
}

// Each text is what PostgreSQL prints for the number.
TEST(NumberText, DoublesArePrintedAsPostgresqlPrintsThem) {
  EXPECT_EQ(double_text(1e20), "1e+20");
  EXPECT_EQ(double_text(1e15), "1e+15");
  EXPECT_EQ(double_text(1e14), "100000000000000");
  EXPECT_EQ(double_text(123456789012345), "123456789012345");
  EXPECT_EQ(double_text(1234567890123456), "1.234567890123456e+15");
  EXPECT_EQ(double_text(0.0001), "0.0001");
  EXPECT_EQ(double_text(0.00001), "1e-05");
  EXPECT_EQ(double_text(-0.0), "-0");
  // A digit less would read back too, but only by rounding a tie to even.
  EXPECT_EQ(double_text(9.778875386002381e+16), "9.778875386002381e+16");
  EXPECT_EQ(double_text(-2.1733298700894528e+16), "-2.1733298700894528e+16");
  EXPECT_EQ(double_text(12.5), "12.5");
  EXPECT_EQ(double_text(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(double_text(5e-324), "5e-324");
  EXPECT_EQ(double_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(double_text(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(NumberText, RealsArePrintedAsPostgresqlPrintsThem) {
  EXPECT_EQ(real_text(0.1), "0.1");
  EXPECT_EQ(real_text(1e6), "1e+06");
  EXPECT_EQ(real_text(999999), "999999");
  EXPECT_EQ(real_text(3.4028235e38), "3.4028235e+38");
}

TEST(NumberText, DecimalsAreEqualByValue) {
  EXPECT_TRUE(same_decimal("1.0", "1.00"));
  EXPECT_TRUE(same_decimal("100", "1e2"));
  EXPECT_TRUE(same_decimal("-0.0", "0"));
  EXPECT_TRUE(same_decimal("0.00120", "1.2E-3"));
  EXPECT_TRUE(same_decimal("NaN", "NaN"));
  EXPECT_FALSE(same_decimal("1.0", "-1.0"));
  EXPECT_FALSE(same_decimal("1.01", "1.1"));
  EXPECT_FALSE(same_decimal("NaN", "1"));
  EXPECT_FALSE(same_decimal("Infinity", "-Infinity"));
  const std::string nines(131072, '9');
  EXPECT_TRUE(same_decimal(nines, nines + ".000"));
  EXPECT_FALSE(same_decimal(nines, nines + ".001"));
}

TEST(NumberText, TextsThatAreNoDecimalsAreNotValid) {
  for (const char* text : {"", "-", ".", "e5", "1e", "1e+-5", "1x", "1..2", "Infinity"}) {
    EXPECT_FALSE(split_decimal(text).valid) << text;
  }
}

}  // namespace
}  // namespace penstock
