// Calls of functions, operators and casts.
#pragma once

#include <vector>

#include "expression/function.h"
#include "expression/node.h"

namespace penstock::expression {

// `function` lives as long as functions(). `type` is the call's result; its modifier is given to the
// implementation. Computed at once when all arguments are constants.
NodePtr make_call(const Function& function, std::vector<NodePtr> arguments, Type type);

}  // namespace penstock::expression
