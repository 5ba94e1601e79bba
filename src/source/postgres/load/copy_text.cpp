#include "source/postgres/load/copy_text.h"

#include <cstring>
#include <string>

namespace penstock::postgres {
namespace {

constexpr char kSeparator = '\t';
constexpr std::string_view kNull = "\\N";

char unescaped(char code) {
  switch (code) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return code;
  }
}

// Shortens the field in place. False when it ends in a backslash.
bool unescape(char* begin, std::size_t& size) {
  char* const end = begin + size;
  char* to = static_cast<char*>(std::memchr(begin, '\\', size));
  if (to == nullptr) return true;
  for (const char* from = to; from != end; ++from) {
    if (*from != '\\') {
      *to++ = *from;
      continue;
    }
    if (++from == end) return false;
    *to++ = unescaped(*from);
  }
  size = static_cast<std::size_t>(to - begin);
  return true;
}

}  // namespace

Status split_copy_line(std::string_view line, std::size_t expected, Arena& arena,
                       std::vector<std::optional<std::string_view>>& fields) {
  fields.clear();
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (expected == 0 && line.empty()) return {};
  char* begin = arena.allocate(line.size() + 1);  // +1: an empty line has an address too
  if (!line.empty()) std::memcpy(begin, line.data(), line.size());
  char* const end = begin + line.size();
  const bool escapes = std::memchr(begin, '\\', line.size()) != nullptr;
  while (true) {
    char* stop = static_cast<char*>(std::memchr(begin, kSeparator, static_cast<std::size_t>(end - begin)));
    if (stop == nullptr) stop = end;
    std::size_t size = static_cast<std::size_t>(stop - begin);
    if (escapes && std::string_view(begin, size) == kNull) {
      fields.emplace_back(std::nullopt);
    } else if (escapes && !unescape(begin, size)) {
      return fail(ErrorKind::kPostgresProtocol, "a COPY row ends inside an escape sequence");
    } else {
      fields.emplace_back(std::string_view(begin, size));
    }
    if (stop == end) break;
    begin = stop + 1;
  }
  if (fields.size() == expected) return {};
  return fail(ErrorKind::kPostgresProtocol, "a COPY row has " + std::to_string(fields.size()) +
                                                " columns, expected " + std::to_string(expected));
}

}  // namespace penstock::postgres
