#include "expression/numeric.h"

#include <algorithm>
#include <utility>

namespace penstock::expression {
namespace {

constexpr int kGroupDigits = 4;              // PostgreSQL's DEC_DIGITS
constexpr int kMinSignificantDigits = 16;    // of a quotient
constexpr int kMaxDivisionScale = 1000;      // NUMERIC_MAX_DISPLAY_SCALE
constexpr std::int32_t kModifierHeader = 4;  // VARHDRSZ

Integer scaled_up(const Integer& coefficient, int digits) {
  return digits == 0 ? coefficient : coefficient * Integer::power_of_ten(static_cast<std::size_t>(digits));
}

// coefficient / 10^digits, half away from zero.
Integer scaled_down_rounded(const Integer& coefficient, int digits) {
  const Integer power = Integer::power_of_ten(static_cast<std::size_t>(digits));
  Integer::Division parts = divide(coefficient, power);
  const Integer twice = parts.remainder.magnitude() + parts.remainder.magnitude();
  if (compare(twice, power) < 0) return std::move(parts.quotient);
  return parts.quotient + Integer(coefficient.sign());
}

// numerator / denominator to `scale` digits behind the point, half away from zero.
Integer quotient_rounded(const Integer& numerator, const Integer& denominator) {
  Integer::Division parts = divide(numerator, denominator);
  const Integer twice = parts.remainder.magnitude() + parts.remainder.magnitude();
  if (compare(twice, denominator.magnitude()) < 0) return std::move(parts.quotient);
  return parts.quotient + Integer(numerator.sign() * denominator.sign());
}

struct Aligned {
  Integer left;
  Integer right;
  int scale = 0;
};
Aligned align(const Numeric& left, const Numeric& right) {
  const int scale = std::max(left.scale(), right.scale());
  return {scaled_up(left.coefficient(), scale - left.scale()),
          scaled_up(right.coefficient(), scale - right.scale()), scale};
}

// PostgreSQL's select_div_scale(): at least 16 significant digits, and no less scale than either has.
int division_scale(const Numeric& left, const Numeric& right) {
  const Leading a = leading(left);
  const Leading b = leading(right);
  int weight = a.weight - b.weight;
  if (a.digit <= b.digit) --weight;
  const int scale = std::max({kMinSignificantDigits - weight * kGroupDigits, left.scale(), right.scale(), 0});
  return std::min(scale, kMaxDivisionScale);
}

Result<Numeric> division_by_zero() { return fail(ErrorKind::kBadValue, "division by zero"); }

// What a quotient is when either side is NaN or infinite; `finite_by_infinite` differs between / and %.
Result<Numeric> special_quotient(const Numeric& left, const Numeric& right) {
  if (left.is_nan() || right.is_nan()) return Numeric::nan();
  if (left.is_finite()) return Numeric();
  if (right.is_infinite()) return Numeric::nan();
  if (right.sign() == 0) return division_by_zero();
  return Numeric::infinity(left.sign() * right.sign());
}

}  // namespace

Numeric Numeric::special(Kind kind) {
  Numeric number;
  number.kind_ = kind;
  return number;
}

int Numeric::sign() const {
  switch (kind_) {
    case Kind::kMinusInfinity:
      return -1;
    case Kind::kPlusInfinity:
      return 1;
    case Kind::kNaN:
      return 0;
    case Kind::kFinite:
      break;
  }
  return coefficient_.sign();
}

Numeric Numeric::operator-() const {
  if (is_infinite()) return infinity(-sign());
  Numeric result = *this;
  result.coefficient_ = -result.coefficient_;
  return result;
}

Numeric Numeric::rounded(int scale) const {
  if (!is_finite()) return *this;
  if (scale >= scale_) return {scaled_up(coefficient_, scale - scale_), scale};
  Integer result = scaled_down_rounded(coefficient_, scale_ - scale);
  if (scale < 0) return {scaled_up(result, -scale), 0};
  return {std::move(result), scale};
}

Numeric Numeric::truncated(int scale) const {
  if (!is_finite()) return *this;
  if (scale >= scale_) return {scaled_up(coefficient_, scale - scale_), scale};
  Integer result =
      expression::divide(coefficient_, Integer::power_of_ten(static_cast<std::size_t>(scale_ - scale)))
          .quotient;
  if (scale < 0) return {scaled_up(result, -scale), 0};
  return {std::move(result), scale};
}

Numeric Numeric::ceiling() const { return -(-*this).floor(); }

Numeric Numeric::floor() const {
  if (!is_finite()) return *this;
  const Integer::Division parts =
      expression::divide(coefficient_, Integer::power_of_ten(static_cast<std::size_t>(scale_)));
  return {parts.remainder.sign() < 0 ? parts.quotient - Integer(1) : parts.quotient, 0};
}

Numeric Numeric::without_trailing_zeros() const {
  Numeric result = *this;
  while (result.scale_ > 0) {
    Integer::Division parts = expression::divide(result.coefficient_, Integer(10));
    if (!parts.remainder.is_zero()) break;
    result.coefficient_ = std::move(parts.quotient);
    --result.scale_;
  }
  return result;
}

int compare(const Numeric& left, const Numeric& right) {
  if (left.kind() != right.kind()) return left.kind() < right.kind() ? -1 : 1;
  if (!left.is_finite()) return 0;
  if (left.scale() == right.scale()) return compare(left.coefficient(), right.coefficient());
  const Aligned both = align(left, right);
  return compare(both.left, both.right);
}

Leading leading(const Numeric& number) {
  const std::size_t digits = number.coefficient().digit_count();
  if (digits == 0) return {};
  const int highest = static_cast<int>(digits) - 1 - number.scale();  // power of ten of the first digit
  const int weight = highest >= 0 ? highest / kGroupDigits : -((-highest + kGroupDigits - 1) / kGroupDigits);
  const int wanted = highest - weight * kGroupDigits + 1;  // decimal digits of the group that count
  const int cut = static_cast<int>(digits) - wanted;
  Integer group = number.coefficient().magnitude();
  if (cut > 0) group = divide(group, Integer::power_of_ten(static_cast<std::size_t>(cut))).quotient;
  if (cut < 0) group = scaled_up(group, -cut);
  return {weight, static_cast<int>(group.to_int64().value_or(0))};
}

Result<Numeric> checked(Numeric number) {
  if (!number.is_finite()) return number;
  if (number.scale() > Numeric::kMaxScale) return fail(ErrorKind::kBadValue, std::string(Numeric::kOverflow));
  // 3 bits make less than a digit: cheap, and right for nearly all.
  const auto whole_limit = static_cast<std::size_t>(Numeric::kMaxWholeDigits);
  if (number.coefficient().bit_count() < whole_limit * 3) return number;
  if (number.coefficient().digit_count() > whole_limit + static_cast<std::size_t>(number.scale()))
    return fail(ErrorKind::kBadValue, std::string(Numeric::kOverflow));
  return number;
}

Result<Numeric> add(const Numeric& left, const Numeric& right) {
  if (left.is_nan() || right.is_nan()) return Numeric::nan();
  if (left.is_infinite() || right.is_infinite()) {
    if (left.is_infinite() && right.is_infinite() && left.kind() != right.kind()) return Numeric::nan();
    return left.is_infinite() ? left : right;
  }
  if (left.scale() == right.scale()) return checked({left.coefficient() + right.coefficient(), left.scale()});
  const Aligned both = align(left, right);
  return checked({both.left + both.right, both.scale});
}

Result<Numeric> subtract(const Numeric& left, const Numeric& right) { return add(left, -right); }

Result<Numeric> multiply(const Numeric& left, const Numeric& right) {
  if (left.is_nan() || right.is_nan()) return Numeric::nan();
  if (left.is_infinite() || right.is_infinite()) {
    const int sign = left.sign() * right.sign();
    return sign == 0 ? Numeric::nan() : Numeric::infinity(sign);
  }
  Numeric product(left.coefficient() * right.coefficient(), left.scale() + right.scale());
  if (product.scale() > Numeric::kMaxScale) product = product.rounded(Numeric::kMaxScale);
  return checked(std::move(product));
}

Result<Numeric> divide(const Numeric& left, const Numeric& right) {
  if (!left.is_finite() || !right.is_finite()) return special_quotient(left, right);
  if (right.sign() == 0) return division_by_zero();
  const int scale = division_scale(left, right);
  // left / right = (l / 10^ls) / (r / 10^rs), wanted times 10^scale.
  const int shift = scale + right.scale() - left.scale();
  const Integer numerator = shift > 0 ? scaled_up(left.coefficient(), shift) : left.coefficient();
  const Integer denominator = shift < 0 ? scaled_up(right.coefficient(), -shift) : right.coefficient();
  return checked({quotient_rounded(numerator, denominator), scale});
}

Result<Numeric> divide_whole(const Numeric& left, const Numeric& right) {
  if (!left.is_finite() || !right.is_finite()) return special_quotient(left, right);
  if (right.sign() == 0) return division_by_zero();
  const Aligned both = align(left, right);
  return checked({divide(both.left, both.right).quotient, 0});
}

Result<Numeric> modulo(const Numeric& left, const Numeric& right) {
  if (left.is_nan() || right.is_nan()) return Numeric::nan();
  if (left.is_infinite() && right.sign() == 0) return division_by_zero();
  if (left.is_infinite()) return Numeric::nan();
  if (right.is_infinite()) return left;
  if (right.sign() == 0) return division_by_zero();
  const Aligned both = align(left, right);
  return checked({divide(both.left, both.right).remainder, both.scale});
}

Result<Numeric> with_modifier(const Numeric& number, std::int32_t modifier) {
  if (modifier < kModifierHeader || number.is_nan()) return number;
  const std::int32_t packed = modifier - kModifierHeader;
  const int precision = (packed >> 16) & 0xffff;
  const int scale = ((packed & 0x7ff) ^ 1024) - 1024;
  const std::string field = "numeric field overflow: a field with precision " + std::to_string(precision) +
                            ", scale " + std::to_string(scale);
  if (number.is_infinite()) return fail(ErrorKind::kBadValue, field + " cannot hold an infinite value");
  Numeric result = number.rounded(scale);
  const int whole = precision - scale;  // may be negative: zeros behind the point
  const int digits = static_cast<int>(result.coefficient().digit_count()) - result.scale();
  if (result.sign() == 0 || digits <= whole) return result;
  return fail(ErrorKind::kBadValue, field + " must round to an absolute value less than " +
                                        (whole != 0 ? "10^" + std::to_string(whole) : std::string("1")));
}

Result<std::int64_t> to_integer(const Numeric& number, std::int64_t least, std::int64_t most,
                                std::string_view type) {
  if (!number.is_finite())
    return fail(
        ErrorKind::kBadValue,
        std::string(number.is_nan() ? "cannot convert NaN to " : "cannot convert infinity to ").append(type));
  const std::optional<std::int64_t> value = number.rounded(0).coefficient().to_int64();
  if (!value || *value < least || *value > most)
    return fail(ErrorKind::kBadValue, std::string(type).append(" out of range"));
  return *value;
}

}  // namespace penstock::expression
