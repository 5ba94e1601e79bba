#include <fmt/format.h>

#include <cstdio>

#include "app/commands/commands.h"
#include "app/starter/starter_pipeline.h"
#include "source/postgres/catalog.h"
#include "source/postgres/conninfo.h"

namespace penstock::app {
namespace {

// In an URL these would end the part.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace

Status init_command(const InitOptions& options) {
  PENSTOCK_ASSIGN(const auto target, postgres::read_conninfo(options.from));
  PENSTOCK_ASSIGN(postgres::Connection connection, postgres::Connection::open(options.from));
  PENSTOCK_ASSIGN(const std::vector<TableName> tables, postgres::list_tables(connection));
  if (tables.empty())
    return fail(ErrorKind::kConfiguration, fmt::format("database \"{}\" has no tables", target.database),
                "name the database in --from");
  StarterDatabase database;
  database.name = target.database;
  database.url = fmt::format("postgresql://{}@{}:{}/{}", escaped(target.user), escaped(target.host),
                             target.port, escaped(target.database));
  for (const TableName& name : tables) {
    PENSTOCK_ASSIGN(const auto described, postgres::describe_table(connection, name, "", {}));
    StarterTable table{name, {}, {}};
    for (const Column& column : described.schema->columns) table.columns.push_back(column.name);
    for (const auto index : described.schema->key) table.key.push_back(table.columns[index]);
    database.tables.push_back(std::move(table));
  }
  PENSTOCK_ASSIGN(database.keys, postgres::describe_foreign_keys(connection, tables));
  std::fputs(starter_pipeline(database).c_str(), stdout);
  return {};
}

}  // namespace penstock::app
