// Functions that cut, pad and search text, by characters (PostgreSQL manual: "String Functions and
// Operators").
#pragma once

#include "expression/function.h"

namespace penstock::expression {

std::vector<Function> slicing_functions();  // substring, left, lpad, split_part, strpos, overlay and friends
std::vector<Function> trimming_functions();

}  // namespace penstock::expression
