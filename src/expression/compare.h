// PostgreSQL's orders of values.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/value.h"

namespace penstock::expression {

// Of two values of one type, neither NULL: <0, 0, >0.
using Comparison = int (*)(const Value& left, const Value& right);

// The type's own order; null: it has none (json, xml, geometric types), or it is not there (inet, money).
Comparison comparison_of(std::uint32_t type);

int compare_decimals(std::string_view left, std::string_view right);
int compare_jsonb(std::string_view left, std::string_view right);

}  // namespace penstock::expression
