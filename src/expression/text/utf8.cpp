#include "expression/text/utf8.h"

#include <algorithm>

namespace penstock::expression {
namespace {

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

void append_byte(std::string& out, char32_t byte) {
  out += static_cast<char>(static_cast<unsigned char>(byte));
}

}  // namespace

std::size_t character_size(char lead) {
  const unsigned byte = byte_of(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (byte_of(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

std::size_t offset_of_character(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += character_size(text[at]);
  return std::min(at, text.size());
}

char32_t next_character(std::string_view text, std::size_t& at) {
  const std::size_t size = std::min(character_size(text[at]), text.size() - at);
  const unsigned lead = byte_of(text[at]);
  char32_t character = size == 1 ? lead : lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) character = (character << 6) | (byte_of(text[at + i]) & 0x3F);
  at += size;
  return character;
}

void append_character(std::string& out, char32_t c) {
  if (c < 0x80) {
    append_byte(out, c);
  } else if (c < 0x800) {
    append_byte(out, 0xC0 | (c >> 6));
    append_byte(out, 0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    append_byte(out, 0xE0 | (c >> 12));
    append_byte(out, 0x80 | ((c >> 6) & 0x3F));
    append_byte(out, 0x80 | (c & 0x3F));
  } else {
    append_byte(out, 0xF0 | (c >> 18));
    append_byte(out, 0x80 | ((c >> 12) & 0x3F));
    append_byte(out, 0x80 | ((c >> 6) & 0x3F));
    append_byte(out, 0x80 | (c & 0x3F));
  }
}

std::vector<char32_t> to_characters(std::string_view text) {
  std::vector<char32_t> characters;
  characters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) characters.push_back(next_character(text, at));
  return characters;
}

}  // namespace penstock::expression
