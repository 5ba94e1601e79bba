// The groups of array functions that array_functions() puts together.
#pragma once

#include "expression/function.h"

namespace penstock::expression {

std::vector<Function> array_changes();  // array_append, array_cat, array_remove
std::vector<Function> array_texts();    // array_to_string, string_to_array

}  // namespace penstock::expression
