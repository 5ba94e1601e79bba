// Keys as bytes: values that PostgreSQL holds equal have equal bytes, and the bytes order as the values do
// (text as COLLATE "C").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/value.h"

namespace penstock {

// How the values of a column are written. A value of another column that is looked up among them is written
// in their way.
enum class KeyMode : std::uint8_t {
  kInteger,  // eight bytes; a numeric or double that is no such integer equals none
  kPadded,   // char(n): blanks at the end do not count
  kGeneral,
};
KeyMode key_mode(std::uint32_t type_oid);
// For a value of a `source` column looked up among those of a `target` column.
KeyMode lookup_mode(KeyMode source, KeyMode target);

// Appends; no part is the beginning of another, so that parts of a composite key simply follow one another.
// False (and nothing useful appended): NULL, Unchanged, or a value that equals no value of the mode.
bool append_key(std::string& out, const Value& value, KeyMode mode);

// One kInteger part and back. Bytes of another length give 0.
void append_integer_key(std::string& out, std::int64_t number);
std::int64_t integer_of_key(std::string_view bytes);

}  // namespace penstock
