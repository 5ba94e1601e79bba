// Expressions that give one of several values: CASE, COALESCE, NULLIF, GREATEST, LEAST.
#pragma once

#include <vector>

#include "expression/compare.h"
#include "expression/function.h"
#include "expression/node.h"

namespace penstock::expression {

// `branches`: condition, result, condition, result, …; conditions are boolean, results and `otherwise` of
// one type. With an `argument`, conditions see it as ElementValue.
NodePtr make_case(NodePtr argument, std::vector<NodePtr> branches, NodePtr otherwise, Type type);
NodePtr make_coalesce(std::vector<NodePtr> parts, Type type);
// The left side unless both are equal.
NodePtr make_nullif(const Function& equals, NodePtr left, NodePtr right);
// The greatest or least of the parts that are not NULL.
NodePtr make_extreme(std::vector<NodePtr> parts, Type type, Comparison comparison, bool greatest);

}  // namespace penstock::expression
