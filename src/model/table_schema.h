// What a table looks like at one moment of the stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

struct TableName {
  std::string schema;
  std::string name;
  auto operator<=>(const TableName&) const = default;
};
std::string to_string(const TableName& table);  // public.orders, unquoted, for people and for keys of maps
std::string quote_identifier(std::string_view name);  // "Orders" with doubled quotes; always quoted
std::string quoted(const TableName& table);           // "public"."orders", for SQL

// What the catalog says of a column for those who describe the table to others.
struct ColumnDetails {
  std::string type;                   // pg_type.typname: int4, _int4, mood
  std::string default_expression;     // as pg_get_expr() prints it; empty: none
  std::string enum_labels;            // of an enum or an array of one, in their order, separated by commas
  std::int32_t domain_modifier = -1;  // of a domain: its base type's
};

struct Column {
  std::string name;
  std::uint32_t type_oid = 0;
  std::int32_t type_modifier = -1;
  std::string type_name;  // format_type(): numeric(10,2); for messages and fingerprints
  // The type that expressions see: of a domain its base type, of an enum text, of an array of enums text[].
  // 0: type_oid.
  std::uint32_t base_type_oid = 0;
  bool not_null = false;       // as the catalog said when the table was described
  ColumnDetails details = {};  // likewise
  bool out_of_line = false;    // whether its values may be (TOAST), also by the catalog
};

struct TableSchema {
  TableName table;
  std::uint32_t oid = 0;        // of the relation as the stream names it
  char replica_identity = 'd';  // d default, n nothing, f full, i index (pg_class.relreplident)
  std::vector<Column> columns;  // in the order of the values of a row
  std::vector<std::uint16_t>
      key;  // indexes into columns: the row's key, in key order (primary key, or what `key:` names)

  std::optional<std::uint16_t> find(std::string_view column) const;
  // Column names and types in order, as one line; a difference means the table changed shape.
  std::string fingerprint() const;
};

}  // namespace penstock
