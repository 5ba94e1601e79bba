#include "expression/regex/character_set.h"

#include <algorithm>

#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

bool is_blank(char32_t c) {
  return c == ' ' || c == '\t' || (is_space(c) && c > 0x7F && c != 0x2028 && c != 0x2029);
}
bool is_hex_digit(char32_t c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_ascii(char32_t c) { return c < 0x80; }

}  // namespace

void CharacterSet::add(char32_t character, bool fold) {
  ranges_.emplace_back(character, character);
  if (!fold) return;
  for (const char32_t other : {to_lower(character), to_upper(character)}) {
    if (other != character) ranges_.emplace_back(other, other);
  }
}

void CharacterSet::add_range(char32_t first, char32_t last, bool fold) {
  ranges_.emplace_back(first, last);
  for (char32_t c = first; fold && c <= last; ++c) {
    for (const char32_t other : {to_lower(c), to_upper(c)}) {
      if (other < first || other > last) ranges_.emplace_back(other, other);
    }
  }
}

bool CharacterSet::has(char32_t character) const {
  if (without_newline_ && character == '\n') return false;
  const bool in_range = std::any_of(ranges_.begin(), ranges_.end(), [character](const auto& range) {
    return character >= range.first && character <= range.second;
  });
  const bool found =
      in_range || std::any_of(classes_.begin(), classes_.end(), [character](const auto& member) {
        return member.first(character) != member.second;
      });
  return found != negated_;
}

bool is_word_character(char32_t c) { return c == '_' || is_alphanumeric(c); }

CharacterSet::Class class_named(std::string_view name) {
  struct Named {
    std::string_view name;
    CharacterSet::Class members;
  };
  static constexpr Named kClasses[] = {
      {"alnum", is_alphanumeric},  {"alpha", is_alphabetic},  {"ascii", is_ascii},   {"blank", is_blank},
      {"cntrl", is_control},       {"digit", is_digit},       {"graph", is_graphic}, {"lower", is_lower},
      {"print", is_printable},     {"punct", is_punctuation}, {"space", is_space},   {"upper", is_upper},
      {"word", is_word_character}, {"xdigit", is_hex_digit},
  };
  for (const Named& known : kClasses) {
    if (known.name == name) return known.members;
  }
  return nullptr;
}

}  // namespace penstock::expression
