#include "app/preflight/postgres_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

using postgres::Connection;

constexpr int kOldestVersion = 150000;  // row filters and column lists of publications

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void check_version(const postgres::ServerDescription& server, Report& report) {
  const std::string version = fmt::format("{}.{}", server.version / 10000, server.version % 10000);
  if (server.version < kOldestVersion)
    report.fail("PostgreSQL", "version " + version + " is older than 15", "upgrade the server");
  else
    report.ok("PostgreSQL",
              fmt::format("version {}, database \"{}\", role \"{}\"", version, server.database, server.role));
  if (server.in_recovery)
    report.fail("primary", "this server is a standby: a first load cannot write its markers there",
                "let source.postgres name the primary");
  if (server.wal_level != "logical")
    report.fail("wal_level", fmt::format("is {}; logical replication needs logical", server.wal_level),
                "ALTER SYSTEM SET wal_level = logical;  then restart PostgreSQL");
  else
    report.ok("wal_level", "logical");
  if (server.encoding == "SQL_ASCII")
    report.fail("encoding",
                "the database is SQL_ASCII: its texts have no known encoding and MongoDB needs UTF-8",
                "move the data to a database made with ENCODING 'UTF8'");
  else
    report.ok("encoding", server.encoding == "UTF8" ? "UTF8" : server.encoding + ", converted by PostgreSQL");
}

Status check_limits(Connection& connection, bool slot_exists, Report& report) {
  PENSTOCK_ASSIGN(const postgres::Rows rows,
                  connection.query(
                      "SELECT (SELECT count(*) FROM pg_replication_slots), "
                      "current_setting('max_replication_slots')::int, "
                      "(SELECT count(*) FROM pg_stat_replication), current_setting('max_wal_senders')::int"));
  const auto slots = rows.number(0, 0), most_slots = rows.number(0, 1);
  const auto senders = rows.number(0, 2), most_senders = rows.number(0, 3);
  if (!slot_exists && slots >= most_slots)
    report.fail(
        "slots", fmt::format("all {} replication slots are taken", most_slots),
        fmt::format("ALTER SYSTEM SET max_replication_slots = {};  then restart PostgreSQL", most_slots + 5));
  else
    report.ok("slots", fmt::format("{} of {} replication slots in use", slots, most_slots));
  if (senders >= most_senders)
    report.fail(
        "walsenders", fmt::format("all {} walsenders are taken", most_senders),
        fmt::format("ALTER SYSTEM SET max_wal_senders = {};  then restart PostgreSQL", most_senders + 5));
  else
    report.ok("walsenders", fmt::format("{} of {} in use", senders, most_senders));
  return {};
}

Status check_role(Connection& connection, const std::string& role, Report& report) {
  PENSTOCK_ASSIGN(
      const postgres::Rows rows,
      connection.query(
          "SELECT rolreplication OR rolsuper, rolsuper FROM pg_roles WHERE rolname = current_user"));
  if (!rows.truth(0, 0))
    report.fail("role " + role, "may not replicate",
                fmt::format("ALTER ROLE {} REPLICATION;", quote_identifier(role)));
  else if (rows.truth(0, 1))
    report.warn("role " + role, "is a superuser; REPLICATION and SELECT on the tables are enough",
                "penstock setup makes such a role");
  else
    report.ok("role " + role, "may replicate");
  return {};
}

Status check_synchronous(Connection& connection, Report& report) {
  PENSTOCK_ASSIGN(const postgres::Rows rows,
                  connection.query("SELECT current_setting('synchronous_standby_names'), "
                                   "current_setting('application_name')"));
  if (!names_standby(rows.text(0, 0), rows.text(0, 1))) return {};
  report.fail(
      "synchronous standby",
      fmt::format(
          "synchronous_standby_names = '{}' counts this pipeline (application_name {}): commits would wait "
          "for MongoDB",
          rows.text(0, 0), rows.text(0, 1)),
      "ALTER SYSTEM SET synchronous_standby_names = …;  with the names of the real standbys only, then "
      "SELECT "
      "pg_reload_conf();");
  return {};
}

void check_slot(const postgres::SlotDescription& slot, const std::string& name, const std::string& database,
                Report& report) {
  const std::string subject = "slot " + name;
  const std::string drop = fmt::format("SELECT pg_drop_replication_slot('{}');", name);
  if (!slot.exists)
    report.ok(subject, "not there yet; load or run makes it");
  else if (slot.plugin != "pgoutput" || slot.database != database)
    report.fail(subject,
                fmt::format("belongs to plugin \"{}\" in database \"{}\"", slot.plugin, slot.database),
                "name another slot under source.slot, or, if nothing needs it: " + drop);
  else if (slot.wal_status == "lost" || !slot.invalidation_reason.empty())
    report.fail(subject,
                fmt::format("was invalidated{}: the changes it kept are gone",
                            slot.invalidation_reason.empty() ? "" : " (" + slot.invalidation_reason + ")"),
                drop + "  then: penstock resync PIPELINE");
  else if (slot.wal_status == "unreserved")
    report.warn(subject, "is about to be invalidated: it keeps more WAL than max_slot_wal_keep_size",
                "let penstock run catch up, or raise max_slot_wal_keep_size");
  else
    report.ok(subject,
              slot.active ? fmt::format("read by process {}", slot.active_pid) : "there, not being read");
}

}  // namespace

bool names_standby(std::string_view synchronous_standby_names, std::string_view application_name) {
  std::string_view list = synchronous_standby_names;
  // PostgreSQL manual: [FIRST | ANY] number ( name, … ), or the names alone.
  if (const std::size_t open = list.find('('); open != std::string_view::npos) {
    list = list.substr(open + 1);
    list = list.substr(0, list.rfind(')'));
  }
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    while (!name.empty() && (name.front() == ' ' || name.front() == '"')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '"')) name.remove_suffix(1);
    if (name == "*" || (!name.empty() && lower(name) == lower(application_name))) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Status check_server(Connection& connection, const Settings& settings, Report& report) {
  PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
  check_version(server, report);
  PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(connection, settings.source.slot));
  PENSTOCK_TRY(check_limits(connection, slot.exists, report));
  PENSTOCK_TRY(check_role(connection, server.role, report));
  PENSTOCK_TRY(check_synchronous(connection, report));
  check_slot(slot, settings.source.slot, server.database, report);
  return {};
}

Status check_publication(Connection& connection, const Settings& settings, Report& report) {
  const std::string& name = settings.source.publication;
  const std::string subject = "publication " + name;
  PENSTOCK_ASSIGN(const auto publication, postgres::describe_publication(connection, name));
  if (!publication.exists) {
    std::string tables;
    for (const auto& table : settings.tables()) tables += (tables.empty() ? "" : ", ") + quoted(table.name);
    report.fail(subject, "does not exist",
                fmt::format("CREATE PUBLICATION {} FOR TABLE {};  or: penstock setup {} --admin URL",
                            quote_identifier(name), tables, settings.file));
  } else if (publication.publishes != "insert,update,delete,truncate") {
    report.fail(
        subject,
        fmt::format("publishes {} only", publication.publishes.empty() ? "nothing" : publication.publishes),
        fmt::format("ALTER PUBLICATION {} SET (publish = 'insert, update, delete, truncate');",
                    quote_identifier(name)));
  } else {
    report.ok(subject,
              fmt::format(
                  "{}{}",
                  publication.all_tables ? "all tables" : fmt::format("{} tables", publication.tables.size()),
                  publication.via_partition_root ? ", partitions under their root" : ""));
  }
  return {};
}

}  // namespace penstock::app
