#include "app/preflight/table_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/preflight/collection_checks.h"
#include "app/preflight/unique_index.h"

namespace penstock::app {
namespace {

using postgres::Connection;
using postgres::TableDescription;

// Names of the key's columns; `key:` where the description could not find one.
std::vector<std::string> key_columns(const TableDescription& table) {
  std::vector<std::string> names;
  for (const auto index : table.schema->key) names.push_back(table.schema->columns[index].name);
  return names;
}

class TableCheck {
 public:
  TableCheck(Connection& connection, const Settings& settings, const Settings::Table& table, Report& report)
      : connection_(connection),
        settings_(settings),
        table_(table),
        report_(report),
        subject_(to_string(table.name)) {}

  // Nothing where the table cannot be described.
  Result<std::optional<TableDescription>> run() {
    auto described =
        postgres::describe_table(connection_, table_.name, settings_.source.publication, table_.key);
    if (!described) {
      if (described.error().kind != ErrorKind::kConfiguration) return tl::unexpected(described.error());
      report_.fail(subject_, described.error().message, described.error().remedy);
      return std::optional<TableDescription>();
    }
    const std::size_t failures = report_.count(Outcome::kFail);
    PENSTOCK_TRY(check_rights(*described));
    PENSTOCK_TRY(check_published(*described));
    PENSTOCK_TRY(check_row_security(*described));
    PENSTOCK_TRY(check_key(*described));
    for (const CollectionSettings& collection : settings_.collections)
      if (collection.spec.from == table_.name && collection.spec.is_plain())
        check_fields(collection.spec, *described, settings_.file, report_);
    if (report_.count(Outcome::kFail) == failures) report_.ok(subject_, summary(*described));
    return std::optional<TableDescription>(std::move(*described));
  }

 private:
  std::string summary(const TableDescription& table) const {
    std::string text =
        fmt::format("key ({}), {} columns, about {:.0f} rows", fmt::join(key_columns(table), ", "),
                    table.schema->columns.size(), table.estimated_rows);
    if (!table.leaves.empty()) text += fmt::format(", {} partitions", table.leaves.size());
    if (!table.row_filter.empty()) text += ", only rows where " + table.row_filter;
    return text;
  }

  Status check_rights(const TableDescription& table) {
    PENSTOCK_ASSIGN(
        const postgres::Rows schema,
        connection_.query("SELECT has_schema_privilege($1, 'USAGE'), current_user", {table_.name.schema}));
    const std::string role = quote_identifier(schema.text(0, 1));
    if (!schema.truth(0, 0))
      report_.fail(
          subject_, "the role may not use the schema",
          fmt::format("GRANT USAGE ON SCHEMA {} TO {};", quote_identifier(table_.name.schema), role));
    std::vector<TableName> names{table_.name};
    for (const auto& leaf : table.leaves) names.push_back(leaf.name);
    for (const TableName& name : names) {
      PENSTOCK_ASSIGN(
          const postgres::Rows rows,
          connection_.query("SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c JOIN pg_namespace n "
                            "ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                            {name.schema, name.name}));
      if (rows.size() == 0 || rows.truth(0, 0)) continue;
      report_.fail(subject_, fmt::format("the role may not read {}", to_string(name)),
                   fmt::format("GRANT SELECT ON {} TO {};", quoted(name), role));
    }
    return {};
  }

  Status check_published(const TableDescription& table) {
    PENSTOCK_ASSIGN(
        const postgres::Rows exists,
        connection_.query("SELECT 1 FROM pg_publication WHERE pubname = $1", {settings_.source.publication}));
    if (table.published || exists.size() == 0) return {};
    report_.fail(subject_, fmt::format("is not in publication {}", settings_.source.publication),
                 fmt::format("ALTER PUBLICATION {} ADD TABLE {};",
                             quote_identifier(settings_.source.publication), quoted(table_.name)));
    return {};
  }

  Status check_row_security(const TableDescription& table) {
    if (!table.row_security) return {};
    PENSTOCK_ASSIGN(
        const postgres::Rows rows,
        connection_.query(
            "SELECT rolsuper OR rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user"));
    if (rows.truth(0, 0)) return {};
    report_.fail(subject_, "has row-level security, which would filter the load and not the stream",
                 fmt::format("ALTER ROLE {} BYPASSRLS;", quote_identifier(rows.text(0, 1))));
    return {};
  }

  Status check_key(const TableDescription& table) {
    PENSTOCK_ASSIGN(const auto indexes, read_unique_indexes(connection_, table.schema->oid));
    const std::vector<std::string> key = key_columns(table);
    if (key.empty()) {
      report_.fail(subject_, "has no primary key and no replica identity index",
                   "ALTER TABLE " + quoted(table_.name) +
                       " ADD PRIMARY KEY (…);  or name the columns of a unique NOT NULL "
                       "index under \"key:\"");
      return {};
    }
    if (!table_.key.empty()) check_named_key(key, indexes);
    std::vector<std::string> needed = key;
    for (const CollectionSettings& collection : settings_.collections) {
      if (collection.spec.from != table_.name) continue;
      std::vector<std::string> id;
      for (const FieldSpec& field : collection.spec.id) id.push_back(field.column);
      if (covers(id, {""})) continue;  // an expression or a document: nobody can tell
      check_id(collection.spec, id, indexes);
      if (!collection.spec.is_plain()) continue;  // the state knows the row behind a key
      for (const auto& column : id)
        if (table.schema->find(column) && !covers(needed, {column})) needed.push_back(column);
    }
    return check_identities(table, needed);
  }

  // Of what the stream names: the table, or its leaves where they are published under their own names. Rows
  // of a leaf are logged with the leaf's identity in either case.
  Status check_identities(const TableDescription& table, const std::vector<std::string>& needed) {
    const std::string& publication = settings_.source.publication;
    PENSTOCK_ASSIGN(const auto described, postgres::describe_publication(connection_, publication));
    if (table.leaves.empty() || described.via_partition_root)
      PENSTOCK_TRY(check_identity(table_.name, table.schema->oid, table.identity, needed));
    for (const auto& leaf : table.leaves)
      PENSTOCK_TRY(check_identity(leaf.name, leaf.oid, leaf.identity, needed));
    return {};
  }

  void check_named_key(const std::vector<std::string>& key, const std::vector<UniqueIndex>& indexes) {
    for (const UniqueIndex& index : indexes) {
      if (index.columns.size() != key.size() || !covers(index.columns, key)) continue;
      if (!index.nullable.empty())
        report_.fail(subject_,
                     fmt::format("columns of \"key:\" ({}) may be NULL", fmt::join(index.nullable, ", ")),
                     identity_remedy(table_.name, key, {index}, {}));
      return;
    }
    report_.fail(
        subject_,
        fmt::format("no unique index holds the columns of \"key:\" ({}) apart", fmt::join(key, ", ")),
        fmt::format("CREATE UNIQUE INDEX ON {} ({});", quoted(table_.name), quoted_list(key)));
  }

  void check_id(const CollectionSpec& spec, const std::vector<std::string>& id,
                const std::vector<UniqueIndex>& indexes) {
    if (id.empty()) return;
    const bool unique = std::any_of(indexes.begin(), indexes.end(),
                                    [&](const UniqueIndex& index) { return covers(id, index.columns); });
    if (unique) return;
    report_.warn(
        subject_,
        fmt::format(
            "no unique index holds the \"id:\" of collection \"{}\" ({}) apart: rows with the same values "
            "would share one document",
            spec.name, fmt::join(id, ", ")),
        fmt::format("CREATE UNIQUE INDEX ON {} ({});", quoted(table_.name), quoted_list(id)));
  }

  Status check_identity(const TableName& name, std::uint32_t oid, const std::vector<std::string>& identity,
                        const std::vector<std::string>& needed) {
    if (covers(identity, needed)) return {};
    PENSTOCK_ASSIGN(const auto indexes, read_unique_indexes(connection_, oid));
    PENSTOCK_ASSIGN(
        const postgres::Rows rows,
        connection_.query("SELECT attname FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT "
                          "attisdropped AND NOT attnotnull",
                          {std::to_string(oid)}));
    std::set<std::string> nullable;
    for (std::size_t i = 0; i < rows.size(); ++i) nullable.insert(rows.string(i, 0));
    report_.fail(
        subject_,
        fmt::format(
            "the replica identity of {} ({}) does not cover the columns of key and _id ({}): updates and "
            "deletes would not say which document they mean",
            to_string(name), identity.empty() ? "nothing" : fmt::format("{}", fmt::join(identity, ", ")),
            fmt::join(needed, ", ")),
        identity_remedy(name, needed, indexes, nullable));
    return {};
  }

  Connection& connection_;
  const Settings& settings_;
  const Settings::Table& table_;
  Report& report_;
  const std::string subject_;
};

}  // namespace

Result<TableDescriptions> check_tables(Connection& connection, const Settings& settings, Report& report) {
  TableDescriptions descriptions;
  for (const Settings::Table& table : settings.tables()) {
    PENSTOCK_ASSIGN(auto description, TableCheck(connection, settings, table, report).run());
    if (description) descriptions.emplace(to_string(table.name), std::move(*description));
  }
  return descriptions;
}

}  // namespace penstock::app
