// LIKE and ILIKE (PostgreSQL manual: "Pattern Matching").
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::expression {

// `_` is one character, `%` any number of them, `\` takes the next one as it is. kBadValue: the pattern ends
// with the escape character.
Result<bool> matches_like(std::string_view text, std::string_view pattern);
// The pattern with `escape` in the place of `\`; an empty `escape`: none. kBadValue: more than one character.
Result<std::string> with_escape(std::string_view pattern, std::string_view escape);

}  // namespace penstock::expression
