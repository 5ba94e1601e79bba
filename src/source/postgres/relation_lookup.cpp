#include "source/postgres/relation_lookup.h"

#include "source/postgres/catalog.h"

namespace penstock::postgres {

Result<std::vector<TableName>> CatalogLookup::partition_ancestors(std::uint32_t oid) {
  PENSTOCK_ASSIGN(
      const Rows rows,
      connection_.query("SELECT n.nspname, c.relname FROM pg_class m, pg_partition_ancestors(m.oid) a "
                        "JOIN pg_class c ON c.oid = a.relid JOIN pg_namespace n ON n.oid = c.relnamespace "
                        "WHERE m.oid = $1::oid AND m.relispartition",
                        {std::to_string(oid)}));
  std::vector<TableName> ancestors;
  for (std::size_t i = 0; i < rows.size(); ++i) ancestors.push_back({rows.string(i, 0), rows.string(i, 1)});
  return ancestors;
}

Result<std::string> CatalogLookup::format_type(std::uint32_t oid, std::int32_t modifier) {
  PENSTOCK_ASSIGN(const Rows rows, connection_.query("SELECT format_type($1::oid, $2::int4)",
                                                     {std::to_string(oid), std::to_string(modifier)}));
  return rows.string(0, 0);
}

Result<pgtype::TypeInfo> CatalogLookup::type(std::uint32_t oid) {
  PENSTOCK_ASSIGN(const Rows rows, connection_.query(pgtype::fetch_type_sql(), {std::to_string(oid)}));
  if (rows.size() == 0)
    return fail(ErrorKind::kBadValue, "PostgreSQL has no type with OID " + std::to_string(oid) + " any more");
  std::vector<const char*> columns;
  for (std::size_t i = 0; i < rows.columns(); ++i) columns.push_back(rows.c_str_or_null(0, i));
  return pgtype::type_info_from_row(columns);
}

Result<std::map<std::string, ColumnDetails>> CatalogLookup::column_details(std::uint32_t oid) {
  return describe_columns(connection_, oid);
}

}  // namespace penstock::postgres
