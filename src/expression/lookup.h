// The Function table by name, and casts by their types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expression/function.h"

namespace penstock::expression {

// Functions or operators of that name; casts are not among them.
const std::vector<const Function*>& functions_named(std::string_view name);
// Null: the table has none.
const Function* find_cast(std::uint32_t from, std::uint32_t to);
// Names of functions, without operators; for "did you mean".
const std::vector<std::string>& function_names();

}  // namespace penstock::expression
