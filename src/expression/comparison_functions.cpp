// = <> < <= > >= of every type, LIKE and ILIKE (PostgreSQL manual: "Comparison Functions and Operators",
// "Pattern Matching").
#include <array>
#include <cmath>
#include <type_traits>

#include "expression/arguments.h"
#include "expression/compare.h"
#include "expression/datetime/moment.h"
#include "expression/expression.h"
#include "expression/like.h"
#include "expression/number_values.h"
#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

__extension__ typedef __int128 Wide;

enum class Test : std::uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
constexpr std::array<std::string_view, 6> kNames = {"=", "<>", "<", "<=", ">", ">="};

using Order = int (*)(const Call& call);

template <Order kOrder, Test kTest>
Result<Value> test(const Call& call) {
  const int order = kOrder(call);
  if constexpr (kTest == Test::kEqual) return Value(order == 0);
  if constexpr (kTest == Test::kNotEqual) return Value(order != 0);
  if constexpr (kTest == Test::kLess) return Value(order < 0);
  if constexpr (kTest == Test::kLessOrEqual) return Value(order <= 0);
  if constexpr (kTest == Test::kGreater) return Value(order > 0);
  if constexpr (kTest == Test::kGreaterOrEqual) return Value(order >= 0);
}

// Both sides in a type that holds either.
template <class A, class B>
int order_numbers(const Call& call) {
  using Both = std::common_type_t<A, B>;
  const auto left = static_cast<Both>(number_at<A>(call, 0));
  const auto right = static_cast<Both>(number_at<B>(call, 1));
  if constexpr (std::is_floating_point_v<Both>) {
    const bool left_nan = std::isnan(left);
    const bool right_nan = std::isnan(right);
    if (left_nan || right_nan) return static_cast<int>(left_nan) - static_cast<int>(right_nan);
  }
  return left < right ? -1 : right < left ? 1 : 0;
}

int order_values(const Call& call) { return compare(call.arguments[0], call.arguments[1]); }

int order_characters(const Call& call) {
  return comparison_of(oid::kBpchar)(call.arguments[0], call.arguments[1]);
}

// Microseconds since 2000-01-01. A date may be later than the last timestamp.
Wide moment_at(const Call& call, std::size_t index) {
  if (const auto* timestamp = call.arguments[index].get<Timestamp>()) return moment_of(*timestamp);
  const Date& date = argument<Date>(call, index);
  if (date.days == kMinusInfinity) return kMinusInfiniteMoment;
  if (date.days == kPlusInfinity) return Wide{kInfiniteMoment};
  const Wide moment = Wide{days_of(date)} * kMicrosPerDay;
  return moment;
}

int order_moments(const Call& call) {
  const Wide left = moment_at(call, 0);
  const Wide right = moment_at(call, 1);
  return left < right ? -1 : right < left ? 1 : 0;
}

struct Adder {
  std::vector<Function>& to;

  template <Order kOrder>
  void add(std::uint32_t left, std::uint32_t right, std::string_view example = {}) const {
    constexpr std::array<Implementation, 6> kTests = {
        test<kOrder, Test::kEqual>,       test<kOrder, Test::kNotEqual>, test<kOrder, Test::kLess>,
        test<kOrder, Test::kLessOrEqual>, test<kOrder, Test::kGreater>,  test<kOrder, Test::kGreaterOrEqual>,
    };
    for (std::size_t i = 0; i < kTests.size(); ++i) {
      to.push_back({.name = kNames[i],
                    .arguments = {left, right},
                    .result = oid::kBool,
                    .call = kTests[i],
                    .example = i == 2 ? example : std::string_view()});
    }
  }

  template <class A, class B>
  void add_numbers(std::string_view example = {}) const {
    add<order_numbers<A, B>>(kOidOf<A>, kOidOf<B>, example);
  }
};

void add_numbers(const Adder& adder) {
  using I2 = std::int16_t;
  using I4 = std::int32_t;
  using I8 = std::int64_t;
  adder.add_numbers<I2, I2>();
  adder.add_numbers<I2, I4>();
  adder.add_numbers<I2, I8>();
  adder.add_numbers<I4, I2>();
  adder.add_numbers<I4, I4>("1 < 2");
  adder.add_numbers<I4, I8>();
  adder.add_numbers<I8, I2>();
  adder.add_numbers<I8, I4>();
  adder.add_numbers<I8, I8>();
  adder.add_numbers<float, float>();
  adder.add_numbers<float, double>();
  adder.add_numbers<double, float>();
  adder.add_numbers<double, double>("'Infinity'::float8 < 'NaN'::float8");
  adder.add<order_values>(oid::kNumeric, oid::kNumeric, "9.50 < 100");
  adder.add<order_values>(oid::kOid, oid::kOid);
}

void add_times(const Adder& adder) {
  adder.add<order_values>(oid::kDate, oid::kDate, "date '2024-01-31' < date '2024-02-01'");
  for (const std::uint32_t left : {oid::kDate, oid::kTimestamp, oid::kTimestampTz}) {
    for (const std::uint32_t right : {oid::kDate, oid::kTimestamp, oid::kTimestampTz}) {
      if (left == oid::kDate && right == oid::kDate) continue;
      const bool shown = left == oid::kTimestamp && right == oid::kDate;
      adder.add<order_moments>(
          left, right, shown ? "timestamp '2024-01-31 23:59:59' < date '2024-02-01'" : std::string_view());
    }
  }
  adder.add<order_values>(oid::kTime, oid::kTime, "time '09:00' < time '10:00'");
  adder.add<order_values>(oid::kTimeTz, oid::kTimeTz);
  adder.add<order_values>(oid::kInterval, oid::kInterval, "interval '29 days' < interval '1 month'");
}

void add_others(const Adder& adder) {
  adder.add<order_values>(oid::kBool, oid::kBool, "false < true");
  adder.add<order_values>(oid::kText, oid::kText, "'Z' < 'a'");
  adder.add<order_characters>(oid::kBpchar, oid::kBpchar);
  adder.add<order_values>(oid::kBytea, oid::kBytea);
  adder.add<order_values>(oid::kUuid, oid::kUuid);
  adder.add<order_values>(oid::kJsonb, oid::kJsonb, "'[1]'::jsonb < '{}'::jsonb");
  adder.add<order_values>(oid::kAnyArray, oid::kAnyArray, "array[1, 2] < array[1, 3]");
}

// --- LIKE

template <bool kFolds, bool kNegated>
Result<Value> like(const Call& call) {
  const std::string_view text = text_argument(call, 0);
  const std::string_view pattern = text_argument(call, 1);
  Result<bool> matches =
      kFolds ? matches_like(lower_text(text), lower_text(pattern)) : matches_like(text, pattern);
  if (!matches) return fail(std::move(matches).error());
  return Value(*matches != kNegated);
}

Result<Value> like_escape(const Call& call) {
  PENSTOCK_ASSIGN(const std::string pattern, with_escape(text_argument(call, 0), text_argument(call, 1)));
  return text_result(call, pattern);
}

void add_patterns(std::vector<Function>& to) {
  struct Pattern {
    std::string_view name;
    Implementation call;
    std::string_view example;
  };
  constexpr Pattern kPatterns[] = {
      {"~~", like<false, false>, "'Penstock' like 'Pen%'"},
      {"!~~", like<false, true>, "'Penstock' not like 'pen%'"},
      {"~~*", like<true, false>, "'ÉCOLE' ilike 'é_o%'"},
      {"!~~*", like<true, true>, "'Penstock' not ilike 'stock%'"},
  };
  for (const Pattern& pattern : kPatterns) {
    for (const std::uint32_t left : {oid::kText, oid::kBpchar}) {
      to.push_back({.name = pattern.name,
                    .arguments = {left, oid::kText},
                    .result = oid::kBool,
                    .call = pattern.call,
                    .example = left == oid::kText ? pattern.example : std::string_view()});
    }
  }
  to.push_back({.name = "like_escape",
                .arguments = {oid::kText, oid::kText},
                .result = oid::kText,
                .call = like_escape,
                .example = "'10%' like '10!%' escape '!'"});
}

}  // namespace

std::vector<Function> comparison_functions() {
  std::vector<Function> functions;
  const Adder adder{functions};
  add_numbers(adder);
  add_times(adder);
  add_others(adder);
  add_patterns(functions);
  return functions;
}

}  // namespace penstock::expression
