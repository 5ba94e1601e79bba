// Roots, exponentials and logarithms of numerics, with PostgreSQL's result scales.
#pragma once

#include "base/result.h"
#include "expression/numeric.h"

namespace penstock::expression {

// kBadValue: "cannot take square root of a negative number", "cannot take logarithm of zero", "cannot take
// logarithm of a negative number", "zero raised to a negative power is undefined", "a negative number raised
// to a non-integer power yields a complex result", "value overflows numeric format", "division by zero" (base
// 1).
Result<Numeric> square_root(const Numeric& number);
Result<Numeric> exponential(const Numeric& number);
Result<Numeric> natural_logarithm(const Numeric& number);
Result<Numeric> logarithm(const Numeric& base, const Numeric& number);
// The scale of a power with a whole exponent is that of PostgreSQL up to 15: at least 16 digits behind the
// point. From 16 on it is at least 16 significant digits: fewer zeros at the end of the same number.
Result<Numeric> power(const Numeric& base, const Numeric& exponent);

}  // namespace penstock::expression
