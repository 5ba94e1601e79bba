// Values as their types' output functions write them.
#pragma once

#include <cstdint>
#include <string>

#include "expression/node.h"

namespace penstock::expression {

// As to_text(), and a real as a real. NULL appends nothing.
void append_output(std::string& out, const Value& value, std::uint32_t type);

// text of any value.
NodePtr make_output(NodePtr node);

}  // namespace penstock::expression
