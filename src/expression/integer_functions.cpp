// smallint, integer, bigint: operators and functions (PostgreSQL manual: "Mathematical Functions and
// Operators").
#include <limits>
#include <type_traits>

#include "expression/number_values.h"

namespace penstock::expression {
namespace {

template <class A, class B>
using Wider = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;

template <class A, class B>
Result<Value> add_integers(const Call& call) {
  Wider<A, B> result = 0;
  if (__builtin_add_overflow(number_at<A>(call, 0), number_at<B>(call, 1), &result))
    return out_of_range<Wider<A, B>>();
  return number_value(result);
}

template <class A, class B>
Result<Value> subtract_integers(const Call& call) {
  Wider<A, B> result = 0;
  if (__builtin_sub_overflow(number_at<A>(call, 0), number_at<B>(call, 1), &result))
    return out_of_range<Wider<A, B>>();
  return number_value(result);
}

template <class A, class B>
Result<Value> multiply_integers(const Call& call) {
  Wider<A, B> result = 0;
  if (__builtin_mul_overflow(number_at<A>(call, 0), number_at<B>(call, 1), &result))
    return out_of_range<Wider<A, B>>();
  return number_value(result);
}

template <class A, class B>
Result<Value> divide_integers(const Call& call) {
  using R = Wider<A, B>;
  const R dividend = number_at<A>(call, 0);
  const R divisor = number_at<B>(call, 1);
  if (divisor == 0) return division_by_zero();
  if (divisor == -1 && dividend == std::numeric_limits<R>::min()) return out_of_range<R>();
  return number_value(static_cast<R>(dividend / divisor));
}

template <class Int>
Result<Value> modulo_integers(const Call& call) {
  const Int dividend = number_at<Int>(call, 0);
  const Int divisor = number_at<Int>(call, 1);
  if (divisor == 0) return division_by_zero();
  if (divisor == -1) return number_value(Int{0});  // the machine's division traps on the smallest number
  return number_value(static_cast<Int>(dividend % divisor));
}

template <class Int>
Result<Value> bit_and(const Call& call) {
  return number_value(static_cast<Int>(number_at<Int>(call, 0) & number_at<Int>(call, 1)));
}
template <class Int>
Result<Value> bit_or(const Call& call) {
  return number_value(static_cast<Int>(number_at<Int>(call, 0) | number_at<Int>(call, 1)));
}
template <class Int>
Result<Value> bit_xor(const Call& call) {
  return number_value(static_cast<Int>(number_at<Int>(call, 0) ^ number_at<Int>(call, 1)));
}
template <class Int>
Result<Value> bit_not(const Call& call) {
  return number_value(static_cast<Int>(~number_at<Int>(call, 0)));
}

// C leaves shifts by more bits than there are undefined; PostgreSQL gives what the processor makes of them:
// the count modulo 32, for bigint modulo 64. A smallint is shifted as an integer and then cut.
template <class Int>
using Shifted = std::conditional_t<sizeof(Int) == 8, std::int64_t, std::int32_t>;
template <class Int>
int shift_count(const Call& call) {
  return number_at<std::int32_t>(call, 1) & static_cast<int>(sizeof(Shifted<Int>) * 8 - 1);
}
template <class Int>
Result<Value> shift_left(const Call& call) {
  const auto bits = static_cast<std::make_unsigned_t<Shifted<Int>>>(Shifted<Int>{number_at<Int>(call, 0)});
  return number_value(static_cast<Int>(bits << shift_count<Int>(call)));
}
template <class Int>
Result<Value> shift_right(const Call& call) {
  return number_value(static_cast<Int>(Shifted<Int>{number_at<Int>(call, 0)} >> shift_count<Int>(call)));
}

template <class Int>
Result<Value> negate_integer(const Call& call) {
  Int result = 0;
  if (__builtin_sub_overflow(Int{0}, number_at<Int>(call, 0), &result)) return out_of_range<Int>();
  return number_value(result);
}
template <class Int>
Result<Value> same_integer(const Call& call) {
  return number_value(number_at<Int>(call, 0));
}
template <class Int>
Result<Value> absolute_integer(const Call& call) {
  return number_at<Int>(call, 0) < 0 ? negate_integer<Int>(call) : same_integer<Int>(call);
}

template <class A, class B>
void add_mixed(std::vector<Function>& to) {
  const std::vector<std::uint32_t> arguments{kOidOf<A>, kOidOf<B>};
  const std::uint32_t result = kOidOf<Wider<A, B>>;
  to.push_back({.name = "+", .arguments = arguments, .result = result, .call = add_integers<A, B>});
  to.push_back({.name = "-", .arguments = arguments, .result = result, .call = subtract_integers<A, B>});
  to.push_back({.name = "*", .arguments = arguments, .result = result, .call = multiply_integers<A, B>});
  to.push_back({.name = "/", .arguments = arguments, .result = result, .call = divide_integers<A, B>});
}

template <class Int>
void add_same(std::vector<Function>& to) {
  const std::uint32_t type = kOidOf<Int>;
  const std::vector<std::uint32_t> one{type};
  const std::vector<std::uint32_t> two{type, type};
  const std::vector<std::uint32_t> counted{type, oid::kInt4};
  const bool shown = std::is_same_v<Int, std::int32_t>;  // examples once
  const auto add = [&](std::string_view name, const std::vector<std::uint32_t>& arguments,
                       Implementation call, std::string_view example) {
    to.push_back({.name = name,
                  .arguments = arguments,
                  .result = type,
                  .call = call,
                  .example = shown ? example : std::string_view()});
  };
  add("%", two, modulo_integers<Int>, "-7 % 3 = -1");
  add("mod", two, modulo_integers<Int>, "mod(-7, 3) = -1");
  add("&", two, bit_and<Int>, "12 & 10 = 8");
  add("|", two, bit_or<Int>, "12 | 10 = 14");
  add("#", two, bit_xor<Int>, "12 # 10 = 6");
  add("~", one, bit_not<Int>, "~5 = -6");
  add("<<", counted, shift_left<Int>, "1 << 4 = 16");
  add(">>", counted, shift_right<Int>, "-16 >> 2 = -4");
  add("-", one, negate_integer<Int>, "-(5 - 8) = 3");
  add("+", one, same_integer<Int>, "+5 = 5");
  add("@", one, absolute_integer<Int>, "@ -5 = 5");
  add("abs", one, absolute_integer<Int>, "abs(-5) = 5");
}

}  // namespace

std::vector<Function> integer_functions() {
  std::vector<Function> functions;
  add_mixed<std::int32_t, std::int32_t>(functions);
  functions[0].example = "2 + 3 = 5";
  functions[1].example = "2 - 3 = -1";
  functions[2].example = "2 * 3 = 6";
  functions[3].example = "-7 / 2 = -3";
  add_mixed<std::int16_t, std::int16_t>(functions);
  add_mixed<std::int16_t, std::int32_t>(functions);
  add_mixed<std::int16_t, std::int64_t>(functions);
  add_mixed<std::int32_t, std::int16_t>(functions);
  add_mixed<std::int32_t, std::int64_t>(functions);
  add_mixed<std::int64_t, std::int16_t>(functions);
  add_mixed<std::int64_t, std::int32_t>(functions);
  add_mixed<std::int64_t, std::int64_t>(functions);
  add_same<std::int16_t>(functions);
  add_same<std::int32_t>(functions);
  add_same<std::int64_t>(functions);
  return functions;
}

}  // namespace penstock::expression
