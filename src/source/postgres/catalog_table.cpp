#include <algorithm>
#include <cstdlib>
#include <set>

#include "source/postgres/catalog.h"

namespace penstock::postgres {
namespace {

// What the publication says of the table, or of its leaves where those are published under their own names.
struct Published {
  bool any = false;
  std::set<std::string> columns;
  std::string row_filter;
  std::string marks;  // OIDs of the publication and its entries, flags, lists and filters
};

constexpr const char* kClassSql =
    "SELECT c.oid, c.relkind, c.relreplident, c.relrowsecurity, greatest(c.reltuples, 0)::bigint FROM "
    "pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";

constexpr const char* kColumnsSql =
    "SELECT attname, atttypid, atttypmod, format_type(atttypid, atttypmod), attgenerated, attnotnull, "
    "attstorage <> 'p' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = attrelid AND (c.reltoastrelid <> 0 "
    "OR "
    "c.relkind = 'p')) FROM pg_attribute "
    "WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

// The table and its leaves, each with its replica identity's columns, file and the marks that ALTER COLUMN
// leaves.
constexpr const char* kMembersSql =
    "WITH members AS (SELECT $1::oid AS oid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass) "
    "WHERE isleaf) "
    "SELECT c.oid, n.nspname, c.relname, c.relreplident, greatest(c.reltuples, 0)::bigint, "
    "coalesce(pg_relation_filenode(c.oid), 0), "
    "(SELECT md5(string_agg(a.xmin::text, ',' ORDER BY a.attnum)) FROM pg_attribute a "
    " WHERE a.attrelid = c.oid AND a.attnum > 0), "
    "c.relkind FROM members m JOIN pg_class c ON c.oid = m.oid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "ORDER BY c.oid";

constexpr const char* kIndexColumnsSql =
    "SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, "
    "n) "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
    "WHERE i.indrelid = $1 AND k.n <= i.indnkeyatts AND CASE $2 WHEN 'primary' THEN i.indisprimary "
    "ELSE i.indisreplident END ORDER BY k.n";

constexpr const char* kPublishedSql =
    "SELECT p.oid, concat(p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot), "
    "coalesce(t.rowfilter, ''), array_to_string(t.attnames, E'\\x01'), "
    "coalesce((SELECT string_agg(r.oid::text, ',' ORDER BY r.oid) FROM pg_publication_rel r WHERE r.prpubid "
    "= p.oid "
    " AND r.prrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid) UNION SELECT c.oid)), '') "
    "FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname "
    "JOIN pg_namespace n ON n.nspname = t.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname "
    "= "
    "t.tablename WHERE p.pubname = $1 AND c.oid = ANY($2::oid[]) ORDER BY c.oid";

Result<std::vector<std::string>> index_columns(Connection& connection, std::uint32_t oid, const char* which) {
  PENSTOCK_ASSIGN(const Rows rows, connection.query(kIndexColumnsSql, {std::to_string(oid), which}));
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < rows.size(); ++i) columns.push_back(rows.string(i, 0));
  return columns;
}

Result<std::vector<std::string>> identity_columns(Connection& connection, std::uint32_t oid, char identity,
                                                  const std::vector<Column>& all) {
  std::vector<std::string> columns;
  if (identity == 'n') return columns;
  if (identity == 'd') return index_columns(connection, oid, "primary");
  if (identity == 'i') return index_columns(connection, oid, "identity");
  for (const Column& column : all) columns.push_back(column.name);
  return columns;
}

std::set<std::string> split(std::string_view list) {
  std::set<std::string> parts;
  while (!list.empty()) {
    const auto end = std::min(list.find('\x01'), list.size());
    parts.emplace(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

Result<Published> read_published(Connection& connection, const TableName& table,
                                 const std::string& publication, const std::vector<std::uint32_t>& oids) {
  std::string list = "{";
  for (const auto oid : oids) list += (list.size() > 1 ? "," : "") + std::to_string(oid);
  PENSTOCK_ASSIGN(const Rows rows, connection.query(kPublishedSql, {publication, list + "}"}));
  Published result;
  std::set<std::string> entries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto columns = split(rows.text(i, 3));
    if (result.any && (columns != result.columns || result.row_filter != rows.text(i, 2)))
      return fail(
          ErrorKind::kConfiguration,
          "publication " + publication + " gives the partitions of " + to_string(table) +
              " different column lists or row filters",
          "ALTER PUBLICATION " + quote_identifier(publication) + " SET (publish_via_partition_root = true);");
    result.any = true;
    result.columns = columns;
    result.row_filter = rows.string(i, 2);
    entries.insert(rows.string(i, 0) + "/" + rows.string(i, 1) + "/" + rows.string(i, 4));
  }
  for (const auto& entry : entries) result.marks += entry + ";";
  for (const auto& column : result.columns) result.marks += column + ",";
  result.marks += result.row_filter;
  return result;
}

Result<std::vector<std::uint16_t>> find_key(const TableSchema& schema,
                                            const std::vector<std::string>& names) {
  std::vector<std::uint16_t> key;
  for (const auto& name : names) {
    const auto index = schema.find(name);
    if (!index)
      return fail(ErrorKind::kConfiguration,
                  "key column \"" + name + "\" of " + to_string(schema.table) +
                      " does not exist or is not in the publication's column list",
                  "add the column to the publication's list, or name other columns under `key:`");
    key.push_back(*index);
  }
  return key;
}

Result<std::vector<Column>> read_columns(Connection& connection, std::uint32_t oid, const Rows& attributes) {
  pgtype::TypeCatalog types = type_catalog(connection);
  PENSTOCK_ASSIGN(auto details, describe_columns(connection, oid));
  std::vector<Column> columns;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto type = static_cast<std::uint32_t>(attributes.number(i, 1));
    PENSTOCK_ASSIGN(const std::uint32_t base, pgtype::base_type(type, types));
    columns.push_back({attributes.string(i, 0), type, std::atoi(attributes.string(i, 2).c_str()),
                       attributes.string(i, 3), base, attributes.text(i, 5) == "t",
                       std::move(details[attributes.string(i, 0)]), attributes.text(i, 6) == "t"});
  }
  return columns;
}

struct Marks {
  std::string leaves, files, attributes;
};

Status read_members(Connection& connection, TableDescription& table, std::uint32_t oid,
                    const std::vector<Column>& columns, Marks& marks) {
  PENSTOCK_ASSIGN(const Rows members, connection.query(kMembersSql, {std::to_string(oid)}));
  for (std::size_t i = 0; i < members.size(); ++i) {
    table.estimated_rows += static_cast<double>(members.number(i, 4));
    marks.files += members.string(i, 0) + ":" + members.string(i, 5) + ",";
    marks.attributes += members.string(i, 0) + ":" + members.string(i, 6) + ",";
    const auto member = static_cast<std::uint32_t>(members.number(i, 0));
    if (member == oid) continue;
    marks.leaves += members.string(i, 0) + ":,";
    const char identity = members.text(i, 3).front();
    PENSTOCK_ASSIGN(auto names, identity_columns(connection, member, identity, columns));
    table.leaves.push_back(
        {member, {members.string(i, 1), members.string(i, 2)}, identity, std::move(names)});
  }
  return {};
}

}  // namespace

Result<TableDescription> describe_table(Connection& connection, const TableName& name,
                                        const std::string& publication, const std::vector<std::string>& key) {
  PENSTOCK_ASSIGN(const Rows found, connection.query(kClassSql, {name.schema, name.name}));
  if (found.size() == 0)
    return fail(ErrorKind::kConfiguration, "table " + to_string(name) + " does not exist",
                "check `from:` in the pipeline file, and the database in source.postgres");
  TableDescription table;
  table.kind = found.text(0, 1).front();
  if (table.kind != 'r' && table.kind != 'p')
    return fail(ErrorKind::kConfiguration,
                to_string(name) + " is not a table: views and foreign tables have no change stream",
                "name the table behind it under `from:`");
  const auto oid = static_cast<std::uint32_t>(found.number(0, 0));
  auto schema = std::make_shared<TableSchema>();
  schema->table = name;
  schema->oid = oid;
  schema->replica_identity = found.text(0, 2).front();
  table.row_security = found.truth(0, 3);

  PENSTOCK_ASSIGN(const Rows attributes, connection.query(kColumnsSql, {std::to_string(oid)}));
  PENSTOCK_ASSIGN(const std::vector<Column> all, read_columns(connection, oid, attributes));
  Marks marks;
  PENSTOCK_TRY(read_members(connection, table, oid, all, marks));
  std::vector<std::uint32_t> oids{oid};
  for (const auto& leaf : table.leaves) oids.push_back(leaf.oid);
  PENSTOCK_ASSIGN(const Published published, read_published(connection, name, publication, oids));
  table.published = published.any;
  table.row_filter = published.row_filter;

  // Before version 18 no publication sends generated columns, whatever its list says.
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool generated = !attributes.text(i, 4).empty();
    table.has_generated = table.has_generated || generated;
    if (generated && (connection.server_version() < 180000 || !published.any)) continue;
    if (!published.any || published.columns.contains(all[i].name)) schema->columns.push_back(all[i]);
  }
  PENSTOCK_ASSIGN(table.identity,
                  identity_columns(connection, oid, schema->replica_identity, schema->columns));
  PENSTOCK_ASSIGN(const auto primary, index_columns(connection, oid, "primary"));
  table.has_primary_key = !primary.empty();
  const auto& names = !key.empty()                                            ? key
                      : (!primary.empty() || schema->replica_identity != 'i') ? primary
                                                                              : table.identity;
  PENSTOCK_ASSIGN(schema->key, find_key(*schema, names));

  std::string key_list;
  for (const auto& column : names) key_list += column + ",";
  table.fingerprint = "columns " + schema->fingerprint() + "\nkey " + key_list + "\npublication " +
                      published.marks + "\nleaves " + marks.leaves + "\nfiles " + marks.files +
                      "\nattributes " + marks.attributes;
  table.schema = std::move(schema);
  return table;
}

}  // namespace penstock::postgres
