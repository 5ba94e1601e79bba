#include "expression/regex/regex.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>

namespace penstock::expression {
namespace {

constexpr std::int64_t kMostInstructions = 200'000;
constexpr std::size_t kKept = 256;

using Range = RegexMatch::Range;

// Divides a known match among the groups inside.
class Divider {
 public:
  Divider(Characters text, RegexMatch& match) : text_(text), match_(match) {}

  void divide(const Tree& tree, Range range) {
    if (!tree.has_groups()) return;
    switch (tree.kind) {
      case Tree::Kind::kGroup:
        divide(tree.parts[0], range);
        match_.groups[static_cast<std::size_t>(tree.group) - 1] = range;
        break;
      case Tree::Kind::kSequence:
        sequence(tree, range);
        break;
      case Tree::Kind::kAlternatives:
        for (const Tree& part : tree.parts) {
          if (!part.program.matches(text_, range.start, range.end)) continue;
          divide(part, range);
          break;
        }
        break;
      case Tree::Kind::kRepetition:
        repetition(tree, range);
        break;
      case Tree::Kind::kWhole:
        break;
    }
  }

 private:
  // Where a part that begins at `start` may end, as it prefers.
  static std::optional<std::size_t> first_end(const Tree& part, Characters text, std::size_t start,
                                              std::size_t limit) {
    const bool shorter = (part.flags & Tree::kShorter) != 0;
    return shorter ? part.program.shortest(text, start, limit) : part.program.longest(text, start, limit);
  }
  // The ends of all matches that begin at `start`, in the order the part prefers them.
  std::vector<std::size_t> ends_of(const Tree& part, std::size_t start, std::size_t limit) const {
    std::vector<std::size_t> ends;
    const auto first = first_end(part, text_, start, limit);
    if (!first) return ends;
    const bool shorter = (part.flags & Tree::kShorter) != 0;
    ends.push_back(*first);
    if (shorter) {
      for (std::size_t end = *first + 1; end <= limit; ++end) {
        if (part.program.matches(text_, start, end)) ends.push_back(end);
      }
      return ends;
    }
    for (std::size_t end = *first; end > start;) {
      const auto next = part.program.longest(text_, start, end - 1);
      if (!next) break;
      end = *next;
      ends.push_back(end);
    }
    return ends;
  }

  void sequence(const Tree& tree, Range range) {
    const Tree& left = tree.parts[0];
    const Tree& right = tree.parts[1];
    const auto try_end = [&](std::size_t middle) {
      if (!right.program.matches(text_, middle, range.end)) return false;
      divide(left, {range.start, middle});
      divide(right, {middle, range.end});
      return true;
    };
    // Nearly always the preferred one fits.
    const auto first = first_end(left, text_, range.start, range.end);
    if (!first || try_end(*first)) return;
    for (const std::size_t middle : ends_of(left, range.start, range.end)) {
      if (middle != *first && try_end(middle)) return;
    }
  }

  // The last repetition is what groups show. A text that is not empty is not divided into empty repetitions.
  void repetition(const Tree& tree, Range range) {
    const Tree& part = tree.parts[0];
    if (range.start == range.end) {
      if (part.program.matches(text_, range.start, range.end)) divide(part, range);
      return;
    }
    const auto most =
        tree.most == Piece::kUnbounded ? range.end - range.start : static_cast<std::size_t>(tree.most);
    std::vector<std::size_t> places = {range.start};
    std::set<std::pair<std::size_t, std::size_t>> failed;
    if (!repeat(part, range.end, most, places, failed)) return;
    divide(part, {places[places.size() - 2], range.end});
  }
  // Extends `places`, where repetitions begin, to the end.
  bool repeat(const Tree& part, std::size_t to, std::size_t most, std::vector<std::size_t>& places,
              std::set<std::pair<std::size_t, std::size_t>>& failed) const {
    const std::size_t start = places.back();
    if (start == to) return true;
    if (places.size() > most || failed.contains({places.size(), start})) return false;
    for (const std::size_t end : ends_of(part, start, to)) {
      if (end == start) continue;
      places.push_back(end);
      if (repeat(part, to, most, places, failed)) return true;
      places.pop_back();
    }
    failed.insert({places.size(), start});
    return false;
  }

  Characters text_;
  RegexMatch& match_;
};

// Programs for the parts that dividing looks into.
void make_programs(Tree& tree, bool newline_ends_line, std::int64_t& budget) {
  tree.program = Program(*tree.piece, newline_ends_line, budget);
  if (!tree.has_groups()) return;
  for (Tree& part : tree.parts) make_programs(part, newline_ends_line, budget);
}

std::string key_of(std::string_view pattern, const RegexOptions& options) {
  std::string key;
  for (const bool option :
       {options.fold, options.newline_ends_line, options.newline_stops, options.expanded, options.literal})
    key += option ? '1' : '0';
  return key.append(pattern);
}

}  // namespace

std::shared_ptr<const Regex> make_regex(ParsedRegex parsed) {
  auto regex = std::make_shared<Regex>();
  regex->tree_ = std::move(parsed.tree);
  regex->groups_ = parsed.groups;
  std::int64_t budget = kMostInstructions;
  make_programs(regex->tree_, parsed.options.newline_ends_line, budget);
  return budget < 0 ? nullptr : regex;
}

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern, const RegexOptions& options) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const Regex>> kept;
  const std::string key = key_of(pattern, options);
  const std::lock_guard lock(mutex);
  if (const auto found = kept.find(key); found != kept.end()) return found->second;
  PENSTOCK_ASSIGN(ParsedRegex parsed, parse_regex(pattern, options));
  auto regex = make_regex(std::move(parsed));
  if (regex == nullptr)
    return fail(ErrorKind::kBadValue, "invalid regular expression: regular expression is too complex");
  if (kept.size() >= kKept) kept.clear();
  kept.emplace(key, regex);
  return regex;
}

std::optional<RegexMatch> Regex::find(Characters text, std::size_t from) const {
  const Program& program = tree_.program;
  if (from > text.size() || !program.found_in(text, from)) return std::nullopt;
  const bool shorter = (tree_.flags & Tree::kShorter) != 0;
  for (std::size_t start = from; start <= text.size(); ++start) {
    const bool may_begin =
        program.may_be_empty() || (start < text.size() && program.may_begin_with(text[start]));
    if (!may_begin) continue;
    const auto end =
        shorter ? program.shortest(text, start, text.size()) : program.longest(text, start, text.size());
    if (!end) continue;
    RegexMatch match;
    match.whole = {start, *end};
    match.groups.resize(static_cast<std::size_t>(groups_));
    Divider(text, match).divide(tree_, match.whole);
    return match;
  }
  return std::nullopt;
}

}  // namespace penstock::expression
