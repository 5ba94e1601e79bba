// Functions of PostgreSQL that cannot be in an expression, and why.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::expression {

// "now() has no value of its own at a row: …"; nothing for functions that are just not known here.
std::optional<std::string> why_refused(std::string_view function);
// Likewise for current_date and the others without parentheses, by PostgreSQL's name of the node's kind:
// "SVFOP_CURRENT_DATE".
std::string why_value_refused(std::string_view kind);

}  // namespace penstock::expression
