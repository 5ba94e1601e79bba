// PostgreSQL's advanced regular expressions: its syntax, and its choice among matches: the leftmost, then as
// long (or with a non-greedy beginning as short) as can be. Back references are refused.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expression/regex/parser.h"

namespace penstock::expression {

// Places in a text, in characters; a group that took no part is absent.
struct RegexMatch {
  struct Range {
    std::size_t start = 0;
    std::size_t end = 0;
  };
  Range whole;
  std::vector<std::optional<Range>> groups;
};

// Immutable: any thread.
class Regex {
 public:
  // What was compiled is kept for the next call with the same pattern and options.
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern, const RegexOptions& options);

  int groups() const { return groups_; }
  bool found_in(Characters text) const { return tree_.program.found_in(text, 0); }
  // The first match that begins at `from` or later; what stands before still counts for anchors.
  std::optional<RegexMatch> find(Characters text, std::size_t from) const;

 private:
  friend std::shared_ptr<const Regex> make_regex(ParsedRegex parsed);
  Tree tree_;
  int groups_ = 0;
};

}  // namespace penstock::expression
