// Regular expressions (PostgreSQL manual: "POSIX Regular Expressions").
#include <fmt/format.h>

#include "expression/arguments.h"
#include "expression/regex/regex.h"
#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

using RegexPtr = std::shared_ptr<const Regex>;
using Range = RegexMatch::Range;

// A text by characters and by bytes.
class Subject {
 public:
  explicit Subject(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text.size();) {
      offsets_.push_back(at);
      characters_.push_back(next_character(text, at));
    }
    offsets_.push_back(text.size());
  }
  Characters characters() const { return characters_; }
  std::size_t size() const { return characters_.size(); }
  std::string_view part(Range range) const {
    return text_.substr(offsets_[range.start], offsets_[range.end] - offsets_[range.start]);
  }

 private:
  std::string_view text_;
  std::vector<char32_t> characters_;
  std::vector<std::size_t> offsets_;
};

// The flags of a function: 'g' is the function's own.
struct Flags {
  RegexOptions options;
  bool global = false;
};
Result<Flags> flags_of(std::string_view letters) {
  Flags flags;
  std::string others;
  for (const char letter : letters) {
    flags.global = flags.global || letter == 'g';
    if (letter != 'g') others += letter;
  }
  PENSTOCK_ASSIGN(flags.options, regex_options(others));
  return flags;
}
// The flags argument at `index`, if the call has one; 'g' means nothing to `function`.
Result<RegexOptions> options_argument(const Call& call, std::size_t index, std::string_view function) {
  if (call.arguments.size() <= index) return RegexOptions{};
  PENSTOCK_ASSIGN(const Flags flags, flags_of(text_argument(call, index)));
  if (flags.global) return bad_row(fmt::format("{}() does not support the \"global\" option", function));
  return flags.options;
}

template <bool fold, bool wanted>
Result<Value> matches(const Call& call) {
  RegexOptions options;
  options.fold = fold;
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  return Value(regex->found_in(to_characters(text_argument(call, 0))) == wanted);
}

Result<Value> regexp_like(const Call& call) {
  PENSTOCK_ASSIGN(const RegexOptions options, options_argument(call, 2, "regexp_like"));
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  return Value(regex->found_in(to_characters(text_argument(call, 0))));
}

// The matches one after the other; behind an empty one the search goes on one character later.
class Matches {
 public:
  Matches(const Regex& regex, const Subject& subject, std::size_t from)
      : regex_(regex), subject_(subject), from_(from) {}
  std::optional<RegexMatch> next() {
    auto match = regex_.find(subject_.characters(), from_);
    if (match) from_ = match->whole.end + (match->whole.start == match->whole.end ? 1 : 0);
    return match;
  }

 private:
  const Regex& regex_;
  const Subject& subject_;
  std::size_t from_;
};

// "\1" and "\&" of a replacement stand for what was matched.
void append_replacement(std::string& out, std::string_view replacement, const Subject& subject,
                        const RegexMatch& match) {
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    const char next = at + 1 < replacement.size() ? replacement[at + 1] : ' ';
    const bool escape = replacement[at] == '\\' && at + 1 < replacement.size();
    if (escape && next >= '1' && next <= '9') {
      const auto group = static_cast<std::size_t>(next - '1');
      if (group < match.groups.size() && match.groups[group]) out += subject.part(*match.groups[group]);
      ++at;
    } else if (escape && next == '&') {
      out += subject.part(match.whole);
      ++at;
    } else if (escape && next == '\\') {
      out += '\\';
      ++at;
    } else {
      out += replacement[at];
    }
  }
}

// Replaces the match number `which` from `from` on, or with 0 all.
Result<Value> replaced(const Call& call, const RegexOptions& options, std::size_t from, std::int64_t which) {
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  const Subject subject(text_argument(call, 0));
  Matches matches(*regex, subject, from);
  std::string out;
  std::size_t copied = 0;
  for (std::int64_t number = 1; auto match = matches.next(); ++number) {
    if (which != 0 && number < which) continue;
    out += subject.part({copied, match->whole.start});
    append_replacement(out, text_argument(call, 2), subject, *match);
    copied = match->whole.end;
    if (which != 0) break;
  }
  out += subject.part({copied, subject.size()});
  return text_result(call, out);
}

Result<Value> regexp_replace(const Call& call) {
  Flags flags;
  if (call.arguments.size() > 3) {
    const std::string_view letters = text_argument(call, 3);
    if (!letters.empty() && letters[0] >= '0' && letters[0] <= '9')
      return bad_row(fmt::format("invalid regular expression option: \"{}\"", letters[0]));
    PENSTOCK_ASSIGN(flags, flags_of(letters));
  }
  return replaced(call, flags.options, 0, flags.global ? 0 : 1);
}

// A position counted from 1.
Result<std::size_t> start_argument(const Call& call, std::size_t index) {
  if (call.arguments.size() <= index) return std::size_t{0};
  const std::int32_t start = int_argument(call, index);
  if (start <= 0) return bad_row(fmt::format("invalid value for parameter \"start\": {}", start));
  return static_cast<std::size_t>(start) - 1;
}
Result<std::int64_t> number_argument(const Call& call, std::size_t index, const char* name,
                                     std::int32_t least) {
  const std::int32_t number = int_argument(call, index);
  if (number < least) return bad_row(fmt::format("invalid value for parameter \"{}\": {}", name, number));
  return std::int64_t{number};
}

Result<Value> regexp_replace_from(const Call& call) {
  PENSTOCK_ASSIGN(const std::size_t from, start_argument(call, 3));
  std::int64_t which = 1;
  Flags flags;
  if (call.arguments.size() > 4) {
    PENSTOCK_ASSIGN(which, number_argument(call, 4, "n", 0));
  }
  if (call.arguments.size() > 5) {
    PENSTOCK_ASSIGN(flags, flags_of(text_argument(call, 5)));
  }
  if (call.arguments.size() <= 4 && flags.global) which = 0;
  return replaced(call, flags.options, from, which);
}

Result<Value> regexp_count(const Call& call) {
  PENSTOCK_ASSIGN(const std::size_t from, start_argument(call, 2));
  PENSTOCK_ASSIGN(const RegexOptions options, options_argument(call, 3, "regexp_count"));
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  const Subject subject(text_argument(call, 0));
  Matches matches(*regex, subject, from);
  std::int32_t count = 0;
  while (matches.next()) ++count;
  return Value(count);
}

Value part_or_null(const Subject& subject, const std::optional<Range>& range) {
  if (!range) return Null{};
  return Text{subject.part(*range)};
}

bool must_quote(std::string_view text) {
  if (text.empty() || text.find_first_of("\"\\{}, \t\n\v\f\r") != std::string_view::npos) return true;
  constexpr std::string_view kNull = "null";
  return std::equal(text.begin(), text.end(), kNull.begin(), kNull.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}
Value text_array(const Call& call, const std::vector<Value>& items) {
  std::string text = "{";
  for (const Value& item : items) {
    if (text.size() > 1) text += ',';
    const auto* part = item.get<Text>();
    const bool quoted = part != nullptr && must_quote(part->text);
    if (part == nullptr) text += "NULL";
    if (quoted) text += '"';
    for (const char c : part == nullptr ? std::string_view{} : part->text) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    if (quoted) text += '"';
  }
  text += '}';
  Value* kept = items.empty() ? nullptr : call.arena.array<Value>(items.size());
  std::copy(items.begin(), items.end(), kept);
  return Array{kept, static_cast<std::uint32_t>(items.size()), call.arena.copy(text)};
}

Result<Value> regexp_match(const Call& call) {
  PENSTOCK_ASSIGN(const RegexOptions options, options_argument(call, 2, "regexp_match"));
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  const Subject subject(text_argument(call, 0));
  const auto match = regex->find(subject.characters(), 0);
  if (!match) return Value(Null{});
  std::vector<Value> parts;
  if (match->groups.empty()) parts.push_back(part_or_null(subject, match->whole));
  for (const auto& group : match->groups) parts.push_back(part_or_null(subject, group));
  return text_array(call, parts);
}

// The first group if there is one, else the whole match.
Result<Value> substring_pattern(const Call& call) {
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), RegexOptions{}));
  const Subject subject(text_argument(call, 0));
  const auto match = regex->find(subject.characters(), 0);
  if (!match) return Value(Null{});
  return part_or_null(subject, match->groups.empty() ? std::optional(match->whole) : match->groups[0]);
}

Result<Value> regexp_substr(const Call& call) {
  PENSTOCK_ASSIGN(const std::size_t from, start_argument(call, 2));
  std::int64_t which = 1;
  std::int64_t group = 0;
  if (call.arguments.size() > 3) {
    PENSTOCK_ASSIGN(which, number_argument(call, 3, "n", 1));
  }
  if (call.arguments.size() > 5) {
    PENSTOCK_ASSIGN(group, number_argument(call, 5, "subexpr", 0));
  }
  PENSTOCK_ASSIGN(const RegexOptions options, options_argument(call, 4, "regexp_substr"));
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  const Subject subject(text_argument(call, 0));
  Matches matches(*regex, subject, from);
  auto match = matches.next();
  for (std::int64_t number = 1; match && number < which; ++number) match = matches.next();
  // Without groups the whole match counts as the first.
  const bool is_whole = group == 0 || (group == 1 && regex->groups() == 0);
  if (!match || (!is_whole && group > regex->groups())) return Value(Null{});
  if (is_whole) return part_or_null(subject, match->whole);
  return part_or_null(subject, match->groups[static_cast<std::size_t>(group) - 1]);
}

// Empty matches at the ends and right behind another match part nothing.
Result<Value> regexp_split_to_array(const Call& call) {
  PENSTOCK_ASSIGN(const RegexOptions options, options_argument(call, 2, "regexp_split_to_array"));
  PENSTOCK_ASSIGN(const RegexPtr regex, Regex::compile(text_argument(call, 1), options));
  const Subject subject(text_argument(call, 0));
  Matches matches(*regex, subject, 0);
  std::vector<Value> parts;
  std::size_t start = 0;
  while (const auto match = matches.next()) {
    const bool parts_something = match->whole.start < subject.size() && match->whole.end > start;
    if (!parts_something) continue;
    parts.push_back(part_or_null(subject, Range{start, match->whole.start}));
    start = match->whole.end;
  }
  parts.push_back(part_or_null(subject, Range{start, subject.size()}));
  return text_array(call, parts);
}

std::vector<Function> operators() {
  using namespace oid;
  return {
      {.name = "~",
       .arguments = {kText, kText},
       .result = kBool,
       .call = matches<false, true>,
       .example = "'thomas' ~ 't.*ma'"},
      {.name = "~*",
       .arguments = {kText, kText},
       .result = kBool,
       .call = matches<true, true>,
       .example = "'THOMAS' ~* '^t.*ma'"},
      {.name = "!~",
       .arguments = {kText, kText},
       .result = kBool,
       .call = matches<false, false>,
       .example = "'thomas' !~ 't.*max'"},
      {.name = "!~*",
       .arguments = {kText, kText},
       .result = kBool,
       .call = matches<true, false>,
       .example = "'thomas' !~* 'T.*max'"},
      {.name = "regexp_like",
       .arguments = {kText, kText},
       .result = kBool,
       .call = regexp_like,
       .example = "regexp_like('Hello World', '\\mWorld\\M')"},
      {.name = "regexp_like",
       .arguments = {kText, kText, kText},
       .result = kBool,
       .call = regexp_like,
       .example = "regexp_like('Hello World', 'world$', 'i')"},
  };
}

std::vector<Function> replacements() {
  using namespace oid;
  return {
      {.name = "regexp_replace",
       .arguments = {kText, kText, kText},
       .result = kText,
       .call = regexp_replace,
       .example = "regexp_replace('Thomas', '.[mN]a.', 'M') = 'ThM'"},
      {.name = "regexp_replace",
       .arguments = {kText, kText, kText, kText},
       .result = kText,
       .call = regexp_replace,
       .example = "regexp_replace('foobarbaz', 'b(..)', 'X\\1Y', 'g') = 'fooXarYXazY'"},
      {.name = "regexp_replace",
       .arguments = {kText, kText, kText, kInt4},
       .result = kText,
       .call = regexp_replace_from,
       .example = "regexp_replace('a1a2', '[0-9]', '-', 3) = 'a1a-'"},
      {.name = "regexp_replace",
       .arguments = {kText, kText, kText, kInt4, kInt4},
       .result = kText,
       .call = regexp_replace_from,
       .example = "regexp_replace('a1a2a3', '[0-9]', '-', 1, 2) = 'a1a-a3'"},
      {.name = "regexp_replace",
       .arguments = {kText, kText, kText, kInt4, kInt4, kText},
       .result = kText,
       .call = regexp_replace_from,
       .example = "regexp_replace('abA', 'a', '-', 1, 0, 'i') = '-b-'"},
      {.name = "regexp_split_to_array",
       .arguments = {kText, kText},
       .result = kTextArray,
       .call = regexp_split_to_array,
       .example = "regexp_split_to_array('hello  world', '\\s+') = '{hello,world}'"},
      {.name = "regexp_split_to_array",
       .arguments = {kText, kText, kText},
       .result = kTextArray,
       .call = regexp_split_to_array,
       .example = "regexp_split_to_array('aXbxc', 'x', 'i') = '{a,b,c}'"},
  };
}

}  // namespace

std::vector<Function> pattern_functions() {
  using namespace oid;
  std::vector<Function> all = operators();
  const std::vector<Function> others = {
      {.name = "regexp_match",
       .arguments = {kText, kText},
       .result = kTextArray,
       .call = regexp_match,
       .example = "regexp_match('foobarbequebaz', '(bar)(beque)') = '{bar,beque}'"},
      {.name = "regexp_match",
       .arguments = {kText, kText, kText},
       .result = kTextArray,
       .call = regexp_match,
       .example = "regexp_match('ABC', 'b', 'i') = '{B}'"},
      {.name = "regexp_count",
       .arguments = {kText, kText},
       .result = kInt4,
       .call = regexp_count,
       .example = "regexp_count('123456789012', '\\d\\d\\d') = 4"},
      {.name = "regexp_count",
       .arguments = {kText, kText, kInt4},
       .result = kInt4,
       .call = regexp_count,
       .example = "regexp_count('123456789012', '\\d\\d\\d', 2) = 3"},
      {.name = "regexp_count",
       .arguments = {kText, kText, kInt4, kText},
       .result = kInt4,
       .call = regexp_count,
       .example = "regexp_count('aAbB', 'a', 1, 'i') = 2"},
      {.name = "regexp_substr",
       .arguments = {kText, kText},
       .result = kText,
       .call = regexp_substr,
       .example = "regexp_substr('ABCDEF', 'C.') = 'CD'"},
      {.name = "regexp_substr",
       .arguments = {kText, kText, kInt4},
       .result = kText,
       .call = regexp_substr,
       .example = "regexp_substr('a1b2', '[0-9]', 3) = '2'"},
      {.name = "regexp_substr",
       .arguments = {kText, kText, kInt4, kInt4},
       .result = kText,
       .call = regexp_substr,
       .example = "regexp_substr('a1b2', '[0-9]', 1, 2) = '2'"},
      {.name = "regexp_substr",
       .arguments = {kText, kText, kInt4, kInt4, kText},
       .result = kText,
       .call = regexp_substr,
       .example = "regexp_substr('ABCDEF', 'c.', 1, 1, 'i') = 'CD'"},
      {.name = "regexp_substr",
       .arguments = {kText, kText, kInt4, kInt4, kText, kInt4},
       .result = kText,
       .call = regexp_substr,
       .example = "regexp_substr('ABCDEF', 'c(.)(..)', 1, 1, 'i', 2) = 'EF'"},
      {.name = "substring",
       .arguments = {kText, kText},
       .result = kText,
       .call = substring_pattern,
       .example = "substring('Thomas' from '...$') = 'mas'"},
  };
  for (const auto& family : {others, replacements()}) all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace penstock::expression
