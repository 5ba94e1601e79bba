// Characters of UTF-8 text. PostgreSQL counts code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::expression {

// The text is UTF-8 as PostgreSQL checks it; bytes that are not are taken one by one.
std::size_t count_characters(std::string_view text);
// Byte offset of the character with that index (from 0); the text's size when there are fewer.
std::size_t offset_of_character(std::string_view text, std::size_t index);
// Bytes of the character that begins with `lead`.
std::size_t character_size(char lead);
// The character at `at`, which moves behind it.
char32_t next_character(std::string_view text, std::size_t& at);
void append_character(std::string& out, char32_t character);
std::vector<char32_t> to_characters(std::string_view text);

}  // namespace penstock::expression
