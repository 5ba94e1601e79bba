// Casts between numbers or boolean and text, and among text, varchar and character.
#pragma once

#include <vector>

#include "expression/function.h"

namespace penstock::expression {

void add_text_casts(std::vector<Function>& to);

}  // namespace penstock::expression
