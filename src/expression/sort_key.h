// Values as bytes that order as PostgreSQL orders the values: what indexes and sets are made of.
#pragma once

#include <cstdint>
#include <string>

#include "model/value.h"

namespace penstock::expression {

struct SortDirection {
  bool descending = false;
  bool nulls_first = false;
};

// Appends the key of one value, NULL among them; keys may follow one another and are compared as unsigned
// bytes. Values of one type that are equal have equal keys (1.0 and 1.00, 0 and -0, character(n) with and
// without its padding), the others are ordered as by compare(): text as COLLATE "C", NaN after all numbers.
// json and jsonb go by their text. `type`: of pg_type.
void append_sort_key(std::string& out, const Value& value, std::uint32_t type, SortDirection direction = {});

}  // namespace penstock::expression
