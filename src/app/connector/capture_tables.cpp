#include "app/connector/capture_tables.h"

#include <algorithm>
#include <string>

#include "base/log.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

using postgres::Connection;

std::string list_of(const std::vector<TableName>& tables) {
  std::string list;
  for (const TableName& table : tables) list += (list.empty() ? "" : ", ") + quoted(table);
  return list;
}

Status make_publication(Connection& connection, const CaptureSettings& capture,
                        const std::vector<TableName>& chosen) {
  const std::string name = quote_identifier(capture.source.publication);
  std::string sql = "CREATE PUBLICATION " + name;
  if (capture.publication_scope == PublicationScope::kAllTables) sql += " FOR ALL TABLES";
  if (capture.publication_scope == PublicationScope::kTables) sql += " FOR TABLE " + list_of(chosen);
  if (capture.publication_scope == PublicationScope::kNever)
    return fail(ErrorKind::kConfiguration, "publication " + capture.source.publication + " does not exist",
                sql + " FOR TABLE " + list_of(chosen) + ";");
  if (Status made = connection.execute(sql); !made)
    return fail(ErrorKind::kPostgresRefused,
                "publication " + capture.source.publication +
                    " does not exist and this role may not make it: " + made.error().message,
                "as a role that may: " + sql + ";");
  log::info("made publication {}", capture.source.publication);
  return {};
}

}  // namespace

Result<std::vector<Settings::Table>> choose_tables(Connection& connection, const CaptureSettings& capture) {
  PENSTOCK_ASSIGN(const std::vector<TableName> all, postgres::list_tables(connection));
  std::vector<TableName> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
               [&](const TableName& table) { return capture.choice.takes(table); });
  PENSTOCK_ASSIGN(auto publication, describe_publication(connection, capture.source.publication));
  if (!publication.exists) {
    PENSTOCK_TRY(make_publication(connection, capture, chosen));
    PENSTOCK_ASSIGN(publication, describe_publication(connection, capture.source.publication));
  }
  std::vector<Settings::Table> tables;
  for (const TableName& table : publication.tables)
    if (capture.choice.takes(table)) tables.push_back({table, {}, {}, false});
  for (const TableName& table : chosen) {
    if (std::find(publication.tables.begin(), publication.tables.end(), table) != publication.tables.end())
      continue;
    // A partitioned table may be there by its leaves.
    PENSTOCK_ASSIGN(const auto description,
                    describe_table(connection, table, capture.source.publication, {}));
    if (!description.published)
      log::warn(
          "table {} is chosen, but publication {} does not carry it: nothing of it is captured. "
          "ALTER PUBLICATION {} ADD TABLE {};",
          to_string(table), capture.source.publication, quote_identifier(capture.source.publication),
          quoted(table));
  }
  if (!tables.empty()) return tables;
  return fail(
      ErrorKind::kConfiguration,
      capture.file + ": none of the tables of publication " + capture.source.publication + " is chosen",
      "correct table.include.list, or add tables to the publication");
}

Result<std::vector<TableName>> captured_tables(Connection& connection, const CaptureSettings& capture) {
  std::vector<TableName> tables;
  if (!capture.by_choice) {
    for (const auto& table : capture.tables) tables.push_back(table.name);
    return tables;
  }
  PENSTOCK_ASSIGN(const auto publication, describe_publication(connection, capture.source.publication));
  for (const TableName& table : publication.tables)
    if (capture.choice.takes(table)) tables.push_back(table);
  return tables;
}

}  // namespace penstock::app
