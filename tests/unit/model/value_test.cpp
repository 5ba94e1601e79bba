#include "model/value.h"

#include <gtest/gtest.h>

#include <limits>

namespace penstock {
namespace {

TEST(ValueText, IsWhatPostgresqlPrints) {
  EXPECT_EQ(to_text(Value(true)), "t");
  EXPECT_EQ(to_text(Value(std::int64_t{-5})), "-5");
  EXPECT_EQ(to_text(Value(Bytes{std::string_view("\xde\x00", 2)})), "\\xde00");
  EXPECT_EQ(to_text(Value(Timestamp{500000, {}, true})), "1970-01-01 00:00:00.5+00");
  EXPECT_EQ(to_text(Value(Range{nullptr, nullptr, false, false, true})), "empty");
  EXPECT_EQ(to_text(Value(Null{})), "");
}

TEST(ValueText, DescriptionsAreCutBetweenCharacters) {
  EXPECT_EQ(describe(Value(Decimal{"12.50"})), "decimal 12.50");
  EXPECT_EQ(describe(Value(Null{})), "null");
  std::string text(79, 'x');
  text += "ữ and more";
  EXPECT_EQ(describe(Value(Text{text})), "text " + std::string(79, 'x') + "…");
}

TEST(SameValue, ComparesNumbersByValueAndOthersByText) {
  EXPECT_TRUE(same_value(Decimal{"1.0"}, Decimal{"1.00"}));
  EXPECT_TRUE(same_value(-0.0, 0.0));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(same_value(nan, nan));
  EXPECT_TRUE(same_value(Text{"a"}, Text{"a"}));
  EXPECT_FALSE(same_value(Text{"a"}, Text{"A"}));
  EXPECT_FALSE(same_value(Text{"1"}, std::int32_t{1}));
  EXPECT_FALSE(same_value(std::int32_t{1}, std::int64_t{1}));
  EXPECT_FALSE(same_value(Timestamp{1, {}, false}, Timestamp{2, {}, false}));
  const Value one(std::int32_t{1});
  const Value two(std::int32_t{2});
  EXPECT_TRUE(same_value(Range{&one, nullptr, true, false, false}, Range{&one, nullptr, true, false, false}));
  EXPECT_FALSE(
      same_value(Range{&one, nullptr, true, false, false}, Range{&two, nullptr, true, false, false}));
  EXPECT_FALSE(
      same_value(Range{&one, nullptr, true, false, false}, Range{nullptr, nullptr, true, false, false}));
}

}  // namespace
}  // namespace penstock
