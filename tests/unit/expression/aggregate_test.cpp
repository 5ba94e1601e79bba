// Accumulators, what they keep, and that what is taken out again leaves nothing.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "expression/aggregate/accumulator.h"
#include "expression/aggregate/tally.h"
#include "expression/function.h"

namespace penstock::expression {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

AggregateShape shape(AggregateKind kind, std::uint32_t type) {
  return {.kind = kind, .argument = {type, -1}};
}
Value decimal(std::string_view text) { return Value(Decimal{text}); }
Value text(std::string_view value) { return Value(Text{value}); }
const Value kNull = Value(Null{});

std::string shown(const Result<Value>& result) {
  if (!result) return "error: " + result.error().message;
  return result->is_null() ? "NULL" : std::string(kind_name(*result)) + " " + to_text(*result);
}

std::string aggregate(const AggregateShape& of, const std::vector<Value>& values) {
  const auto accumulator = make_accumulator(of);
  std::vector<std::string> ties;
  for (std::size_t i = 0; i < values.size(); ++i) ties.push_back(std::to_string(i + 100));
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_TRUE(accumulator->add(values[i], {}, ties[i]));
  Arena arena;
  return shown(accumulator->result(arena));
}

TEST(Accumulator, CountsRowsAndValues) {
  const std::vector<Value> values{Value(1), kNull, Value(1), Value(2)};
  EXPECT_EQ(aggregate({}, values), "int64 4");
  EXPECT_EQ(aggregate(shape(AggregateKind::kCount, oid::kInt4), values), "int64 3");
  AggregateShape distinct = shape(AggregateKind::kCount, oid::kInt4);
  distinct.distinct = true;
  EXPECT_EQ(aggregate(distinct, values), "int64 2");
  distinct.argument.oid = oid::kNumeric;
  EXPECT_EQ(aggregate(distinct, {decimal("1.0"), decimal("1.00"), decimal("NaN"), decimal("NaN")}),
            "int64 2");
}

TEST(Accumulator, SumsHavePostgreSqlsTypesAndScales) {
  const Value most = Value(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(aggregate(shape(AggregateKind::kSum, oid::kInt4), {Value(7), kNull, Value(-2)}), "int64 5");
  EXPECT_EQ(aggregate(shape(AggregateKind::kSum, oid::kInt8), {most, most}), "decimal 18446744073709551614");
  EXPECT_EQ(aggregate(shape(AggregateKind::kAvg, oid::kInt4), {Value(1), Value(2)}),
            "decimal 1.5000000000000000");
  EXPECT_EQ(aggregate(shape(AggregateKind::kSum, oid::kNumeric), {decimal("1.5"), decimal("0.25")}),
            "decimal 1.75");
  EXPECT_EQ(aggregate(shape(AggregateKind::kSum, oid::kNumeric), {decimal("1"), decimal("NaN")}),
            "decimal NaN");
  EXPECT_EQ(aggregate(shape(AggregateKind::kSum, oid::kNumeric), {decimal("Infinity"), decimal("-Infinity")}),
            "decimal NaN");
  EXPECT_EQ(aggregate(shape(AggregateKind::kAvg, oid::kNumeric), {decimal("1"), decimal("2"), decimal("2")}),
            "decimal 1.6666666666666667");
  EXPECT_EQ(aggregate(shape(AggregateKind::kSum, oid::kInt4), {kNull}), "NULL");
  EXPECT_EQ(aggregate(shape(AggregateKind::kAvg, oid::kFloat8), {}), "NULL");
}

TEST(Accumulator, FloatsAreSummedExactly) {
  const auto sum = shape(AggregateKind::kSum, oid::kFloat8);
  EXPECT_EQ(aggregate(sum, {Value(1e100), Value(1.0), Value(-1e100)}), "double 1");
  EXPECT_EQ(aggregate(sum, std::vector<Value>(10, Value(0.1))), "double 1");
  EXPECT_EQ(aggregate(sum, {Value(5e-324), Value(5e-324)}), "double 1e-323");
  EXPECT_EQ(aggregate(sum, {Value(1.7976931348623157e308), Value(1.7976931348623157e308)}),
            "error: value out of range: overflow");
  EXPECT_EQ(aggregate(sum, {Value(1e308), Value(1e308), Value(-1e308)}), "double 1e+308");
  EXPECT_EQ(aggregate(sum, {Value(kInfinity), Value(1.0)}), "double Infinity");
  EXPECT_EQ(aggregate(sum, {Value(kInfinity), Value(-kInfinity)}), "double NaN");
  EXPECT_EQ(aggregate(sum, {Value(-0.0), Value(-0.0)}), "double -0");
  EXPECT_EQ(aggregate(sum, {Value(-0.0), Value(0.0)}), "double 0");
  const auto real_sum = shape(AggregateKind::kSum, oid::kFloat4);
  EXPECT_EQ(aggregate(real_sum, {Value(0.1), Value(0.2)}), "double 0.3");
  // The exact sum of two reals lies halfway between two others: to even, not by way of a double.
  EXPECT_EQ(aggregate(real_sum, {Value(16777216.0), Value(1.0)}), "double 16777216");
  EXPECT_EQ(aggregate(real_sum, {Value(16777216.0), Value(1.0), Value(1e-30)}), "double 16777218");
  const auto mean = shape(AggregateKind::kAvg, oid::kFloat8);
  EXPECT_EQ(aggregate(mean, {Value(1e308), Value(1e308)}), "double 1e+308");
  EXPECT_EQ(aggregate(mean, {Value(1.0), Value(0.0), Value(0.0)}), "double 0.3333333333333333");
  EXPECT_EQ(aggregate(mean, {Value(5e-324), Value(0.0)}), "double 0");
  EXPECT_EQ(aggregate(mean, {Value(5e-324), Value(5e-324), Value(0.0)}), "double 5e-324");
}

TEST(Accumulator, OrderDecides) {
  EXPECT_EQ(aggregate(shape(AggregateKind::kMin, oid::kNumeric), {decimal("9"), decimal("10"), kNull}),
            "decimal 9");
  EXPECT_EQ(aggregate(shape(AggregateKind::kMax, oid::kNumeric), {decimal("9"), decimal("10"), kNull}),
            "decimal 10");
  EXPECT_EQ(aggregate(shape(AggregateKind::kMax, oid::kFloat8), {Value(kInfinity), Value(std::nan(""))}),
            "double NaN");
  EXPECT_EQ(aggregate(shape(AggregateKind::kMin, oid::kText), {text("b"), text("B"), text("ba")}), "text B");
  EXPECT_EQ(
      aggregate(shape(AggregateKind::kMax, oid::kInterval),
                {Value(Interval{"9 days"}), Value(Interval{"10 days"}), Value(Interval{"1 mon -25 days"})}),
      "interval 10 days");
  EXPECT_EQ(aggregate(shape(AggregateKind::kMin, oid::kInt4), {kNull}), "NULL");
  EXPECT_EQ(aggregate(shape(AggregateKind::kFirstValue, oid::kInt4), {kNull, Value(1)}), "NULL");
  EXPECT_EQ(aggregate(shape(AggregateKind::kLastValue, oid::kInt4), {kNull, Value(1)}), "int32 1");
  AggregateShape list = shape(AggregateKind::kArrayAgg, oid::kInt4);
  EXPECT_EQ(aggregate(list, {Value(3), kNull, Value(1), Value(3)}), "array {3,NULL,1,3}");
  EXPECT_EQ(aggregate(list, {}), "NULL");
  list.distinct = true;
  EXPECT_EQ(aggregate(list, {Value(3), kNull, Value(1), Value(3)}), "array {1,3,NULL}");
  list.order = {{.descending = true, .nulls_first = true}};
  EXPECT_EQ(aggregate(list, {Value(3), kNull, Value(1), Value(3)}), "array {NULL,3,1}");
}

TEST(Accumulator, OrdersByExpressionsThenByTheKey) {
  AggregateShape last = shape(AggregateKind::kLastValue, oid::kText);
  last.order = {{.descending = true, .nulls_first = false}};
  last.order_types = {{oid::kInt4, -1}};
  const auto accumulator = make_accumulator(last);
  const Value one = Value(1);
  const Value two = Value(2);
  ASSERT_TRUE(accumulator->add(text("b"), {&one, 1}, "b"));
  ASSERT_TRUE(accumulator->add(text("a"), {&one, 1}, "a"));
  ASSERT_TRUE(accumulator->add(text("c"), {&two, 1}, "c"));
  Arena arena;
  EXPECT_EQ(shown(accumulator->result(arena)), "text b");
}

TEST(Accumulator, BooleansAndNull) {
  const std::vector<Value> values{Value(true), kNull, Value(false)};
  EXPECT_EQ(aggregate(shape(AggregateKind::kBoolAnd, oid::kBool), values), "bool f");
  EXPECT_EQ(aggregate(shape(AggregateKind::kBoolOr, oid::kBool), values), "bool t");
  EXPECT_EQ(aggregate(shape(AggregateKind::kBoolAnd, oid::kBool), {kNull}), "NULL");
}

std::vector<Value> values_of(std::uint32_t type, std::mt19937_64& random, Arena& arena) {
  std::vector<Value> values;
  for (int i = 0; i < 40; ++i) {
    const auto size = static_cast<std::int64_t>(random() >> (random() % 64));
    switch (random() % 9 == 0 ? 0 : type) {
      case oid::kInt4:
        values.emplace_back(static_cast<std::int32_t>(size));
        break;
      case oid::kInt8:
        values.emplace_back(size);
        break;
      case oid::kNumeric: {
        std::string digits = std::to_string(size);
        digits.insert(digits.size() - random() % std::min<std::size_t>(digits.size(), 4), ".");
        if (random() % 12 == 0) digits = "Infinity";
        values.push_back(decimal(arena.copy(digits.ends_with('.') ? digits + "0" : digits)));
        break;
      }
      case oid::kFloat8:
      case oid::kFloat4: {
        const double number = std::ldexp(static_cast<double>(size), static_cast<int>(random() % 60) - 90);
        values.emplace_back(random() % 15 == 0 ? -kInfinity
                                               : static_cast<double>(static_cast<float>(number)));
        break;
      }
      default:
        values.push_back(kNull);
    }
  }
  return values;
}

// Whatever was added and taken out between: bytes and result are those of the rows that are there.
TEST(Tally, ForgetsWhatIsTakenOut) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    constexpr std::uint32_t kTypes[] = {oid::kInt4, oid::kInt8, oid::kNumeric, oid::kFloat4, oid::kFloat8};
    const std::uint32_t type = kTypes[random() % std::size(kTypes)];
    const AggregateShape of = shape(random() % 2 == 0 ? AggregateKind::kSum : AggregateKind::kAvg, type);
    Arena arena;
    const std::vector<Value> values = values_of(type, random, arena);
    auto moved = make_tally(of);
    auto plain = make_tally(of);
    const std::size_t kept = random() % values.size();
    for (const Value& value : values) ASSERT_TRUE(moved->add(value));
    std::string stored;
    moved->encode(stored);
    std::string_view bytes = stored;
    auto loaded = make_tally(of);
    ASSERT_TRUE(loaded->decode(bytes));
    ASSERT_TRUE(bytes.empty());
    for (std::size_t i = values.size(); i > kept; --i) ASSERT_TRUE(loaded->subtract(values[i - 1]));
    for (std::size_t i = kept; i > 0; --i) ASSERT_TRUE(plain->add(values[i - 1]));
    std::string left;
    std::string right;
    loaded->encode(left);
    plain->encode(right);
    EXPECT_EQ(left, right);
    EXPECT_EQ(shown(loaded->result(arena)), shown(plain->result(arena)));
  }
}

TEST(AggregateResultType, IsPostgreSqls) {
  const auto type = [](AggregateKind kind, std::uint32_t argument) {
    const Result<Type> result = aggregate_result_type(kind, {argument, 7});
    return result ? result->oid : 0;
  };
  EXPECT_EQ(type(AggregateKind::kSum, oid::kInt2), oid::kInt8);
  EXPECT_EQ(type(AggregateKind::kSum, oid::kInt8), oid::kNumeric);
  EXPECT_EQ(type(AggregateKind::kSum, oid::kFloat4), oid::kFloat4);
  EXPECT_EQ(type(AggregateKind::kAvg, oid::kFloat4), oid::kFloat8);
  EXPECT_EQ(type(AggregateKind::kAvg, oid::kInt4), oid::kNumeric);
  EXPECT_EQ(type(AggregateKind::kMin, oid::kVarchar), oid::kText);
  EXPECT_EQ(type(AggregateKind::kMin, oid::kBool), 0U);
  EXPECT_EQ(type(AggregateKind::kMax, oid::kUuid), 0U);
  EXPECT_EQ(type(AggregateKind::kArrayAgg, oid::kNumeric), oid::kNumericArray);
  EXPECT_EQ(aggregate_result_type(AggregateKind::kSum, {oid::kText, -1}).error().message,
            "function sum(text) does not exist");
}

}  // namespace
}  // namespace penstock::expression
