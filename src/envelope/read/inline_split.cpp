#include "envelope/read/inline_split.h"

namespace penstock::envelope {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool take(std::string_view text, std::size_t& at, std::string_view wanted) {
  at = text.find_first_not_of(kBlanks, at);
  if (at == std::string_view::npos || text.substr(at, wanted.size()) != wanted) return false;
  at += wanted.size();
  return true;
}

// Moves `at` from a '{' behind its '}'.
bool skip_object(std::string_view text, std::size_t& at) {
  int depth = 0;
  bool inside = false;  // a string
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (inside) {
      if (c == '\\') ++at;
      inside = c != '"';
    } else if (c == '"') {
      inside = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      ++at;
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<InlineSplit> split_inline(std::string_view record) {
  std::size_t at = 0;
  if (!take(record, at, "{") || !take(record, at, "\"schema\"") || !take(record, at, ":"))
    return std::nullopt;
  at = record.find_first_not_of(kBlanks, at);
  if (at == std::string_view::npos || record[at] != '{') return std::nullopt;
  const std::size_t schema = at;
  if (!skip_object(record, at)) return std::nullopt;
  const std::size_t schema_end = at;
  if (!take(record, at, ",") || !take(record, at, "\"payload\"") || !take(record, at, ":"))
    return std::nullopt;
  const std::size_t end = record.find_last_not_of(kBlanks);
  if (record[end] != '}' || end < at) return std::nullopt;
  return InlineSplit{record.substr(0, at), record.substr(schema, schema_end - schema),
                     record.substr(at, end - at)};
}

}  // namespace penstock::envelope
