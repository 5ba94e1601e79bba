// Sums of floating-point numbers without any rounding until the end, so that their order and what was taken
// out again leave no trace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "expression/integer.h"

namespace penstock::expression {

// Finite numbers only.
class ExactSum {
 public:
  void add(double number);
  void subtract(double number) { add(-number); }
  // The sum divided by `count` (not 0), rounded once, half to even; infinite when it is too large for the
  // type.
  double to_double(std::uint64_t count = 1) const;
  float to_float(std::uint64_t count = 1) const;

  void encode(std::string& out) const;
  bool decode(std::string_view& bytes);  // false: they are damaged

 private:
  // The sum is mantissa_ * 2^exponent_.
  Integer mantissa_;
  int exponent_ = 0;
};

}  // namespace penstock::expression
