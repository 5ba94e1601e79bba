// Casts between numbers (PostgreSQL's pg_cast has their contexts).
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "expression/float_text.h"
#include "expression/number_values.h"
#include "expression/text_casts.h"

namespace penstock::expression {
namespace {

template <class From, class To>
Result<Value> between_integers(const Call& call) {
  const auto number = static_cast<std::int64_t>(number_at<From>(call, 0));
  if (number < std::numeric_limits<To>::min() || number > std::numeric_limits<To>::max())
    return out_of_range<To>();
  return number_value(static_cast<To>(number));
}

template <class From, class To>
Result<Value> integer_to_float(const Call& call) {
  return number_value(static_cast<To>(number_at<From>(call, 0)));
}

// Half to even, as the processor rounds.
template <class From, class To>
Result<Value> float_to_integer(const Call& call) {
  const From number = std::rint(number_at<From>(call, 0));
  // The limits are powers of two: exact in a float, and the upper one is the first that does not fit.
  constexpr auto kLeast = static_cast<From>(std::numeric_limits<To>::min());
  if (!(number >= kLeast && number < -kLeast)) return out_of_range<To>();
  return number_value(static_cast<To>(number));
}

Result<Value> real_to_double(const Call& call) {
  return number_value(static_cast<double>(number_at<float>(call, 0)));
}

Result<Value> double_to_real(const Call& call) {
  const auto number = number_at<double>(call, 0);
  const auto result = static_cast<float>(number);
  if (std::isinf(result) && !std::isinf(number))
    return fail(ErrorKind::kBadValue, "value out of range: overflow");
  if (result == 0 && number != 0) return fail(ErrorKind::kBadValue, "value out of range: underflow");
  return number_value(result);
}

Result<Value> finish(const Result<Numeric>& number, const Call& call) {
  if (!number) return fail(number.error());
  PENSTOCK_ASSIGN(const Numeric fitted, with_modifier(*number, call.modifier));
  return numeric_to_value(fitted, call.arena);
}

template <class From>
Result<Value> integer_to_numeric(const Call& call) {
  return finish(Numeric(static_cast<std::int64_t>(number_at<From>(call, 0))), call);
}

// By the digits that the type surely has: 6 of real, 15 of double precision.
template <class From>
Result<Value> float_to_numeric(const Call& call) {
  const From number = number_at<From>(call, 0);
  if (std::isnan(number)) return finish(Numeric::nan(), call);
  if (std::isinf(number)) return finish(Numeric::infinity(number > 0 ? 1 : -1), call);
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof digits, static_cast<double>(number),
                                     std::chars_format::general, std::numeric_limits<From>::digits10);
  return finish(Numeric::parse({digits, static_cast<std::size_t>(written.ptr - digits)}), call);
}

template <class To>
Result<Value> numeric_to_integer(const Call& call) {
  PENSTOCK_ASSIGN(const Numeric number, numeric_from_value(call.arguments[0]));
  PENSTOCK_ASSIGN(const std::int64_t result, to_integer(number, std::numeric_limits<To>::min(),
                                                        std::numeric_limits<To>::max(), kTypeName<To>));
  return number_value(static_cast<To>(result));
}

Result<Value> numeric_to_real(const Call& call) {
  const auto* number = call.arguments[0].get<Decimal>();
  PENSTOCK_ASSIGN(const float result, parse_real(number != nullptr ? number->text : std::string_view()));
  return number_value(result);
}
Result<Value> numeric_to_double(const Call& call) {
  const auto* number = call.arguments[0].get<Decimal>();
  PENSTOCK_ASSIGN(const double result, parse_double(number != nullptr ? number->text : std::string_view()));
  return number_value(result);
}
Result<Value> numeric_to_numeric(const Call& call) {
  if (call.modifier < 0) return call.arguments[0];
  return finish(numeric_from_value(call.arguments[0]), call);
}

Result<Value> integer_to_bool(const Call& call) {
  return number_value(number_at<std::int32_t>(call, 0) != 0);
}
Result<Value> bool_to_integer(const Call& call) {
  return number_value(std::int32_t{number_at<bool>(call, 0) ? 1 : 0});
}

constexpr std::int64_t kMostOid = std::numeric_limits<std::uint32_t>::max();

// A negative smallint or integer is the OID with the same bits.
template <class From>
Result<Value> integer_to_oid(const Call& call) {
  const auto number = static_cast<std::int64_t>(number_at<From>(call, 0));
  if constexpr (sizeof(From) == sizeof(std::int64_t)) {
    if (number < 0 || number > kMostOid) return fail(ErrorKind::kBadValue, "OID out of range");
    return number_value(number);
  } else {
    return number_value(static_cast<std::int64_t>(static_cast<std::uint32_t>(number)));
  }
}
Result<Value> oid_to_int8(const Call& call) { return call.arguments[0]; }
Result<Value> oid_to_int4(const Call& call) {
  const auto bits = static_cast<std::uint32_t>(number_at<std::int64_t>(call, 0));
  return number_value(static_cast<std::int32_t>(bits));
}

struct Adder {
  std::vector<Function>& to;
  void operator()(std::uint32_t from, std::uint32_t result, char context, Implementation call,
                  std::string_view example = {}) const {
    to.push_back({.name = "::",
                  .arguments = {from},
                  .result = result,
                  .call = call,
                  .cast_context = context,
                  .example = example});
  }
};

void add_integer_casts(const Adder& add) {
  using I2 = std::int16_t;
  using I4 = std::int32_t;
  using I8 = std::int64_t;
  add(oid::kInt2, oid::kInt4, 'i', between_integers<I2, I4>);
  add(oid::kInt2, oid::kInt8, 'i', between_integers<I2, I8>);
  add(oid::kInt4, oid::kInt8, 'i', between_integers<I4, I8>);
  add(oid::kInt4, oid::kInt2, 'a', between_integers<I4, I2>, "7::smallint = 7");
  add(oid::kInt8, oid::kInt2, 'a', between_integers<I8, I2>);
  add(oid::kInt8, oid::kInt4, 'a', between_integers<I8, I4>);
  add(oid::kInt2, oid::kFloat4, 'i', integer_to_float<I2, float>);
  add(oid::kInt2, oid::kFloat8, 'i', integer_to_float<I2, double>);
  add(oid::kInt4, oid::kFloat4, 'i', integer_to_float<I4, float>);
  add(oid::kInt4, oid::kFloat8, 'i', integer_to_float<I4, double>, "7::float8 / 2 = 3.5");
  add(oid::kInt8, oid::kFloat4, 'i', integer_to_float<I8, float>);
  add(oid::kInt8, oid::kFloat8, 'i', integer_to_float<I8, double>);
  add(oid::kInt2, oid::kNumeric, 'i', integer_to_numeric<I2>);
  add(oid::kInt4, oid::kNumeric, 'i', integer_to_numeric<I4>, "7::numeric(10,2)::text = '7.00'");
  add(oid::kInt8, oid::kNumeric, 'i', integer_to_numeric<I8>);
  add(oid::kInt4, oid::kBool, 'e', integer_to_bool, "2::boolean");
  add(oid::kBool, oid::kInt4, 'e', bool_to_integer, "true::integer = 1");
  add(oid::kInt2, oid::kOid, 'i', integer_to_oid<I2>);
  add(oid::kInt4, oid::kOid, 'i', integer_to_oid<I4>);
  add(oid::kInt8, oid::kOid, 'i', integer_to_oid<I8>);
  add(oid::kOid, oid::kInt4, 'a', oid_to_int4);
  add(oid::kOid, oid::kInt8, 'a', oid_to_int8);
}

void add_float_casts(const Adder& add) {
  add(oid::kFloat4, oid::kFloat8, 'i', real_to_double);
  add(oid::kFloat8, oid::kFloat4, 'a', double_to_real);
  add(oid::kFloat4, oid::kInt2, 'a', float_to_integer<float, std::int16_t>);
  add(oid::kFloat4, oid::kInt4, 'a', float_to_integer<float, std::int32_t>);
  add(oid::kFloat4, oid::kInt8, 'a', float_to_integer<float, std::int64_t>);
  add(oid::kFloat8, oid::kInt2, 'a', float_to_integer<double, std::int16_t>);
  add(oid::kFloat8, oid::kInt4, 'a', float_to_integer<double, std::int32_t>, "2.5::float8::integer = 2");
  add(oid::kFloat8, oid::kInt8, 'a', float_to_integer<double, std::int64_t>);
  add(oid::kFloat4, oid::kNumeric, 'a', float_to_numeric<float>);
  add(oid::kFloat8, oid::kNumeric, 'a', float_to_numeric<double>, "0.1::float8::numeric = 0.1");
}

void add_numeric_casts(const Adder& add) {
  add(oid::kNumeric, oid::kNumeric, 'i', numeric_to_numeric, "2.345::numeric(10,2) = 2.35");
  add(oid::kNumeric, oid::kInt2, 'a', numeric_to_integer<std::int16_t>);
  add(oid::kNumeric, oid::kInt4, 'a', numeric_to_integer<std::int32_t>, "2.5::integer = 3");
  add(oid::kNumeric, oid::kInt8, 'a', numeric_to_integer<std::int64_t>);
  add(oid::kNumeric, oid::kFloat4, 'i', numeric_to_real);
  add(oid::kNumeric, oid::kFloat8, 'i', numeric_to_double, "0.1::float8 + 0.2::float8 > 0.3::float8");
}

}  // namespace

std::vector<Function> cast_functions() {
  std::vector<Function> functions;
  const Adder add{functions};
  add_integer_casts(add);
  add_float_casts(add);
  add_numeric_casts(add);
  add_text_casts(functions);
  return functions;
}

}  // namespace penstock::expression
