#include "source/postgres/catalog.h"

namespace penstock::postgres {
namespace {

// Names of the columns of a constraint's key, in order, as a text array read with kSeparator.
constexpr char kSeparator = '\x01';

std::string foreign_keys_sql(const std::string& tables) {
  const auto names = [](const std::string& key, const std::string& table) {
    return "(SELECT string_agg(a.attname, E'\\x01' ORDER BY k.n) FROM unnest(" + key +
           ") WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = " + table +
           " AND a.attnum = k.attnum)";
  };
  return "WITH tables AS (SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
         "c.relnamespace WHERE (n.nspname, c.relname) IN (VALUES " +
         tables + ")) SELECT f.conname, t.nspname, t.relname, r.nspname, r.relname, " +
         names("f.conkey", "f.conrelid") + ", " + names("f.confkey", "f.confrelid") +
         ", f.confdeltype = 'c'" +
         " FROM pg_constraint f JOIN tables t ON t.oid = f.conrelid JOIN tables r ON r.oid = f.confrelid "
         "WHERE f.contype = 'f' ORDER BY 2, 3, 1";
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = list.find(kSeparator);
    parts.emplace_back(list.substr(0, end));
    if (end == std::string_view::npos) return parts;
    list.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::vector<ForeignKey>> describe_foreign_keys(Connection& connection,
                                                      const std::vector<TableName>& tables) {
  std::vector<ForeignKey> keys;
  if (tables.empty()) return keys;
  std::string list;
  for (const TableName& table : tables)
    list += (list.empty() ? "(" : ", (") + connection.literal(table.schema) + "::name, " +
            connection.literal(table.name) + "::name)";
  PENSTOCK_ASSIGN(const Rows rows, connection.query(foreign_keys_sql(list)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ForeignKey key{rows.string(i, 0),
                   {rows.string(i, 1), rows.string(i, 2)},
                   {rows.string(i, 3), rows.string(i, 4)},
                   {},
                   false};
    const auto columns = split(rows.text(i, 5)), referenced = split(rows.text(i, 6));
    for (std::size_t k = 0; k < columns.size() && k < referenced.size(); ++k)
      key.columns.push_back({columns[k], referenced[k]});
    key.cascades = rows.truth(i, 7);
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<std::vector<TableName>> list_tables(Connection& connection) {
  PENSTOCK_ASSIGN(
      const Rows rows,
      connection.query(
          "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
          "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p' "
          "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS "
          "(SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
          "d.deptype = 'e') ORDER BY 1, 2"));
  std::vector<TableName> tables;
  for (std::size_t i = 0; i < rows.size(); ++i) tables.push_back({rows.string(i, 0), rows.string(i, 1)});
  return tables;
}

}  // namespace penstock::postgres
