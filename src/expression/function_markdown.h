// docs/expressions.md out of the function table; tests/unit/expression/function_markdown_test.cpp holds the
// file to it.
#pragma once

#include <string>

namespace penstock::expression {

std::string function_markdown();

}  // namespace penstock::expression
