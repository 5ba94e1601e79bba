#include "expression/json/slice.h"

#include <algorithm>

#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";

// Behind the string that begins at `at`.
std::size_t behind_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

std::size_t behind_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return at;
  if (text[at] == '"') return behind_string(text, at);
  if (text[at] != '{' && text[at] != '[') return std::min(text.find_first_of(" \t\n\r,]}", at), text.size());
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = behind_string(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
  }
  return at;
}

// Goes through the values of an array or the keys and values of an object.
class Walker {
 public:
  explicit Walker(std::string_view container) : text_(container), at_(1) {}

  std::optional<std::string_view> next() {
    at_ = std::min(text_.find_first_not_of(" \t\n\r,:", at_), text_.size());
    if (at_ >= text_.size() || text_[at_] == ']' || text_[at_] == '}') return std::nullopt;
    const std::size_t start = at_;
    at_ = behind_value(text_, at_);
    return text_.substr(start, at_ - start);
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

unsigned hex_code(std::string_view digits) {
  unsigned code = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    code = code * 16 + static_cast<unsigned>(digit);
  }
  return code;
}

// The character of "\u…" whose digits begin at `at`, with the second half of a pair; `at` moves to the last
// digit.
char32_t escaped_character(std::string_view text, std::size_t& at) {
  char32_t c = hex_code(text.substr(at, 4));
  at += 3;
  const bool high = c >= 0xD800 && c < 0xDC00;
  if (high && text.substr(at + 1, 2) == "\\u") {
    const char32_t low = hex_code(text.substr(at + 3, 4));
    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    at += 6;
  }
  return c;
}

}  // namespace

std::string_view trim_json(std::string_view text) {
  const std::size_t start = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::optional<std::string_view> json_member(std::string_view object, std::string_view key) {
  object = trim_json(object);
  if (!object.starts_with('{')) return std::nullopt;
  Walker walker(object);
  std::optional<std::string_view> found;
  while (const auto name = walker.next()) {
    const auto value = walker.next();
    const std::string_view inner = name->substr(1, name->size() - 2);
    const bool plain = inner.find('\\') == std::string_view::npos;
    if (plain ? inner == key : unquote_json(*name) == key) found = value;
  }
  return found;
}

std::int64_t count_json_items(std::string_view array) {
  Walker walker(trim_json(array));
  std::int64_t count = 0;
  while (walker.next()) ++count;
  return count;
}

std::optional<std::string_view> json_item(std::string_view array, std::int64_t index) {
  array = trim_json(array);
  if (!array.starts_with('[')) return std::nullopt;
  if (index < 0) index += count_json_items(array);
  if (index < 0) return std::nullopt;
  Walker walker(array);
  std::optional<std::string_view> item = walker.next();
  for (; index > 0 && item; --index) item = walker.next();
  return item;
}

std::string unquote_json(std::string_view literal) {
  std::string out;
  for (std::size_t at = 1; at + 1 < literal.size(); ++at) {
    if (literal[at] != '\\') {
      out += literal[at];
      continue;
    }
    const char c = literal[++at];
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    if (c == 'u') {
      ++at;
      append_character(out, escaped_character(literal, at));
    } else if (const std::size_t letter = kLetters.find(c); letter != std::string_view::npos) {
      out += kMeant[letter];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace penstock::expression
