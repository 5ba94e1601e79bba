// The rules that are left when several overloads accept a call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "expression/overload.h"

namespace penstock::expression {

// PostgreSQL source: parse_func.c, func_select_candidate(). Null: ambiguous. All candidates accept the types.
const Candidate* select_candidate(const std::vector<Candidate>& candidates,
                                  std::span<const std::uint32_t> types);

}  // namespace penstock::expression
