#include "expression/regex/bracket.h"

#include <optional>

#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

class BracketReader {
 public:
  BracketReader(PatternText& in, const RegexOptions& options) : in_(in), options_(options) {}

  CharacterSet read() {
    const bool negated = in_.accept("^");
    bool first = true;
    while (first || !in_.next_is(']')) {
      if (in_.done()) throw BadRegex{"brackets [] not balanced"};
      item(first);
      first = false;
    }
    in_.take();
    if (negated) set_.negate();
    if (negated && options_.newline_stops) set_.leave_out_newline();
    return std::move(set_);
  }

 private:
  [[noreturn]] static void bad_range() { throw BadRegex{"invalid character range"}; }

  void item(bool first) {
    if (in_.accept("[:")) return named_class();
    // A hyphen stands for itself only at either end.
    if (in_.next_is('-') && !first && in_.peek(1) != ']') bad_range();
    const auto start = character();
    if (!start) {
      if (in_.next_is('-') && in_.peek(1) != ']') bad_range();
      return;
    }
    const bool range = in_.next_is('-') && in_.peek(1) != ']';
    if (!range) {
      set_.add(*start, options_.fold);
      return;
    }
    in_.take();
    const auto end = in_.accept("[:") ? std::nullopt : character();
    if (!end || *end < *start) bad_range();
    set_.add_range(*start, *end, options_.fold);
  }

  // Nothing for an escape that was a class.
  std::optional<char32_t> character() {
    if (in_.done()) throw BadRegex{"brackets [] not balanced"};
    if (in_.accept("[.")) return collating_element('.');
    if (in_.accept("[=")) return collating_element('=');
    const char32_t c = in_.take();
    if (c != '\\') return c;
    const Escape escape = read_escape(in_, 0);
    if (escape.kind == Escape::Kind::kCharacter) return escape.value;
    if (escape.kind != Escape::Kind::kClass) throw BadRegex{"invalid escape \\ sequence"};
    add_class_escape(set_, escape.value);
    return std::nullopt;
  }

  // Only a character can be one: names like "hyphen" are not known.
  char32_t collating_element(char32_t closing) {
    const char32_t c = in_.done() ? 0 : in_.take();
    if (c == 0 || !in_.next_is(closing) || in_.peek(1) != ']') throw BadRegex{"invalid collating element"};
    in_.take();
    in_.take();
    return c;
  }

  void named_class() {
    std::string name;
    while (!in_.done() && !in_.next_is(':') && in_.peek() < 0x80) name += static_cast<char>(in_.take());
    if (!in_.accept(":]")) throw BadRegex{"invalid character class"};
    const bool either_case = options_.fold && (name == "lower" || name == "upper");
    const auto members = class_named(either_case ? "alpha" : name);
    if (members == nullptr) throw BadRegex{"invalid character class"};
    set_.add_class(members);
  }

  PatternText& in_;
  const RegexOptions& options_;
  CharacterSet set_;
};

}  // namespace

CharacterSet read_bracket(PatternText& in, const RegexOptions& options) {
  return BracketReader(in, options).read();
}

void add_class_escape(CharacterSet& set, char32_t letter) {
  const bool negated = letter == 'D' || letter == 'S' || letter == 'W';
  switch (letter) {
    case 'd':
    case 'D':
      return set.add_class(is_digit, negated);
    case 's':
    case 'S':
      return set.add_class(is_space, negated);
    default:
      return set.add_class(is_word_character, negated);
  }
}

}  // namespace penstock::expression
