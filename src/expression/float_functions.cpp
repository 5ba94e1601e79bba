// real and double precision: operators and functions (PostgreSQL manual: "Mathematical Functions and
// Operators").
#include <cmath>
#include <numbers>
#include <type_traits>

#include "expression/number_values.h"

namespace penstock::expression {
namespace {

Result<Value> refuse(std::string_view message) { return fail(ErrorKind::kBadValue, std::string(message)); }
Result<Value> overflow() { return refuse("value out of range: overflow"); }
Result<Value> underflow() { return refuse("value out of range: underflow"); }

template <class A, class B>
using Wider = std::conditional_t<std::is_same_v<A, float> && std::is_same_v<B, float>, float, double>;

template <class A, class B>
Result<Value> add_floats(const Call& call) {
  const Wider<A, B> a = number_at<A>(call, 0);
  const Wider<A, B> b = number_at<B>(call, 1);
  const Wider<A, B> result = a + b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) return overflow();
  return number_value(result);
}

template <class A, class B>
Result<Value> subtract_floats(const Call& call) {
  const Wider<A, B> a = number_at<A>(call, 0);
  const Wider<A, B> b = number_at<B>(call, 1);
  const Wider<A, B> result = a - b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) return overflow();
  return number_value(result);
}

template <class Float>
Result<Value> product(Float a, Float b) {
  const Float result = a * b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) return overflow();
  if (result == 0 && a != 0 && b != 0) return underflow();
  return number_value(result);
}

template <class Float>
Result<Value> quotient(Float a, Float b) {
  if (b == 0 && !std::isnan(a)) return division_by_zero();
  const Float result = a / b;
  if (std::isinf(result) && !std::isinf(a)) return overflow();
  if (result == 0 && a != 0 && !std::isinf(b)) return underflow();
  return number_value(result);
}

template <class A, class B>
Result<Value> multiply_floats(const Call& call) {
  return product<Wider<A, B>>(number_at<A>(call, 0), number_at<B>(call, 1));
}

template <class A, class B>
Result<Value> divide_floats(const Call& call) {
  return quotient<Wider<A, B>>(number_at<A>(call, 0), number_at<B>(call, 1));
}

template <class Float>
Result<Value> negate_float(const Call& call) {
  return number_value(-number_at<Float>(call, 0));
}
template <class Float>
Result<Value> same_float(const Call& call) {
  return number_value(number_at<Float>(call, 0));
}
template <class Float>
Result<Value> absolute_float(const Call& call) {
  return number_value(std::fabs(number_at<Float>(call, 0)));
}

template <double (*function)(double)>
Result<Value> plain(const Call& call) {
  return number_value(function(number_at<double>(call, 0)));
}
double sign_of(double x) { return x > 0 ? 1 : (x < 0 ? -1 : 0); }
double half_to_even(double x) { return std::rint(x); }
double upwards(double x) { return std::ceil(x); }
double downwards(double x) { return std::floor(x); }
double towards_zero(double x) { return x >= 0 ? std::floor(x) : -std::floor(-x); }

Result<Value> square_root(const Call& call) {
  const auto x = number_at<double>(call, 0);
  if (x < 0) return refuse("cannot take square root of a negative number");
  return number_value(std::sqrt(x));
}

Result<Value> cube_root(const Call& call) { return number_value(std::cbrt(number_at<double>(call, 0))); }

Result<Value> exponential(const Call& call) {
  const auto x = number_at<double>(call, 0);
  if (std::isnan(x)) return number_value(x);
  if (std::isinf(x)) return number_value(x > 0 ? x : 0.0);
  const double result = std::exp(x);
  if (std::isinf(result)) return overflow();
  if (result == 0) return underflow();
  return number_value(result);
}

template <double (*function)(double)>
Result<Value> logarithm(const Call& call) {
  const auto x = number_at<double>(call, 0);
  if (x == 0) return refuse("cannot take logarithm of zero");
  if (x < 0) return refuse("cannot take logarithm of a negative number");
  return number_value(function(x));
}
double natural(double x) { return std::log(x); }
double decimal(double x) { return std::log10(x); }

bool is_odd(double x) { return std::floor(x * 0.5) != x * 0.5; }

// With an infinite side, as POSIX has it (PostgreSQL source: float.c, dpow()).
double power_of_infinity(double x, double y) {
  if (std::isinf(y)) {
    const double size = std::fabs(x);
    if (size == 1) return 1;
    return (y > 0) == (size > 1) ? std::fabs(y) : 0;
  }
  if (y == 0) return 1;
  if (x > 0) return y > 0 ? x : 0;
  const bool odd = std::floor(y) == y && is_odd(y);
  if (y > 0) return odd ? x : -x;
  return odd ? -0.0 : 0.0;
}

Result<Value> power(const Call& call) {
  const auto x = number_at<double>(call, 0);
  const auto y = number_at<double>(call, 1);
  if (std::isnan(x)) return number_value(y == 0 ? 1.0 : x);
  if (std::isnan(y)) return number_value(x == 1 ? 1.0 : y);
  if (x == 0 && y < 0) return refuse("zero raised to a negative power is undefined");
  if (x < 0 && std::floor(y) != y)
    return refuse("a negative number raised to a non-integer power yields a complex result");
  if (std::isinf(x) || std::isinf(y)) return number_value(power_of_infinity(x, y));
  const double result = std::pow(x, y);
  if (std::isinf(result)) return overflow();
  if (result == 0 && x != 0) return underflow();
  return number_value(result);
}

constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;
Result<Value> to_degrees(const Call& call) { return quotient(number_at<double>(call, 0), kRadiansPerDegree); }
Result<Value> to_radians(const Call& call) { return product(number_at<double>(call, 0), kRadiansPerDegree); }
Result<Value> pi(const Call&) { return number_value(std::numbers::pi); }

template <class A, class B>
void add_mixed(std::vector<Function>& to) {
  const std::vector<std::uint32_t> arguments{kOidOf<A>, kOidOf<B>};
  const std::uint32_t result = kOidOf<Wider<A, B>>;
  to.push_back({.name = "+", .arguments = arguments, .result = result, .call = add_floats<A, B>});
  to.push_back({.name = "-", .arguments = arguments, .result = result, .call = subtract_floats<A, B>});
  to.push_back({.name = "*", .arguments = arguments, .result = result, .call = multiply_floats<A, B>});
  to.push_back({.name = "/", .arguments = arguments, .result = result, .call = divide_floats<A, B>});
}

template <class Float>
void add_signs(std::vector<Function>& to) {
  const std::vector<std::uint32_t> one{kOidOf<Float>};
  to.push_back({.name = "-", .arguments = one, .result = one[0], .call = negate_float<Float>});
  to.push_back({.name = "+", .arguments = one, .result = one[0], .call = same_float<Float>});
  to.push_back({.name = "@", .arguments = one, .result = one[0], .call = absolute_float<Float>});
  to.push_back({.name = "abs", .arguments = one, .result = one[0], .call = absolute_float<Float>});
}

void add_double(std::vector<Function>& to, std::string_view name, std::size_t count, Implementation call,
                std::string_view example) {
  to.push_back({.name = name,
                .arguments = std::vector<std::uint32_t>(count, oid::kFloat8),
                .result = oid::kFloat8,
                .call = call,
                .example = example});
}

}  // namespace

std::vector<Function> float_functions() {
  std::vector<Function> all;
  add_mixed<double, double>(all);
  add_mixed<float, float>(all);
  add_mixed<float, double>(all);
  add_mixed<double, float>(all);
  add_signs<double>(all);
  add_signs<float>(all);
  add_double(all, "sign", 1, plain<sign_of>, "sign(-2.5::float8) = -1");
  add_double(all, "round", 1, plain<half_to_even>, "round(2.5::float8) = 2");
  add_double(all, "ceil", 1, plain<upwards>, "ceil(-2.5::float8) = -2");
  add_double(all, "ceiling", 1, plain<upwards>, "ceiling(2.1::float8) = 3");
  add_double(all, "floor", 1, plain<downwards>, "floor(-2.5::float8) = -3");
  add_double(all, "trunc", 1, plain<towards_zero>, "trunc(-2.5::float8) = -2");
  add_double(all, "sqrt", 1, square_root, "sqrt(2.25::float8) = 1.5");
  add_double(all, "|/", 1, square_root, "|/ 9 = 3");
  add_double(all, "cbrt", 1, cube_root, "round(cbrt(27)) = 3");
  add_double(all, "||/", 1, cube_root, "round(||/ 27) = 3");
  add_double(all, "exp", 1, exponential, "exp(0::float8) = 1");
  add_double(all, "ln", 1, logarithm<natural>, "ln(1::float8) = 0");
  add_double(all, "log", 1, logarithm<decimal>, "log(1000::float8) = 3");
  add_double(all, "log10", 1, logarithm<decimal>, "log10(1000::float8) = 3");
  add_double(all, "power", 2, power, "power(2, 10) = 1024");
  add_double(all, "pow", 2, power, "pow(2, 10) = 1024");
  add_double(all, "^", 2, power, "2 ^ 10 = 1024");
  add_double(all, "degrees", 1, to_degrees, "round(degrees(pi())) = 180");
  add_double(all, "radians", 1, to_radians, "radians(180) = pi()");
  add_double(all, "pi", 0, pi, "trunc(pi()) = 3");
  return all;
}

}  // namespace penstock::expression
