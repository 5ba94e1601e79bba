#include "expression/regex/pattern_text.h"

namespace penstock::expression {
namespace {

int digit_of(char32_t c) {
  if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
  return c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A') + 10 : 99;
}

[[noreturn]] void bad_escape() { throw BadRegex{"invalid escape \\ sequence"}; }

// A digit from 1 on: octal, where no such group was there yet.
Escape number_escape(PatternText& in, int groups) {
  const std::size_t start = in.place();
  const char32_t number = in.number(10, 1, 255);
  const bool one_digit = in.place() == start + 1;
  if (one_digit || (number > 0 && number <= static_cast<char32_t>(groups)))
    return {Escape::Kind::kBackReference, number};
  in.go_to(start);
  return {Escape::Kind::kCharacter, in.number(8, 1, 3)};
}

}  // namespace

bool PatternText::accept(const char* words) {
  std::size_t ahead = 0;
  for (const char* c = words; *c != '\0'; ++c, ++ahead) {
    if (peek(ahead) != static_cast<char32_t>(static_cast<unsigned char>(*c))) return false;
  }
  at_ += ahead;
  return true;
}

char32_t PatternText::number(unsigned base, std::size_t least, std::size_t most) {
  char32_t value = 0;
  std::size_t count = 0;
  for (; count < most && !done() && digit_of(peek()) < static_cast<int>(base); ++count) {
    value = value * base + static_cast<char32_t>(digit_of(take()));
    if (value > 0x7FFFFFF) bad_escape();
  }
  if (count < least || value > 0x10FFFF) bad_escape();
  return value;
}

Escape read_escape(PatternText& in, int groups) {
  if (in.done()) bad_escape();
  const char32_t c = in.take();
  const bool plain =
      c >= 0x80 || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  if (plain) return {Escape::Kind::kCharacter, c};
  switch (c) {
    case 'a':
      return {Escape::Kind::kCharacter, '\a'};
    case 'b':
      return {Escape::Kind::kCharacter, '\b'};
    case 'B':
      return {Escape::Kind::kCharacter, '\\'};
    case 'c':
      if (in.done()) bad_escape();
      return {Escape::Kind::kCharacter, in.take() & 31U};
    case 'e':
      return {Escape::Kind::kCharacter, 27};
    case 'f':
      return {Escape::Kind::kCharacter, '\f'};
    case 'n':
      return {Escape::Kind::kCharacter, '\n'};
    case 'r':
      return {Escape::Kind::kCharacter, '\r'};
    case 't':
      return {Escape::Kind::kCharacter, '\t'};
    case 'v':
      return {Escape::Kind::kCharacter, '\v'};
    case 'u':
      return {Escape::Kind::kCharacter, in.number(16, 4, 4)};
    case 'U':
      return {Escape::Kind::kCharacter, in.number(16, 8, 8)};
    case 'x':
      return {Escape::Kind::kCharacter, in.number(16, 1, 255)};
    case '0':
      in.go_to(in.place() - 1);
      return {Escape::Kind::kCharacter, in.number(8, 1, 3)};
    case 'd':
    case 'D':
    case 's':
    case 'S':
    case 'w':
    case 'W':
      return {Escape::Kind::kClass, c};
    case 'A':
    case 'Z':
    case 'm':
    case 'M':
    case 'y':
    case 'Y':
      return {Escape::Kind::kAnchor, c};
    default:
      if (c < '1' || c > '9') bad_escape();
      in.go_to(in.place() - 1);
      return number_escape(in, groups);
  }
}

}  // namespace penstock::expression
