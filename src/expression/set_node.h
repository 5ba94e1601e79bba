// One value against several: IN, = ANY(array), <> ALL(array).
#pragma once

#include <vector>

#include "expression/function.h"
#include "expression/node.h"

namespace penstock::expression {

enum class Quantifier : std::uint8_t { kAny, kAll };

// `operation` gives a boolean for the left side and each of `others`, in order, until one decides.
NodePtr make_list_test(const Function& operation, NodePtr left, std::vector<NodePtr> others,
                       Quantifier quantifier);
// Likewise for the elements of an array.
NodePtr make_array_test(const Function& operation, NodePtr left, NodePtr array, Quantifier quantifier);

}  // namespace penstock::expression
