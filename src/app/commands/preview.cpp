#include "app/preview/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/nearest.h"
#include "app/preflight/joins.h"
#include "base/log.h"

namespace penstock::app {
namespace {

constexpr std::size_t kTried = 1000;  // rows, to find one that `where` lets through

Result<CollectionSettings> find_collection(const Settings& settings, const std::string& name) {
  std::vector<std::string> known;
  for (const CollectionSettings& collection : settings.collections) {
    if (collection.spec.name == name) return collection;
    known.push_back(collection.spec.name);
  }
  return fail(ErrorKind::kUsage,
              fmt::format("{} has no collection \"{}\"{}", settings.file, name, did_you_mean(name, known)),
              fmt::format("collections: {}", fmt::join(known, ", ")));
}

Result<TableDescriptions> describe_tables(postgres::Connection& connection, const Settings& settings) {
  TableDescriptions tables;
  for (const Settings::Table& table : settings.tables()) {
    PENSTOCK_ASSIGN(auto described,
                    postgres::describe_table(connection, table.name, settings.source.publication, table.key));
    tables.emplace(to_string(table.name), std::move(described));
  }
  return tables;
}

}  // namespace

Status preview_command(const Settings& given, const PreviewOptions& options) {
  PENSTOCK_ASSIGN(const CollectionSettings wanted, find_collection(given, options.collection));
  Settings settings = given;
  settings.collections = {wanted};
  PENSTOCK_ASSIGN(postgres::Connection connection, postgres::Connection::open(settings.source.postgres));
  PENSTOCK_TRY(resolve_joins(settings, connection));
  const CollectionSpec& spec = settings.collections.front().spec;
  PENSTOCK_ASSIGN(const TableDescriptions tables, describe_tables(connection, settings));
  // One moment for all tables.
  PENSTOCK_TRY(connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  PENSTOCK_ASSIGN(PreviewReader reader, PreviewReader::make(spec, tables, connection));
  auto rows = options.key.empty() ? reader.read_first(kTried) : reader.read(options.key);
  if (!rows) return fail(std::move(rows).error());
  const bool found = !rows->batches.empty() && !rows->batches.front()->events.empty();
  if (!found)
    return fail(ErrorKind::kCheckFailed, options.key.empty()
                                             ? fmt::format("{} has no rows", to_string(spec.from))
                                             : fmt::format("{} has no row with key {}", to_string(spec.from),
                                                           fmt::join(options.key, ", ")));
  PENSTOCK_ASSIGN(const std::vector<std::string> documents,
                  make_documents(spec, tables, *rows, settings.file, 1));
  if (documents.empty())
    return fail(ErrorKind::kCheckFailed,
                fmt::format("\"where\" of {} lets none of {} rows of {} through", spec.name,
                            rows->batches.front()->events.size(), to_string(spec.from)));
  if (!rows->complete)
    log::warn(
        "not all rows were read: there are more than a preview looks at, and the document may lack some");
  std::fputs((indented(documents.front()) + "\n").c_str(), stdout);
  return {};
}

}  // namespace penstock::app
