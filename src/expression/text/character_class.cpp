#include "expression/text/character_class.h"

#include <unicode/uchar.h>

#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

constexpr char32_t kAscii = 0x80;

UChar32 icu(char32_t character) { return static_cast<UChar32>(character); }

template <char32_t (*mapping)(char32_t)>
std::string map_characters(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_character(out, mapping(next_character(text, at)));
  return out;
}

}  // namespace

char32_t to_upper(char32_t c) {
  if (c < kAscii) return c >= 'a' && c <= 'z' ? c - 32 : c;
  return static_cast<char32_t>(u_toupper(icu(c)));
}
char32_t to_lower(char32_t c) {
  if (c < kAscii) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return static_cast<char32_t>(u_tolower(icu(c)));
}
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_alphabetic(char32_t c) {
  // glibc counts the digits of other scripts as letters.
  return u_isUAlphabetic(icu(c)) != 0 || (c >= kAscii && u_isdigit(icu(c)) != 0);
}
bool is_alphanumeric(char32_t c) { return is_digit(c) || is_alphabetic(c); }
bool is_space(char32_t c) {
  const bool no_break = c == 0x85 || c == 0xA0 || c == 0x2007 || c == 0x202F;
  return !no_break && u_isUWhiteSpace(icu(c)) != 0;
}
bool is_upper(char32_t c) { return u_isUUppercase(icu(c)) != 0 || u_charType(icu(c)) == U_TITLECASE_LETTER; }
bool is_lower(char32_t c) { return u_isULowercase(icu(c)) != 0; }
bool is_graphic(char32_t c) {
  const bool no_break = c == 0xA0 || c == 0x2007 || c == 0x202F;
  return no_break || u_isgraph(icu(c)) != 0 || u_charType(icu(c)) == U_FORMAT_CHAR;
}
bool is_punctuation(char32_t c) { return is_graphic(c) && !is_alphanumeric(c); }
bool is_printable(char32_t c) { return is_graphic(c) || (c != '\t' && u_isprint(icu(c)) != 0); }
bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029; }

std::string upper_text(std::string_view text) { return map_characters<to_upper>(text); }
std::string lower_text(std::string_view text) { return map_characters<to_lower>(text); }

std::string initcap_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool inside_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    const char32_t mapped = inside_word ? to_lower(c) : to_upper(c);
    inside_word = is_alphanumeric(mapped);
    append_character(out, mapped);
  }
  return out;
}

}  // namespace penstock::expression
