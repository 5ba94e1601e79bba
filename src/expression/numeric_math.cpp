// The digits come from fixed-point arithmetic on whole numbers, with more digits than the result shows. The
// result's scale follows PostgreSQL's estimates (PostgreSQL source: numeric.c), step by step, because another
// estimate is another scale.
#include "expression/numeric_math.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace penstock::expression {
namespace {

constexpr int kGroupDigits = 4;
constexpr int kSignificantDigits = 16;  // NUMERIC_MIN_SIG_DIGITS
constexpr int kMaxDisplayScale = 1000;  // NUMERIC_MAX_DISPLAY_SCALE
constexpr double kMostExponent = 6000;  // NUMERIC_MAX_RESULT_SCALE * 3: of e
constexpr double kLogarithmOfE = 0.434294481903252;
constexpr double kLogarithmOfTen = 2.302585092994046;
constexpr std::size_t kGuardBits = 96;
constexpr int kHalvings = 12;  // of an argument, so that its series is short

Result<Numeric> refuse(std::string_view message) { return fail(ErrorKind::kBadValue, std::string(message)); }

std::size_t bits_for(int digits) {
  return static_cast<std::size_t>(std::max(digits, 0)) * 3322 / 1000 + kGuardBits;
}

int limited_scale(int scale, int least) { return std::min(std::max({scale, least, 0}), kMaxDisplayScale); }

double approximate(const Numeric& number) { return std::strtod(number.text().c_str(), nullptr); }

// --- Fixed point: a number times 2^bits.

Integer to_fixed(const Numeric& number, std::size_t bits) {
  return divide(number.coefficient().shifted_left(bits),
                Integer::power_of_ten(static_cast<std::size_t>(number.scale())))
      .quotient;
}

Numeric from_fixed(const Integer& fixed, std::size_t bits, int scale) {
  const Integer shifted = fixed * Integer::power_of_ten(static_cast<std::size_t>(scale) + 1);
  return Numeric(shifted.shifted_right(bits), scale + 1).rounded(scale);
}

Integer product(const Integer& left, const Integer& right, std::size_t bits) {
  return (left * right).shifted_right(bits);
}

// 2 artanh(z) = 2 (z + z^3/3 + z^5/5 + ...)
Integer twice_artanh(const Integer& z, std::size_t bits) {
  const Integer square = product(z, z, bits);
  Integer power = z;
  Integer sum = z;
  for (std::int64_t n = 3; !power.is_zero(); n += 2) {
    power = product(power, square, bits);
    sum = sum + divide(power, Integer(n)).quotient;
  }
  return sum + sum;
}

// ln 2 = 2 artanh(1/3)
Integer fixed_ln2(std::size_t bits) {
  return twice_artanh(divide(Integer(1).shifted_left(bits), Integer(3)).quotient, bits);
}

// ln of a number > 0, exact to about `bits`: x = m 2^k, and ln m = 2^h ln(m^(1/2^h)).
Integer fixed_ln(const Numeric& number, std::size_t bits) {
  const std::size_t work = bits + 64;
  const Integer power = Integer::power_of_ten(static_cast<std::size_t>(number.scale()));
  const auto shift = static_cast<std::int64_t>(number.coefficient().bit_count()) -
                     static_cast<std::int64_t>(power.bit_count());
  // Between 1/2 and 2; near 1 with k = 0, so that nothing cancels.
  const std::size_t up = work + static_cast<std::size_t>(std::max<std::int64_t>(-shift, 0));
  const std::size_t down = static_cast<std::size_t>(std::max<std::int64_t>(shift, 0));
  Integer root = divide(number.coefficient().shifted_left(up), power.shifted_left(down)).quotient;
  for (int i = 0; i < kHalvings; ++i) root = root.shifted_left(work).square_root();
  const Integer one = Integer(1).shifted_left(work);
  const Integer z = divide((root - one).shifted_left(work), root + one).quotient;
  const Integer logarithm = twice_artanh(z, work).shifted_left(kHalvings);
  return (logarithm + fixed_ln2(work) * Integer(shift)).shifted_right(work - bits);
}

// e^x, x = k ln 2 + r: as a mantissa with `bits` behind the point and k.
struct Exponential {
  Integer mantissa;
  std::int64_t power_of_two = 0;
};
Exponential fixed_exp(const Integer& x, std::size_t bits) {
  const std::size_t work = bits + 64;
  const Integer ln2 = fixed_ln2(work);
  const Integer shifted = x.shifted_left(work - bits);
  const Integer::Division parts = divide(shifted, ln2);
  const Integer small = parts.remainder.shifted_right(kHalvings);
  Integer term = Integer(1).shifted_left(work);
  Integer sum = term;
  for (std::int64_t n = 1; !term.is_zero(); ++n) {
    term = divide(product(term, small, work), Integer(n)).quotient;
    sum = sum + term;
  }
  for (int i = 0; i < kHalvings; ++i) sum = product(sum, sum, work);
  return {sum.shifted_right(work - bits), parts.quotient.to_int64().value_or(0)};
}

// e^(x / 2^bits) to `scale` digits.
Numeric exponential_of(const Integer& x, std::size_t bits, int scale) {
  const Exponential result = fixed_exp(x, bits);
  if (result.power_of_two >= 0)
    return from_fixed(result.mantissa.shifted_left(static_cast<std::size_t>(result.power_of_two)), bits,
                      scale);
  return from_fixed(result.mantissa, bits + static_cast<std::size_t>(-result.power_of_two), scale);
}

// --- PostgreSQL's estimates

// The first 8 or 16 decimal digits as PostgreSQL's base-10000 groups have them, and their power of ten.
struct Front {
  double digits = 0;
  int power = 0;
};
Front front(const Numeric& number, int groups) {
  const Leading first = leading(number);
  const int lowest = (first.weight - groups + 1) * kGroupDigits;  // power of ten of the last group taken
  const int cut = number.scale() + lowest;
  Integer digits = number.coefficient().magnitude();
  if (cut > 0) digits = divide(digits, Integer::power_of_ten(static_cast<std::size_t>(cut))).quotient;
  if (cut < 0) digits = digits * Integer::power_of_ten(static_cast<std::size_t>(-cut));
  return {static_cast<double>(digits.to_int64().value_or(0)), lowest};
}

// estimate_ln_dweight(): the decimal weight of a number's logarithm.
int logarithm_weight(const Numeric& number) {
  if (number.sign() <= 0) return 0;
  if (compare(number, Numeric(Integer(9), 1)) >= 0 && compare(number, Numeric(Integer(11), 1)) <= 0) {
    const Leading first = leading(*subtract(number, Numeric(1)));
    if (first.digit == 0) return 0;
    return first.weight * kGroupDigits + static_cast<int>(std::log10(first.digit));
  }
  const Front digits = front(number, 2);
  const double estimate = std::log(digits.digits) + digits.power * kLogarithmOfTen;
  return static_cast<int>(std::log10(std::fabs(estimate)));
}

// ln to `scale` digits; the number is > 0.
Numeric logarithm_to(const Numeric& number, int scale) {
  const std::size_t bits = bits_for(scale);
  return from_fixed(fixed_ln(number, bits), bits, scale);
}

Result<Numeric> refuse_logarithm(const Numeric& number) {
  return refuse(number.sign() == 0 ? "cannot take logarithm of zero"
                                   : "cannot take logarithm of a negative number");
}

// exp_var(): e^number to `scale` digits.
Result<Numeric> exponential_to(const Numeric& number, int scale) {
  const double value = approximate(number);
  if (std::fabs(value) >= kMostExponent) {
    if (value > 0) return refuse(Numeric::kOverflow);
    return Numeric(Integer(), scale);
  }
  const int weight = static_cast<int>(value * kLogarithmOfE);
  const std::size_t bits = bits_for(scale + std::abs(weight));
  return checked(exponential_of(to_fixed(number, bits), bits, scale));
}

// --- power()

bool is_whole(const Numeric& number) {
  return !number.is_finite() || number.without_trailing_zeros().scale() == 0;
}
bool is_odd(const Numeric& whole) {
  return !divide(whole.without_trailing_zeros().coefficient(), Integer(2)).remainder.is_zero();
}

Numeric one() { return Numeric(1); }

// At least one side is infinite, none is NaN.
Numeric power_of_infinity(const Numeric& base, const Numeric& exponent) {
  if (base.is_finite() && compare(base, one()) == 0) return one();
  if (exponent.sign() == 0) return one();
  if (base.sign() == 0) return Numeric();
  if (exponent.is_infinite()) {
    const int size = compare(base.magnitude(), one());
    if (size == 0) return one();
    return (size > 0) == (exponent.sign() > 0) ? Numeric::infinity(1) : Numeric();
  }
  if (exponent.sign() < 0) return Numeric();
  return Numeric::infinity(base.sign() < 0 && is_odd(exponent) ? -1 : 1);
}

// A decimal cut to `digits` digits: mantissa * 10^power.
struct Floating {
  Integer mantissa;
  std::int64_t power = 0;

  void cut(std::size_t digits) {
    const std::size_t have = mantissa.digit_count();
    if (have <= digits) return;
    mantissa = divide(mantissa, Integer::power_of_ten(have - digits)).quotient;
    power += static_cast<std::int64_t>(have - digits);
  }
};

Floating multiply(const Floating& left, const Floating& right, std::size_t digits) {
  Floating result{left.mantissa * right.mantissa, left.power + right.power};
  result.cut(digits);
  return result;
}

Numeric to_numeric(const Floating& number, int scale) {
  if (number.power >= 0)
    return Numeric(number.mantissa * Integer::power_of_ten(static_cast<std::size_t>(number.power)), 0)
        .rounded(scale);
  return Numeric(number.mantissa, static_cast<int>(-number.power)).rounded(scale);
}

// power_var_int()
Result<Numeric> whole_power(const Numeric& base, std::int64_t exponent) {
  const int scale = limited_scale(kSignificantDigits, base.scale());
  if (exponent == 0) return Numeric(1).rounded(scale);
  if (base.sign() == 0) {
    if (exponent < 0) return refuse("division by zero");
    return Numeric(Integer(), scale);
  }
  const Front digits = front(base, kGroupDigits);
  const double weight = static_cast<double>(exponent) * (std::log10(digits.digits) + digits.power);
  constexpr double kMostWeight = 3.0 * 32767 * kGroupDigits;
  if (weight > kMostWeight) return refuse(Numeric::kOverflow);
  if (weight + 1 < -scale) return Numeric(Integer(), scale);
  const auto size = static_cast<std::uint64_t>(exponent < 0 ? -exponent : exponent);
  const auto precision =
      static_cast<std::size_t>(std::max(std::fabs(weight), 0.0)) + 48 + static_cast<std::size_t>(scale) * 2;
  Floating factor{base.coefficient(), -base.scale()};
  Floating result{Integer(1), 0};
  for (std::uint64_t rest = size; rest != 0; rest >>= 1) {
    if ((rest & 1) != 0) result = multiply(result, factor, precision);
    if (rest > 1) factor = multiply(factor, factor, precision);
  }
  if (exponent > 0) return checked(to_numeric(result, scale));
  const auto numerator = static_cast<std::int64_t>(scale) + 1 - result.power;
  if (numerator < 0) return Numeric(Integer(), scale);
  const Integer quotient =
      divide(Integer::power_of_ten(static_cast<std::size_t>(numerator)), result.mantissa).quotient;
  return checked(Numeric(quotient, scale + 1).rounded(scale));
}

// The general case: e^(exponent * ln base), base > 0.
Result<Numeric> general_power(const Numeric& base, const Numeric& exponent) {
  const int ln_weight = logarithm_weight(base);
  const Numeric rough = logarithm_to(base, std::max(8 - ln_weight, 0));
  const std::size_t rough_scale = static_cast<std::size_t>(std::max(8 - ln_weight, 0));
  const Numeric rough_product(
      Numeric(rough.coefficient() * exponent.coefficient(), rough.scale() + exponent.scale())
          .rounded(static_cast<int>(rough_scale)));
  double value = approximate(rough_product);
  constexpr double kFuzz = 3.01 / 3;
  if (std::fabs(value) > kMostExponent * kFuzz) {
    if (value > 0) return refuse(Numeric::kOverflow);
    return Numeric(Integer(), kMaxDisplayScale);
  }
  value *= kLogarithmOfE;
  const int weight = static_cast<int>(value);
  const int scale = limited_scale(kSignificantDigits - weight, std::max(base.scale(), exponent.scale()));
  const int exponent_digits = static_cast<int>(exponent.coefficient().digit_count());
  const int ln_scale = std::max(scale + std::abs(weight) - ln_weight, 0) + exponent_digits + 16;
  const Numeric ln = logarithm_to(base, ln_scale);
  return exponential_to(Numeric(ln.coefficient() * exponent.coefficient(), ln.scale() + exponent.scale()),
                        scale);
}

Result<Numeric> finite_power(const Numeric& base, const Numeric& exponent) {
  constexpr std::int64_t kMost = 2147483647;
  if (is_whole(exponent)) {
    const std::optional<std::int64_t> whole = exponent.without_trailing_zeros().coefficient().to_int64();
    if (whole && *whole <= kMost && *whole >= -kMost - 1) return whole_power(base, *whole);
  }
  if (base.sign() == 0) return Numeric(Integer(), kSignificantDigits);
  if (base.sign() > 0) return general_power(base, exponent);
  PENSTOCK_ASSIGN(const Numeric result, general_power(base.magnitude(), exponent));
  return is_odd(exponent) ? -result : result;
}

}  // namespace

Result<Numeric> square_root(const Numeric& number) {
  if (number.is_nan() || (number.is_infinite() && number.sign() > 0)) return number;
  if (number.sign() < 0) return refuse("cannot take square root of a negative number");
  const int weight = leading(number).weight * kGroupDigits / 2 + 1;
  const int scale = limited_scale(kSignificantDigits - weight, number.scale());
  // One digit more, so that it can be rounded; an even power of ten comes out of the root whole.
  const int wanted = scale + 1;
  const int shift = 2 * wanted - number.scale();
  const Integer scaled =
      shift >= 0
          ? number.coefficient() * Integer::power_of_ten(static_cast<std::size_t>(shift))
          : divide(number.coefficient(), Integer::power_of_ten(static_cast<std::size_t>(-shift))).quotient;
  return checked(Numeric(scaled.square_root(), wanted).rounded(scale));
}

Result<Numeric> exponential(const Numeric& number) {
  if (number.is_nan()) return number;
  if (number.is_infinite()) return number.sign() > 0 ? number : Numeric();
  constexpr double kMostWeight = 2000;  // NUMERIC_MAX_RESULT_SCALE
  const double weight = std::clamp(approximate(number) * kLogarithmOfE, -kMostWeight, kMostWeight);
  return exponential_to(number, limited_scale(kSignificantDigits - static_cast<int>(weight), number.scale()));
}

Result<Numeric> natural_logarithm(const Numeric& number) {
  if (number.is_nan()) return number;
  if (number.sign() <= 0) return refuse_logarithm(number);
  if (number.is_infinite()) return number;
  return logarithm_to(number, limited_scale(kSignificantDigits - logarithm_weight(number), number.scale()));
}

Result<Numeric> logarithm(const Numeric& base, const Numeric& number) {
  if (base.is_nan() || number.is_nan()) return Numeric::nan();
  // With an infinity among them a negative number is told before a zero.
  if ((base.is_infinite() || number.is_infinite()) && number.sign() < 0) return refuse_logarithm(number);
  if (base.sign() <= 0) return refuse_logarithm(base);
  if (number.sign() <= 0) return refuse_logarithm(number);
  if (base.is_infinite() || number.is_infinite()) {
    if (base.is_infinite() && number.is_infinite()) return Numeric::nan();
    return base.is_infinite() ? Numeric() : Numeric::infinity(1);
  }
  const int base_weight = logarithm_weight(base);
  const int weight = logarithm_weight(number) - base_weight;
  const int scale = limited_scale(kSignificantDigits - weight, std::max(base.scale(), number.scale()));
  const std::size_t bits = bits_for(scale + std::abs(weight) + std::abs(base_weight) + 16);
  const Integer divisor = fixed_ln(base, bits);
  if (compare(base, one()) == 0) return refuse("division by zero");
  return from_fixed(divide(fixed_ln(number, bits).shifted_left(bits), divisor).quotient, bits, scale);
}

Result<Numeric> power(const Numeric& base, const Numeric& exponent) {
  if (base.is_nan()) return exponent.is_finite() && exponent.sign() == 0 ? one() : base;
  if (exponent.is_nan()) return base.is_finite() && compare(base, one()) == 0 ? one() : exponent;
  if (base.sign() == 0 && exponent.sign() < 0) return refuse("zero raised to a negative power is undefined");
  if (base.sign() < 0 && !is_whole(exponent))
    return refuse("a negative number raised to a non-integer power yields a complex result");
  if (base.is_infinite() || exponent.is_infinite()) return power_of_infinity(base, exponent);
  return finite_power(base, exponent);
}

}  // namespace penstock::expression
