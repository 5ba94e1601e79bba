#include <array>
#include <cctype>
#include <cstddef>

#include "base/log.h"

namespace penstock {
namespace {

constexpr std::string_view kCut = "***";

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool starts_with_word(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(text[at + i])) != word[i]) return false;
  return true;
}

// The end of a quoted string that begins at `at`; a backslash or a doubled quote does not end it.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 == text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return text.size();
}

// Copies "://user:***" and returns where the "@" stands, or copies "://" alone.
std::size_t cut_uri(std::string_view text, std::size_t at, std::string& out) {
  const std::size_t begin = at + 3;
  std::size_t end = begin;
  while (end < text.size() && !is_space(text[end]) && text[end] != '"' && text[end] != '\'') ++end;
  out += "://";
  const std::string_view rest = text.substr(begin, end - begin);
  // A password with a bare '/' or '@' is wrong, and one with '?' is fine for libpq: none may show.
  std::size_t host = rest.substr(0, rest.find('?')).rfind('@');
  if (host == std::string_view::npos) host = rest.substr(0, rest.find('/')).rfind('@');
  const std::size_t colon = rest.find(':');
  if (host == std::string_view::npos || colon >= host) return begin;
  out += rest.substr(0, colon + 1);
  out += kCut;
  return begin + host;
}

// `password=…`, `sslpassword = '…'`, `password="…"` (JAAS), `password '…'` (SQL): copies the word and what
// joins it to the secret, and returns where the secret ends; npos when there is none at `at`.
std::size_t cut_password(std::string_view text, std::size_t at, std::string& out) {
  static constexpr std::array<std::string_view, 2> kWords{"sslpassword", "password"};
  if (at > 0 && is_word(text[at - 1])) return std::string_view::npos;
  for (const std::string_view word : kWords) {
    if (!starts_with_word(text, at, word)) continue;
    std::size_t i = at + word.size();
    while (i < text.size() && is_space(text[i])) ++i;
    const bool equals = i < text.size() && text[i] == '=';
    if (equals) ++i;
    while (equals && i < text.size() && is_space(text[i])) ++i;
    const bool is_quoted = i < text.size() && (text[i] == '\'' || (equals && text[i] == '"'));
    if (!equals && !is_quoted) return std::string_view::npos;
    out += text.substr(at, i - at);
    out += kCut;
    if (is_quoted) return end_of_quoted(text, i);
    while (i < text.size() && !is_space(text[i]) && text[i] != '&' && text[i] != '"') ++i;
    return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string redact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 3, "://") == 0) {
      i = cut_uri(text, i, out);
    } else if (const std::size_t end = cut_password(text, i, out); end != std::string_view::npos) {
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

}  // namespace penstock
