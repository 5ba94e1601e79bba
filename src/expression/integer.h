// Whole numbers of any size: 128 bits in place, beyond that GMP. Underneath numeric and exact sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::expression {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

class Integer {
 public:
  Integer();
  Integer(std::int64_t value);  // NOLINT(google-explicit-constructor): a number is a number
  static Integer from_int128(Int128 value);
  Integer(const Integer& other);
  Integer(Integer&& other) noexcept;
  Integer& operator=(const Integer& other);
  Integer& operator=(Integer&& other) noexcept;
  ~Integer();

  // Decimal digits, nothing else; empty is 0.
  static Integer from_digits(std::string_view digits);
  static Integer power_of_ten(std::size_t exponent);

  int sign() const;  // -1, 0, 1
  bool is_zero() const { return sign() == 0; }
  std::size_t bit_count() const;           // of the magnitude; 0 for 0
  std::size_t digit_count() const;         // of the magnitude, decimal; 0 for 0
  std::size_t trailing_zero_bits() const;  // 0 for 0
  std::optional<std::int64_t> to_int64() const;
  void append_digits(std::string& out) const;  // the magnitude's, "0" for 0

  Integer operator-() const;
  Integer magnitude() const { return sign() < 0 ? -*this : *this; }
  Integer shifted_left(std::size_t bits) const;
  Integer shifted_right(std::size_t bits) const;  // towards zero
  Integer square_root() const;                    // of a number >= 0, rounded down

  friend Integer operator+(const Integer& left, const Integer& right);
  friend Integer operator-(const Integer& left, const Integer& right);
  friend Integer operator*(const Integer& left, const Integer& right);
  friend int compare(const Integer& left, const Integer& right);  // -1, 0, 1

  struct Division;
  // Truncates towards zero: the remainder has the dividend's sign. The divisor is not 0.
  friend Division divide(const Integer& dividend, const Integer& divisor);

  // Sign and magnitude, self-delimiting. decode() takes from the front of `bytes`; nothing when they are
  // damaged.
  void encode(std::string& out) const;
  static std::optional<Integer> decode(std::string_view& bytes);

 private:
  struct Big;     // an mpz_t; present exactly when the value needs more than 128 bits
  class Operand;  // either of the two, as an mpz_srcptr
  static Integer take(Big& big);
  template <class Operation>
  static Integer with_big(const Integer& left, const Integer& right, Operation operation);

  Int128 small_ = 0;
  std::unique_ptr<Big> big_;
};

struct Integer::Division {
  Integer quotient;
  Integer remainder;
};

Integer operator+(const Integer& left, const Integer& right);
Integer operator-(const Integer& left, const Integer& right);
Integer operator*(const Integer& left, const Integer& right);
int compare(const Integer& left, const Integer& right);
Integer::Division divide(const Integer& dividend, const Integer& divisor);
inline bool operator==(const Integer& left, const Integer& right) { return compare(left, right) == 0; }
inline bool operator<(const Integer& left, const Integer& right) { return compare(left, right) < 0; }

}  // namespace penstock::expression
