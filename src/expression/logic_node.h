// Three-valued logic: and, or, not, and the tests that are never NULL.
#pragma once

#include <cstdint>
#include <vector>

#include "expression/function.h"
#include "expression/node.h"

namespace penstock::expression {

// All parts are boolean; later ones are not evaluated once one decides.
NodePtr make_and(std::vector<NodePtr> parts);
NodePtr make_or(std::vector<NodePtr> parts);
NodePtr make_not(NodePtr part);

NodePtr make_null_test(NodePtr part, bool wants_null);

enum class Truth : std::uint8_t { kTrue, kFalse, kUnknown };
NodePtr make_truth_test(NodePtr part, Truth truth, bool negated);

// `equals` takes both sides as they are.
NodePtr make_distinct(const Function& equals, NodePtr left, NodePtr right, bool negated);

}  // namespace penstock::expression
