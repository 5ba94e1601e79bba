#include "envelope/column_default.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "envelope/column_form.h"

namespace penstock::envelope {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

// now(), (nextval('x'::regclass) + 1), CURRENT_TIMESTAMP
bool is_function(std::string_view text) {
  if (text == "CURRENT_TIMESTAMP" || text == "CURRENT_DATE" || text == "CURRENT_TIME" ||
      text == "LOCALTIME" || text == "LOCALTIMESTAMP")
    return true;
  if (text.starts_with('(')) text.remove_prefix(1);
  const auto end = std::find_if_not(text.begin(), text.end(), is_word);
  return end != text.begin() && end != text.end() && *end == '(' && text.find(')') != std::string_view::npos;
}

// `text` begins with a quote. Takes the literal from it; none where it does not end.
std::optional<std::string> take_literal(std::string_view& text, bool escaped) {
  std::string literal;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
    if ((text[i] == '\'' || (escaped && text[i] == '\\')) && doubled) {
      literal += text[i++];
    } else if (text[i] == '\'') {
      text.remove_prefix(i + 1);
      return literal;
    } else {
      literal += text[i];
    }
  }
  return std::nullopt;
}

// ::character varying, ::timestamp(3) without time zone, ::"bit", or nothing
bool is_cast(std::string_view text) {
  if (text.empty()) return true;
  if (!text.starts_with("::")) return false;
  return std::all_of(text.begin() + 2, text.end(), [](char c) {
    return is_word(c) || std::string_view(" (),\"[]").find(c) != std::string_view::npos;
  });
}

std::optional<std::string> literal_of(std::string_view text) {
  const bool escaped = text.starts_with("E'");
  if (escaped || text.starts_with("B'")) text.remove_prefix(1);
  if (text.starts_with('\'')) {
    auto literal = take_literal(text, escaped);
    return literal && is_cast(text) ? literal : std::nullopt;
  }
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(),
                                                  [](char c) { return is_word(c) || c == '-' || c == '+'; });
  if (!plain || text == "NULL") return std::nullopt;
  if (text == "true" || text == "false") return std::string(text.substr(0, 1));
  // A number.
  return text.find_first_not_of("0123456789.-+eE") == std::string_view::npos
             ? std::optional(std::string(text))
             : std::nullopt;
}

// What stands for a function's value, of the types whose defaults are named.
const std::map<std::string_view, std::string_view>& placeholders() {
  static const std::map<std::string_view, std::string_view> kPlaceholders{
      {"bit", ""},
      {"varbit", "0"},
      {"bool", "f"},
      {"bpchar", ""},
      {"varchar", ""},
      {"text", ""},
      {"numeric", "0"},
      {"float4", "0"},
      {"float8", "0"},
      {"int2", "0"},
      {"int4", "0"},
      {"int8", "0"},
      {"json", "{}"},
      {"jsonb", "{}"},
      {"xml", ""},
      {"uuid", "00000000-0000-0000-0000-000000000000"},
      {"date", "1970-01-01"},
      {"time", "00:00:00"},
      {"timestamp", "1970-01-01 00:00:00"},
      {"timestamptz", "1970-01-01 00:00:00+00"},
      {"interval", "00:00:00"}};
  return kPlaceholders;
}

// numeric(10,2) DEFAULT 1.5 is 1.50.
std::string with_scale(std::string number, std::int32_t modifier) {
  const int scale = modifier < 4 ? 0 : (modifier - 4) & 0x7ff;
  if (scale == 0 || scale > 1000 || number.find_first_of("eE") != std::string::npos) return number;
  const std::size_t point = number.find('.');
  const std::size_t behind = point == std::string::npos ? 0 : number.size() - point - 1;
  if (point == std::string::npos) number += '.';
  if (behind < static_cast<std::size_t>(scale)) number.append(static_cast<std::size_t>(scale) - behind, '0');
  return number;
}

}  // namespace

std::optional<std::string> default_text(const ColumnFacts& column, std::string_view expression) {
  if (expression.empty()) return std::nullopt;
  if (!column.enum_labels.empty()) return column.element == 0 ? literal_of(expression) : std::nullopt;
  const auto placeholder = placeholders().find(column.source_type);
  if (placeholder == placeholders().end()) return std::nullopt;
  if (is_function(expression)) {
    if (column.source_type == "bit") return std::nullopt;
    return with_scale(std::string(placeholder->second),
                      column.source_type == "numeric" ? column.modifier : -1);
  }
  auto literal = literal_of(expression);
  if (literal && column.source_type == "numeric") return with_scale(std::move(*literal), column.modifier);
  return literal;
}

}  // namespace penstock::envelope
