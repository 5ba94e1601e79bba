// numeric: operators and functions (PostgreSQL manual: "Mathematical Functions and Operators").
#include <algorithm>

#include "expression/number_values.h"
#include "expression/numeric_math.h"

namespace penstock::expression {
namespace {

Result<Value> finish(const Result<Numeric>& number, const Call& call) {
  if (!number) return fail(number.error());
  return numeric_to_value(*number, call.arena);
}

using Binary = Result<Numeric> (*)(const Numeric&, const Numeric&);
using Unary = Result<Numeric> (*)(const Numeric&);

template <Binary function>
Result<Value> binary(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric left, numeric_from_value(call.arguments[0]));
  PENSTOCK_ASSIGN(const Numeric right, numeric_from_value(call.arguments[1]));
  return finish(function(left, right), call);
}

template <Unary function>
Result<Value> unary(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric number, numeric_from_value(call.arguments[0]));
  return finish(function(number), call);
}

Result<Numeric> negated(const Numeric& number) { return -number; }
Result<Numeric> same(const Numeric& number) { return number; }
Result<Numeric> absolute(const Numeric& number) { return number.magnitude(); }
Result<Numeric> sign_of(const Numeric& number) {
  return number.is_nan() ? number : Numeric(static_cast<std::int64_t>(number.sign()));
}
Result<Numeric> upwards(const Numeric& number) { return checked(number.ceiling()); }
Result<Numeric> downwards(const Numeric& number) { return checked(number.floor()); }
Result<Numeric> rounded_whole(const Numeric& number) { return checked(number.rounded(0)); }
Result<Numeric> truncated_whole(const Numeric& number) { return number.truncated(0); }
Result<Numeric> trimmed(const Numeric& number) { return number.without_trailing_zeros(); }
Result<Numeric> decimal_logarithm(const Numeric& number) { return logarithm(Numeric(10), number); }

// The digits that round() and trunc() are asked for, within what a numeric can have.
int digits_at(const Call& call, int most_whole) {
  return std::clamp(number_at<std::int32_t>(call, 1), -most_whole, Numeric::kMaxScale);
}

Result<Value> round_to(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric number, numeric_from_value(call.arguments[0]));
  return finish(checked(number.rounded(digits_at(call, Numeric::kMaxWholeDigits + 1))), call);
}

Result<Value> truncate_to(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric number, numeric_from_value(call.arguments[0]));
  return finish(checked(number.truncated(digits_at(call, Numeric::kMaxWholeDigits))), call);
}

Result<Value> scale_of(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric number, numeric_from_value(call.arguments[0]));
  return number.is_finite() ? number_value(std::int32_t{number.scale()}) : Value(Null{});
}

void add_unary(std::vector<Function>& to, std::string_view name, Implementation call,
               std::string_view example) {
  to.push_back({.name = name,
                .arguments = {oid::kNumeric},
                .result = oid::kNumeric,
                .call = call,
                .example = example});
}

void add_binary(std::vector<Function>& to, std::string_view name, Implementation call,
                std::string_view example) {
  to.push_back({.name = name,
                .arguments = {oid::kNumeric, oid::kNumeric},
                .result = oid::kNumeric,
                .call = call,
                .example = example});
}

}  // namespace

std::vector<Function> numeric_functions() {
  std::vector<Function> all;
  add_binary(all, "+", binary<add>, "0.1 + 0.2 = 0.3");
  add_binary(all, "-", binary<subtract>, "(1.50 - 0.5)::text = '1.00'");
  add_binary(all, "*", binary<multiply>, "(1.50 * 2.0)::text = '3.000'");
  add_binary(all, "/", binary<divide>, "(10.0 / 3)::text = '3.3333333333333333'");
  add_binary(all, "%", binary<modulo>, "-7.5 % 2 = -1.5");
  add_binary(all, "mod", binary<modulo>, "mod(-7.5, 2) = -1.5");
  add_binary(all, "div", binary<divide_whole>, "div(-7.5, 2) = -3");
  add_unary(all, "-", unary<negated>, "-(1.5) = 0 - 1.5");
  add_unary(all, "+", unary<same>, "+1.5 = 1.5");
  add_unary(all, "@", unary<absolute>, "@ -1.5 = 1.5");
  add_unary(all, "abs", unary<absolute>, "abs(-1.5) = 1.5");
  add_unary(all, "sign", unary<sign_of>, "sign(-1.5) = -1");
  add_unary(all, "ceil", unary<upwards>, "ceil(-1.5) = -1");
  add_unary(all, "ceiling", unary<upwards>, "ceiling(1.1) = 2");
  add_unary(all, "floor", unary<downwards>, "floor(-1.5) = -2");
  add_unary(all, "round", unary<rounded_whole>, "round(2.5) = 3");
  add_unary(all, "trunc", unary<truncated_whole>, "trunc(-1.5) = -1");
  add_unary(all, "trim_scale", unary<trimmed>, "trim_scale(1.500)::text = '1.5'");
  add_unary(all, "sqrt", unary<square_root>, "sqrt(2.25) = 1.5");
  add_unary(all, "exp", unary<exponential>, "exp(1.0)::text = '2.7182818284590452'");
  add_unary(all, "ln", unary<natural_logarithm>, "ln(2.0)::text = '0.6931471805599453'");
  add_unary(all, "log", unary<decimal_logarithm>, "log(100.0) = 2");
  add_unary(all, "log10", unary<decimal_logarithm>, "log10(1000.0) = 3");
  add_binary(all, "log", binary<logarithm>, "log(2.0, 64.0) = 6");
  add_binary(all, "power", binary<power>, "power(1.5, 2) = 2.25");
  add_binary(all, "pow", binary<power>, "pow(1.5, 2) = 2.25");
  add_binary(all, "^", binary<power>, "1.5 ^ 2 = 2.25");
  const std::vector<std::uint32_t> with_digits{oid::kNumeric, oid::kInt4};
  all.push_back({.name = "round",
                 .arguments = with_digits,
                 .result = oid::kNumeric,
                 .call = round_to,
                 .example = "round(2.345, 2) = 2.35"});
  all.push_back({.name = "trunc",
                 .arguments = with_digits,
                 .result = oid::kNumeric,
                 .call = truncate_to,
                 .example = "trunc(1299.9, -2) = 1200"});
  all.push_back({.name = "scale",
                 .arguments = {oid::kNumeric},
                 .result = oid::kInt4,
                 .call = scale_of,
                 .example = "scale(1.500) = 3"});
  return all;
}

}  // namespace penstock::expression
