#include "model/table_schema.h"

namespace penstock {

std::string to_string(const TableName& table) { return table.schema + "." + table.name; }

std::string quote_identifier(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 2);
  out += '"';
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

std::string quoted(const TableName& table) {
  return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

std::optional<std::uint16_t> TableSchema::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == column) return static_cast<std::uint16_t>(i);
  return std::nullopt;
}

std::string TableSchema::fingerprint() const {
  // Names are quoted, so that no name can pass for a separator.
  std::string out;
  for (const Column& column : columns) {
    if (!out.empty()) out += ", ";
    out += quote_identifier(column.name) + " " + column.type_name;
  }
  return out;
}

}  // namespace penstock
