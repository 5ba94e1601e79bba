// real and double precision from text, as PostgreSQL reads them.
#pragma once

#include <string_view>

#include "base/result.h"

namespace penstock::expression {

// Spaces around it, signs, exponents, "NaN", "inf", "Infinity". kBadValue, with PostgreSQL's messages:
// 'invalid input syntax for type real: "x"', '"1e400" is out of range for type double precision'.
Result<float> parse_real(std::string_view text);
Result<double> parse_double(std::string_view text);

}  // namespace penstock::expression
