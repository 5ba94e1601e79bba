// A finite decimal as its digits, for printing.
#pragma once

#include <string>
#include <string_view>

namespace penstock::expression {

struct Digits {
  bool negative = false;
  std::string digits;        // without leading zeros; empty: zero
  std::ptrdiff_t point = 0;  // digits before the decimal point; below 0: zeros behind it come first

  // Of a text that PostgreSQL prints for a numeric or an integer.
  static Digits of(std::string_view text);
  bool is_zero() const { return digits.empty(); }
  void shift(int places) { point += is_zero() ? 0 : places; }  // times 10^places
  // Half away from zero, to so many digits behind the point; below 0: before it.
  void round(std::ptrdiff_t places);
  // Without its sign, with exactly that many digits behind the point.
  std::string fixed(std::size_t places) const;
  // "1.23e+05" of the absolute value with so many digits behind the point.
  std::string scientific(std::size_t places) const;
};

}  // namespace penstock::expression
