#include "pgtype/quoting.h"

namespace penstock::pgtype {
namespace {

// Where a field that begins at `start` ends, whether it has quotes, and whether it has anything to unescape.
struct Extent {
  std::size_t end = std::string_view::npos;
  bool quoted = false;
  bool simple = true;  // unquoted, or one quoted whole without escapes
};

Extent measure(std::string_view text, std::size_t start, std::string_view ends) {
  Extent extent;
  bool inside = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      extent.simple = false;
      ++i;
    } else if (c == '"') {
      extent.quoted = true;
      // A quote that neither opens the field nor closes it: '""', or a field quoted in parts.
      const bool last = i + 1 < text.size() && ends.find(text[i + 1]) != std::string_view::npos;
      if (i != start && !(inside && last)) extent.simple = false;
      inside = !inside;
    } else if (!inside && ends.find(c) != std::string_view::npos) {
      extent.end = i;
      return extent;
    }
  }
  return extent;
}

std::string_view unescape_field(std::string_view field, Arena& arena) {
  char* out = arena.allocate(field.size());
  std::size_t size = 0;
  bool inside = false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const bool quote = field[i] == '"';
    const bool more = i + 1 < field.size();
    const bool escape = more && (field[i] == '\\' || (quote && inside && field[i + 1] == '"'));
    if (escape) {
      out[size++] = field[++i];
    } else if (quote) {
      inside = !inside;
    } else {
      out[size++] = field[i];
    }
  }
  return {out, size};
}

}  // namespace

std::size_t skip_backslash_quoted(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at;
    if (text[at] == '\\') ++at;
  }
  return text.size();
}

std::optional<std::string_view> read_backslash_quoted(std::string_view text, std::size_t& at, Arena& arena) {
  const std::size_t start = at + 1;
  const std::size_t end = skip_backslash_quoted(text, at);
  if (end >= text.size()) return std::nullopt;
  at = end + 1;
  const std::string_view inner = text.substr(start, end - start);
  if (inner.find('\\') == std::string_view::npos) return inner;
  char* out = arena.allocate(inner.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\') ++i;
    out[size++] = inner[i];
  }
  return std::string_view(out, size);
}

std::optional<QuotedField> read_field(std::string_view text, std::size_t& at, std::string_view ends,
                                      Arena& arena) {
  const Extent extent = measure(text, at, ends);
  if (extent.end == std::string_view::npos) return std::nullopt;
  QuotedField field;
  field.text = text.substr(at, extent.end - at);
  field.present = !field.text.empty();
  at = extent.end;
  if (extent.simple && extent.quoted) {
    field.text = field.text.substr(1, field.text.size() - 2);
  } else if (!extent.simple) {
    field.text = unescape_field(field.text, arena);
  }
  return field;
}

}  // namespace penstock::pgtype
