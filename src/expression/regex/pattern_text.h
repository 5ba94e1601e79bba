// The characters of a regular expression, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "expression/regex/program.h"

namespace penstock::expression {

// What ends the reading of an expression: PostgreSQL's words for it.
struct BadRegex {
  std::string message;
};

class PatternText {
 public:
  explicit PatternText(std::vector<char32_t> text) : text_(std::move(text)) {}

  bool done() const { return at_ == text_.size(); }
  bool next_is(char32_t c) const { return !done() && text_[at_] == c; }
  bool next_is_digit(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() && text_[at_ + ahead] >= '0' && text_[at_ + ahead] <= '9';
  }
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : 0; }
  char32_t take() { return text_[at_++]; }
  bool accept(const char* words);  // all of them
  std::size_t place() const { return at_; }
  void go_to(std::size_t place) { at_ = place; }

  // Digits to a base, from `least` to `most` of them: a number.
  char32_t number(unsigned base, std::size_t least, std::size_t most);

 private:
  std::vector<char32_t> text_;
  std::size_t at_ = 0;
};

// Behind a backslash: a character, a class or an anchor.
struct Escape {
  enum class Kind { kCharacter, kClass, kAnchor, kBackReference };
  Kind kind = Kind::kCharacter;
  char32_t value = 0;  // the character, or the letter
};
Escape read_escape(PatternText& in, int groups);

}  // namespace penstock::expression
