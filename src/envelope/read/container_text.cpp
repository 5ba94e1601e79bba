#include "envelope/read/container_text.h"

#include "model/number_text.h"

namespace penstock::envelope {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

bool is_null_word(std::string_view text) {
  constexpr std::string_view kNull = "NULL";
  if (text.size() != kNull.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] & ~0x20) != kNull[i]) return false;
  return true;
}

void append_item(std::string& out, const Value& item, bool real) {
  if (item.is_null()) {
    out += "NULL";
    return;
  }
  if (const Array* inner = item.get<Array>()) {
    out += inner->text;
    return;
  }
  if (const double* number = item.get<double>(); number != nullptr && real) {
    append_real(out, *number);
    return;
  }
  const std::string text = to_text(item);
  const bool quoted =
      text.empty() || is_null_word(text) || text.find_first_of("\"\\{}, \t\n\v\f\r") != std::string::npos;
  if (quoted) {
    append_quoted(out, text);
  } else {
    out += text;
  }
}

}  // namespace

void append_array_text(std::string& out, const Value* items, std::size_t size, bool real) {
  out += '{';
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    append_item(out, items[i], real);
  }
  out += '}';
}

void append_hstore_text(std::string& out, const StructField* fields, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ", ";
    append_quoted(out, fields[i].name);
    out += "=>";
    if (const Text* text = fields[i].value.get<Text>()) {
      append_quoted(out, text->text);
    } else {
      out += "NULL";
    }
  }
}

}  // namespace penstock::envelope
