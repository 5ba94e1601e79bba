#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "app/commands/commands.h"
#include "app/commands/sql_plan.h"
#include "base/log.h"
#include "source/postgres/catalog.h"
#include "source/postgres/conninfo.h"

namespace penstock::app {
namespace {

using postgres::Connection;

class Setup {
 public:
  Setup(const Settings& settings, const SetupOptions& options) : settings_(settings), options_(options) {}

  Status run() {
    PENSTOCK_ASSIGN(target_, postgres::read_conninfo(settings_.source.postgres));
    PENSTOCK_TRY(connect());
    plan_.use(connection(), target_.database);
    PENSTOCK_TRY(run_sql_file());
    PENSTOCK_TRY(read_tables());
    PENSTOCK_TRY(make_role());
    PENSTOCK_TRY(grant_rights());
    PENSTOCK_TRY(make_publication());
    return finish();
  }

 private:
  Connection* connection() { return connection_ ? &*connection_ : nullptr; }

  // Whether `sql`, with its parameters, finds true. False without a connection.
  Result<bool> holds(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
    if (!connection_) return false;
    PENSTOCK_ASSIGN(const postgres::Rows rows, connection_->query(sql, parameters));
    return rows.size() > 0 && rows.truth(0, 0);
  }

  Status connect() {
    if (!options_.admin.empty()) return connect_as_admin();
    auto opened = Connection::open(settings_.source.postgres);
    if (opened) {
      connection_ = std::move(*opened);
      return {};
    }
    if (opened.error().kind != ErrorKind::kPostgresRefused) return fail(opened.error());
    log::warn("{}", opened.error().message);
    if (options_.create_database) {
      plan_.use(nullptr, "postgres");
      return plan_.run(create_database_sql());
    }
    return {};
  }

  Status connect_as_admin() {
    PENSTOCK_ASSIGN(const auto own, postgres::read_conninfo(options_.admin));
    if (own.host != target_.host || own.port != target_.port)
      log::warn("--admin connects to {}:{}, the pipeline to {}:{}", own.host, own.port, target_.host,
                target_.port);
    PENSTOCK_ASSIGN(Connection admin, Connection::open(options_.admin));
    PENSTOCK_ASSIGN(const postgres::Rows rows,
                    admin.query("SELECT 1 FROM pg_database WHERE datname = $1", {target_.database}));
    if (rows.size() == 0) {
      if (!options_.create_database)
        return fail(ErrorKind::kConfiguration,
                    fmt::format("database \"{}\" does not exist", target_.database),
                    "add --create-database, or name another one in source.postgres");
      plan_.use(&admin, own.database);
      PENSTOCK_TRY(plan_.run(create_database_sql()));
      if (plan_.refused() > 0) return {};
    }
    PENSTOCK_ASSIGN(const std::string url, postgres::with_database(options_.admin, target_.database));
    PENSTOCK_ASSIGN(connection_, Connection::open(url));
    return {};
  }

  std::string create_database_sql() const {
    return fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'",
                       quote_identifier(target_.database));
  }

  Status run_sql_file() {
    if (options_.sql.empty()) return {};
    std::ifstream stream(options_.sql, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream.is_open() || text.empty())
      return fail(ErrorKind::kUsage, fmt::format("{} cannot be read or is empty", options_.sql));
    return plan_.run_file(text, options_.sql);
  }

  // The tables and their leaves. With an SQL file that could not be run they may not be there yet.
  Status read_tables() {
    for (const Settings::Table& table : settings_.tables()) {
      wanted_.push_back(table.name);
      readable_.push_back(table.name);
      if (!connection_) continue;
      auto described = postgres::describe_table(*connection_, table.name, settings_.source.publication, {});
      if (!described && described.error().kind == ErrorKind::kConfiguration && plan_.refused() > 0) continue;
      if (!described)
        return fail(described.error().kind, described.error().message,
                    described.error().remedy + "; --sql FILE runs a script that makes tables");
      if (described->published) published_.insert(table.name);
      for (const auto& leaf : described->leaves) readable_.push_back(leaf.name);
    }
    return {};
  }

  Status make_role() {
    const std::string role = quote_identifier(target_.user);
    const std::string password = target_.password.empty() ? "" : " PASSWORD " + sql_literal(target_.password);
    PENSTOCK_ASSIGN(const bool exists, holds("SELECT true FROM pg_roles WHERE rolname = $1", {target_.user}));
    if (!exists) return plan_.run(fmt::format("CREATE ROLE {} LOGIN REPLICATION{}", role, password));
    PENSTOCK_ASSIGN(const bool enough,
                    holds("SELECT rolsuper OR (rolcanlogin AND rolreplication) FROM pg_roles "
                          "WHERE rolname = $1",
                          {target_.user}));
    return enough ? Status() : plan_.run(fmt::format("ALTER ROLE {} LOGIN REPLICATION", role));
  }

  // GRANT `right` unless `sql`, asked of the role and the object, says that it is there.
  Status grant(const std::string& right, const std::string& object, const std::string& sql,
               const std::string& name) {
    PENSTOCK_ASSIGN(const bool role_exists,
                    holds("SELECT true FROM pg_roles WHERE rolname = $1", {target_.user}));
    if (role_exists) {
      PENSTOCK_ASSIGN(const bool granted, holds(sql, {target_.user, name}));
      if (granted) return {};
    }
    return plan_.run(fmt::format("GRANT {} ON {} TO {}", right, object, quote_identifier(target_.user)));
  }

  Status grant_rights() {
    PENSTOCK_TRY(grant("CONNECT", "DATABASE " + quote_identifier(target_.database),
                       "SELECT has_database_privilege($1, $2, 'CONNECT')", target_.database));
    std::set<std::string> schemas;
    for (const TableName& table : readable_) {
      if (!schemas.insert(table.schema).second) continue;
      PENSTOCK_TRY(grant("USAGE", "SCHEMA " + quote_identifier(table.schema),
                         "SELECT has_schema_privilege($1, oid, 'USAGE') FROM pg_namespace WHERE nspname = $2",
                         table.schema));
    }
    for (const TableName& table : readable_)
      PENSTOCK_TRY(grant("SELECT", quoted(table), "SELECT has_table_privilege($1, to_regclass($2), 'SELECT')",
                         quoted(table)));
    return {};
  }

  Status make_publication() {
    const std::string name = quote_identifier(settings_.source.publication);
    PENSTOCK_ASSIGN(const bool exists, holds("SELECT true FROM pg_publication WHERE pubname = $1",
                                             {settings_.source.publication}));
    std::string missing;
    for (const TableName& table : wanted_)
      if (!exists || !published_.contains(table)) missing += (missing.empty() ? "" : ", ") + quoted(table);
    if (missing.empty()) return {};
    return plan_.run(exists ? fmt::format("ALTER PUBLICATION {} ADD TABLE {}", name, missing)
                            : fmt::format("CREATE PUBLICATION {} FOR TABLE {}", name, missing));
  }

  Status finish() {
    if (plan_.refused() > 0) {
      plan_.print_refused();
      return fail(ErrorKind::kPostgresRefused,
                  fmt::format("{} statements need an administrator", plan_.refused()),
                  fmt::format("run the SQL above, or: penstock setup {} --admin URL", settings_.file));
    }
    std::printf(
        "Ready: role \"%s\", its rights and publication \"%s\" in database \"%s\". Next: penstock check %s\n",
        target_.user.c_str(), settings_.source.publication.c_str(), target_.database.c_str(),
        settings_.file.c_str());
    return {};
  }

  const Settings& settings_;
  const SetupOptions& options_;
  postgres::Conninfo target_;
  std::optional<Connection> connection_;  // to the pipeline's database
  SqlPlan plan_;
  std::vector<TableName> wanted_;    // in the publication
  std::vector<TableName> readable_;  // and their leaves
  std::set<TableName> published_;
};

}  // namespace

Status setup_command(const Settings& settings, const SetupOptions& options) {
  return Setup(settings, options).run();
}

}  // namespace penstock::app
