// Bracket expressions: "[a-z]", "[^[:space:],]".
#pragma once

#include "expression/regex/parser.h"
#include "expression/regex/pattern_text.h"

namespace penstock::expression {

// The text stands behind the opening bracket; throws BadRegex.
CharacterSet read_bracket(PatternText& in, const RegexOptions& options);
// Adds "\d" and its like: `letter` as written.
void add_class_escape(CharacterSet& set, char32_t letter);

}  // namespace penstock::expression
