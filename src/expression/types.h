// What the resolver knows of PostgreSQL's types (PostgreSQL manual: "pg_type").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expression/expression.h"

namespace penstock::expression {

struct TypeFacts {
  std::uint32_t oid = 0;
  std::string_view name;      // as format_type() prints it
  std::string_view internal;  // typname
  char category = 'U';        // typcategory
  bool preferred = false;     // typispreferred
  std::uint32_t array = 0;    // typarray
};

// Null for types that are not PostgreSQL's own.
const TypeFacts* find_type(std::uint32_t oid);
const TypeFacts* find_type(std::string_view name);  // by either name
char category_of(std::uint32_t oid);                // 'A' for arrays, 'U' when unknown here
bool is_preferred(std::uint32_t oid);
std::uint32_t array_of(std::uint32_t element);  // 0: none known
std::uint32_t element_of(std::uint32_t array);  // 0: not an array
inline bool is_array(std::uint32_t oid) { return element_of(oid) != 0; }
// text, varchar, character: one Value kind, text and varchar one meaning.
bool is_string(std::uint32_t oid);
std::vector<std::string> type_names();  // for "did you mean"

// Modifiers as PostgreSQL packs them: numeric(precision, scale).
constexpr std::int32_t numeric_modifier(std::int32_t precision, std::int32_t scale) {
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

}  // namespace penstock::expression
