// Arrays as PostgreSQL reads and writes them (manual: "Array Input and Output Syntax").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

// What stands between two braces: texts (none: NULL), or arrays.
struct ArrayText {
  std::vector<std::optional<std::string>> items;
  std::vector<ArrayText> arrays;
  std::string bounds;  // "[2:3]=", of the whole; empty: all dimensions count from 1
};
// kBadValue: malformed array literal: "…".
Result<ArrayText> parse_array(std::string_view text);

// The first subscript of each dimension as the text of an array says ("[2:3]={5,6}"); empty: all are 1.
std::vector<std::int64_t> lower_bounds(std::string_view text);

// The array with the bounds that `text` begins with, if any: as it is printed.
Value with_bounds_of(std::string_view text, const Value& array, Arena& arena);

// The array with its text. `items` are copied; all are of type `element`, or arrays of it.
Value array_value(std::span<const Value> items, std::uint32_t element, Arena& arena);

}  // namespace penstock::expression
