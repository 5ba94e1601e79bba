// PostgreSQL's numeric: an exact decimal with a display scale, NaN, and infinities. Results have PostgreSQL's
// scale, digit for digit (PostgreSQL source: src/backend/utils/adt/numeric.c states the rules).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "expression/integer.h"

namespace penstock::expression {

class Numeric {
 public:
  static constexpr int kMaxScale = 16383;         // digits behind the point
  static constexpr int kMaxWholeDigits = 131072;  // digits before it
  static constexpr std::string_view kOverflow = "value overflows numeric format";

  enum class Kind : std::uint8_t { kMinusInfinity, kFinite, kPlusInfinity, kNaN };  // as they order

  Numeric() = default;
  Numeric(std::int64_t value) : coefficient_(value) {}  // NOLINT(google-explicit-constructor)
  Numeric(Integer coefficient, int scale) : scale_(scale), coefficient_(std::move(coefficient)) {}
  static Numeric nan() { return special(Kind::kNaN); }
  static Numeric infinity(int sign) { return special(sign < 0 ? Kind::kMinusInfinity : Kind::kPlusInfinity); }

  // As PostgreSQL reads a numeric: spaces around it, signs, exponents, "NaN", "inf", "Infinity".
  // kBadValue: 'invalid input syntax for type numeric: "x"', "value overflows numeric format".
  static Result<Numeric> parse(std::string_view text);
  void append_text(std::string& out) const;
  std::string text() const;

  Kind kind() const { return kind_; }
  bool is_nan() const { return kind_ == Kind::kNaN; }
  bool is_finite() const { return kind_ == Kind::kFinite; }
  bool is_infinite() const { return !is_nan() && !is_finite(); }
  int sign() const;                                            // NaN: 0
  int scale() const { return scale_; }                         // not negative; of specials 0
  const Integer& coefficient() const { return coefficient_; }  // value = coefficient / 10^scale

  Numeric operator-() const;
  Numeric magnitude() const { return sign() < 0 ? -*this : *this; }
  // Half away from zero; `scale` may be negative (then the result's is 0). Specials stay as they are.
  Numeric rounded(int scale) const;
  Numeric truncated(int scale) const;
  Numeric ceiling() const;
  Numeric floor() const;
  // Equal numbers have equal texts: no trailing zeros behind the point.
  Numeric without_trailing_zeros() const;

 private:
  static Numeric special(Kind kind);

  Kind kind_ = Kind::kFinite;
  int scale_ = 0;
  Integer coefficient_;
};

// NaN equals itself and comes last. -1, 0, 1.
int compare(const Numeric& left, const Numeric& right);

// kBadValue: "division by zero", "value overflows numeric format".
Result<Numeric> add(const Numeric& left, const Numeric& right);
Result<Numeric> subtract(const Numeric& left, const Numeric& right);
Result<Numeric> multiply(const Numeric& left, const Numeric& right);
Result<Numeric> divide(const Numeric& left, const Numeric& right);
Result<Numeric> divide_whole(const Numeric& left, const Numeric& right);  // div()
Result<Numeric> modulo(const Numeric& left, const Numeric& right);        // %, mod()
// The number if it is within the limits of the type.
Result<Numeric> checked(Numeric number);

// A cast to numeric(precision, scale) by pg_attribute.atttypmod; -1: as it is. kBadValue: "numeric field
// overflow" with what PostgreSQL gives as its detail.
Result<Numeric> with_modifier(const Numeric& number, std::int32_t modifier);

// `type`: "smallint", "integer", "bigint": the words of "integer out of range", "cannot convert NaN to
// integer".
Result<std::int64_t> to_integer(const Numeric& number, std::int64_t least, std::int64_t most,
                                std::string_view type);

// PostgreSQL's base-10000 weight of the first digit and that digit: what scales of results are made from. Of
// zero: 0 and 0.
struct Leading {
  int weight = 0;
  int digit = 0;
};
Leading leading(const Numeric& number);

}  // namespace penstock::expression
