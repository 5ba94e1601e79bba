// Reads a regular expression (PostgreSQL manual: "Regular Expression Details").
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "expression/regex/tree.h"

namespace penstock::expression {

struct RegexOptions {
  bool fold = false;               // case does not matter
  bool newline_ends_line = false;  // ^ and $ also at newlines
  bool newline_stops = false;      // . and [^ never take a newline
  bool expanded = false;           // blanks and comments are left out
  bool literal = false;            // no character is special
};
// The letters of a function's flags, without 'g'. kBadValue for letters that are none.
Result<RegexOptions> regex_options(std::string_view letters);

struct ParsedRegex {
  Tree tree;
  int groups = 0;
  RegexOptions options;  // with those that the expression itself begins with
};
// kBadValue: "invalid regular expression: …" in PostgreSQL's words, and for what is not supported (back
// references, which no automaton can match).
Result<ParsedRegex> parse_regex(std::string_view pattern, RegexOptions options);

}  // namespace penstock::expression
