#include <cstdlib>

#include "source/postgres/catalog.h"

namespace penstock::postgres {
namespace {

// PostgreSQL manual: "pg_attribute", "pg_attrdef", "pg_type", "pg_enum".
constexpr const char* kDetailsSql =
    "SELECT a.attname, t.typname, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), "
    "coalesce((SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e "
    " WHERE e.enumtypid = CASE t.typcategory WHEN 'A' THEN t.typelem ELSE t.oid END), ''), "
    "CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE -1 END "
    "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = '' "
    "WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped";

}  // namespace

Result<std::map<std::string, ColumnDetails>> describe_columns(Connection& connection, std::uint32_t oid) {
  PENSTOCK_ASSIGN(const Rows rows, connection.query(kDetailsSql, {std::to_string(oid)}));
  std::map<std::string, ColumnDetails> columns;
  for (std::size_t i = 0; i < rows.size(); ++i)
    columns[rows.string(i, 0)] = {rows.string(i, 1), rows.string(i, 2), rows.string(i, 3),
                                  std::atoi(rows.string(i, 4).c_str())};
  return columns;
}

}  // namespace penstock::postgres
