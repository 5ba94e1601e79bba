// Cases and classes of characters as PostgreSQL has them in a UTF-8 database with a libc locale: one code
// point to one code point ('ß' stays), classes as glibc's C.UTF-8 draws them.
#pragma once

#include <string>
#include <string_view>

namespace penstock::expression {

char32_t to_upper(char32_t character);
char32_t to_lower(char32_t character);
bool is_alphabetic(char32_t character);
bool is_digit(char32_t character);  // 0 to 9 only
bool is_alphanumeric(char32_t character);
bool is_space(char32_t character);
bool is_upper(char32_t character);
bool is_lower(char32_t character);
bool is_punctuation(char32_t character);
bool is_printable(char32_t character);
bool is_graphic(char32_t character);
bool is_control(char32_t character);

std::string upper_text(std::string_view text);
std::string lower_text(std::string_view text);
std::string initcap_text(std::string_view text);

}  // namespace penstock::expression
