#include "expression/like.h"

#include "expression/text/utf8.h"

namespace penstock::expression {
// Goes back to the last `%` only: what an earlier one could still match, the last one can too.
Result<bool> matches_like(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t next = 0;
  std::size_t retry_at = 0;
  std::size_t retry_next = std::string_view::npos;
  const auto literal_matches = [&](std::size_t from) {
    return from < pattern.size() && pattern[from] == text[at];
  };
  while (at < text.size()) {
    const char wanted = next < pattern.size() ? pattern[next] : '\0';
    if (next < pattern.size() && wanted == '%') {
      retry_next = ++next;
      retry_at = at;
      continue;
    }
    const bool escaped = next < pattern.size() && wanted == '\\';
    if (escaped && next + 1 == pattern.size()) {
      return fail(ErrorKind::kBadValue, "LIKE pattern must not end with escape character");
    }
    if (next < pattern.size() && wanted == '_') {
      at += character_size(text[at]);
      ++next;
    } else if (literal_matches(next + (escaped ? 1 : 0))) {
      ++at;
      next += escaped ? 2 : 1;
    } else if (retry_next != std::string_view::npos) {
      retry_at += character_size(text[retry_at]);
      at = retry_at;
      next = retry_next;
    } else {
      return false;
    }
  }
  const std::size_t rest = pattern.find_first_not_of('%', next);
  return next >= pattern.size() || rest == std::string_view::npos;
}

Result<std::string> with_escape(std::string_view pattern, std::string_view escape) {
  if (count_characters(escape) > 1) return fail(ErrorKind::kBadValue, "invalid escape string");
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const bool is_escape = !escape.empty() && pattern.substr(at).starts_with(escape);
    if (is_escape) {
      out += '\\';
      at += escape.size();
      if (at == pattern.size()) break;
      // What follows stands for itself, also a backslash.
      out += pattern[at++];
      continue;
    }
    if (pattern[at] == '\\') out += '\\';
    out += pattern[at++];
  }
  return out;
}

}  // namespace penstock::expression
