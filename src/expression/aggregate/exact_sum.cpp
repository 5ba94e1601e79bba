#include "expression/aggregate/exact_sum.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "expression/record.h"

namespace penstock::expression {
namespace {

constexpr int kDoubleBits = std::numeric_limits<double>::digits;

// numerator / denominator * 2^exponent, rounded once, half to even.
template <class Float>
Float round_ratio(const Integer& numerator, const Integer& denominator, int exponent) {
  if (numerator.is_zero()) return 0;
  constexpr int kDigits = std::numeric_limits<Float>::digits;
  constexpr int kLowestBit = std::numeric_limits<Float>::min_exponent - kDigits;  // of the smallest subnormal
  // Two bits more than the result has, at least; what lies below them only matters by not being zero.
  const int shift =
      kDigits + 2 - static_cast<int>(numerator.bit_count()) + static_cast<int>(denominator.bit_count());
  const Integer up =
      shift > 0 ? numerator.magnitude().shifted_left(static_cast<std::size_t>(shift)) : numerator.magnitude();
  const Integer down = shift < 0 ? denominator.shifted_left(static_cast<std::size_t>(-shift)) : denominator;
  const Integer::Division parts = divide(up, down);
  const auto bits = static_cast<std::uint64_t>(parts.quotient.to_int64().value_or(0));
  const int lowest = exponent - shift;  // the power of two of the last bit
  const int have = static_cast<int>(parts.quotient.bit_count());
  const int keep = std::min(kDigits, have + lowest - kLowestBit);
  if (keep < 0) return std::copysign(Float{0}, static_cast<Float>(numerator.sign()));
  const int drop = have - keep;
  std::uint64_t kept = drop >= 64 ? 0 : bits >> drop;
  const std::uint64_t half = 1ULL << (drop - 1);
  const std::uint64_t rest = bits & ((half << 1) - 1);
  const bool beyond_half = rest > half || (rest == half && !parts.remainder.is_zero());
  if (beyond_half || (rest == half && (kept & 1) != 0)) ++kept;
  const Float size = std::ldexp(static_cast<Float>(kept), lowest + drop);
  return numerator.sign() < 0 ? -size : size;
}

}  // namespace

void ExactSum::add(double number) {
  if (number == 0) return;
  int exponent = 0;
  const double fraction = std::frexp(number, &exponent);
  Integer addend(static_cast<std::int64_t>(std::ldexp(fraction, kDoubleBits)));
  exponent -= kDoubleBits;
  const std::size_t zeros = addend.trailing_zero_bits();
  addend = addend.shifted_right(zeros);
  exponent += static_cast<int>(zeros);
  if (mantissa_.is_zero()) exponent_ = exponent;
  if (exponent >= exponent_) {
    mantissa_ = mantissa_ + addend.shifted_left(static_cast<std::size_t>(exponent - exponent_));
  } else {
    mantissa_ = mantissa_.shifted_left(static_cast<std::size_t>(exponent_ - exponent)) + addend;
    exponent_ = exponent;
  }
}

double ExactSum::to_double(std::uint64_t count) const {
  return round_ratio<double>(mantissa_, Integer(static_cast<std::int64_t>(count)), exponent_);
}
float ExactSum::to_float(std::uint64_t count) const {
  return round_ratio<float>(mantissa_, Integer(static_cast<std::int64_t>(count)), exponent_);
}

// Without the zeros at the end: equal sums have equal bytes.
void ExactSum::encode(std::string& out) const {
  const std::size_t zeros = mantissa_.trailing_zero_bits();
  const int exponent = mantissa_.is_zero() ? 0 : exponent_ + static_cast<int>(zeros);
  append_count(out,
               static_cast<std::uint64_t>(exponent < 0 ? -exponent : exponent) * 2 + (exponent < 0 ? 1 : 0));
  mantissa_.shifted_right(zeros).encode(out);
}

bool ExactSum::decode(std::string_view& bytes) {
  const std::optional<std::uint64_t> head = take_count(bytes);
  if (!head) return false;
  std::optional<Integer> mantissa = Integer::decode(bytes);
  if (!mantissa) return false;
  const int size = static_cast<int>(*head / 2);
  exponent_ = *head % 2 == 1 ? -size : size;
  mantissa_ = std::move(*mantissa);
  return true;
}

}  // namespace penstock::expression
