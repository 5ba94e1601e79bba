#include "app/preflight/unique_index.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::app {
namespace {

// Empty when none of the columns is nullable.
std::string set_not_null(const TableName& table, const std::vector<std::string>& columns,
                         const std::set<std::string>& nullable) {
  std::string actions;
  for (const auto& column : columns) {
    if (!nullable.contains(column)) continue;
    actions +=
        (actions.empty() ? "" : ", ") + fmt::format("ALTER COLUMN {} SET NOT NULL", quote_identifier(column));
  }
  return actions.empty() ? "" : fmt::format("ALTER TABLE {} {}; ", quoted(table), actions);
}

std::string using_index(const TableName& table, const std::string& index) {
  return fmt::format("ALTER TABLE {} REPLICA IDENTITY USING INDEX {};", quoted(table),
                     quote_identifier(index));
}

}  // namespace

Result<std::vector<UniqueIndex>> read_unique_indexes(postgres::Connection& connection,
                                                     std::uint32_t table_oid) {
  PENSTOCK_ASSIGN(
      const postgres::Rows rows,
      connection.query("SELECT c.relname, a.attname, a.attnotnull, i.indisprimary FROM pg_index i "
                       "JOIN pg_class c ON c.oid = i.indexrelid "
                       "CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n) "
                       "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
                       "WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate "
                       "AND i.indpred IS NULL AND i.indexprs IS NULL AND k.n <= i.indnkeyatts "
                       "ORDER BY i.indexrelid, k.n",
                       {std::to_string(table_oid)}));
  std::vector<UniqueIndex> indexes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string name = rows.string(i, 0);
    if (indexes.empty() || indexes.back().name != name) indexes.push_back({name, {}, {}, rows.truth(i, 3)});
    indexes.back().columns.push_back(rows.string(i, 1));
    if (!rows.truth(i, 2)) indexes.back().nullable.insert(rows.string(i, 1));
  }
  return indexes;
}

bool covers(const std::vector<std::string>& have, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& name) {
    return std::find(have.begin(), have.end(), name) != have.end();
  });
}

std::string quoted_list(const std::vector<std::string>& columns) {
  std::string out;
  for (const auto& column : columns) out += (out.empty() ? "" : ", ") + quote_identifier(column);
  return out;
}

std::string identity_remedy(const TableName& table, const std::vector<std::string>& needed,
                            const std::vector<UniqueIndex>& indexes, const std::set<std::string>& nullable) {
  const UniqueIndex* best = nullptr;
  for (const UniqueIndex& index : indexes) {
    if (!covers(index.columns, needed)) continue;
    if (index.primary) return fmt::format("ALTER TABLE {} REPLICA IDENTITY DEFAULT;", quoted(table));
    if (best == nullptr || index.nullable.size() < best->nullable.size()) best = &index;
  }
  if (best != nullptr)
    return set_not_null(table, best->columns, best->nullable) + using_index(table, best->name);
  const std::string name = table.name.substr(0, 50) + "_identity";
  return set_not_null(table, needed, nullable) +
         fmt::format("CREATE UNIQUE INDEX {} ON {} ({}); ", quote_identifier(name), quoted(table),
                     quoted_list(needed)) +
         using_index(table, name);
}

}  // namespace penstock::app
