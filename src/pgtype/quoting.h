// The two ways in which PostgreSQL quotes inside containers.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "model/arena.h"

namespace penstock::pgtype {

// `text[at]` is '"'; inside, a backslash stands before '"' and '\' (arrays, hstore). Moves `at` behind the
// closing quote. The result borrows from `text` when nothing was escaped. Nothing when the quote is not
// closed.
std::optional<std::string_view> read_backslash_quoted(std::string_view text, std::size_t& at, Arena& arena);
// Index of the closing quote; text.size() when there is none.
std::size_t skip_backslash_quoted(std::string_view text, std::size_t at);

// A field of a composite or a bound of a range, up to (not including) one of `ends` outside quotes: quoted as
// a whole or in parts, with '""' and '\\' inside. `present` is false when it is empty and unquoted: NULL, or
// no bound.
struct QuotedField {
  std::string_view text;
  bool present = false;
};
// Moves `at` to the character that ended it. Nothing when none of `ends` follows.
std::optional<QuotedField> read_field(std::string_view text, std::size_t& at, std::string_view ends,
                                      Arena& arena);

}  // namespace penstock::pgtype
