// Numbers as texts: PostgreSQL's way to print floating point, and decimal texts taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

// As PostgreSQL prints double precision (shortest text that reads back): "0.1", "1e+20", "NaN", "-Infinity".
void append_double(std::string& out, double value);
// As PostgreSQL prints real; `value` came from a real's text.
void append_real(std::string& out, double value);

// A decimal text ("-12.50", "1.5e-7") as sign, significant digits and exponent; NaN and infinities are not
// finite. `digits` points into the text and may hold one '.'; leading zeros are cut off.
struct DecimalParts {
  bool valid = false;
  bool negative = false;
  std::string_view digits;         // from the first digit that is not 0; empty: the value is zero
  std::size_t count = 0;           // digits in it, without the point
  std::int64_t exponent = 0;       // value = digits as an integer * 10^exponent
  std::size_t trailing_zeros = 0;  // of `digits`
};
DecimalParts split_decimal(std::string_view text);

// Equal by value; "NaN" equals itself. False if either is no number.
bool same_decimal(std::string_view left, std::string_view right);

}  // namespace penstock
