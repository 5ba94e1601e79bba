// uuid from text and back (PostgreSQL manual: "UUID Type").
#pragma once

#include <vector>

#include "expression/function.h"

namespace penstock::expression {

void add_uuid_casts(std::vector<Function>& to);

}  // namespace penstock::expression
