// Characters that one place of a regular expression takes.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace penstock::expression {

class CharacterSet {
 public:
  using Class = bool (*)(char32_t);

  // With `fold` also what differs only in case.
  void add(char32_t character, bool fold);
  void add_range(char32_t first, char32_t last, bool fold);
  void add_class(Class members, bool negated = false) { classes_.emplace_back(members, negated); }
  void negate() { negated_ = !negated_; }
  void leave_out_newline() { without_newline_ = true; }

  bool has(char32_t character) const;

 private:
  std::vector<std::pair<char32_t, char32_t>> ranges_;
  std::vector<std::pair<Class, bool>> classes_;  // with whether its members are those left out
  bool negated_ = false;
  bool without_newline_ = false;
};

bool is_word_character(char32_t character);
// "alpha", "digit" and so on; null for names that are none.
CharacterSet::Class class_named(std::string_view name);

}  // namespace penstock::expression
