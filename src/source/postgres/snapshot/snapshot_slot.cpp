#include "source/postgres/snapshot/snapshot_slot.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "base/log.h"

namespace penstock::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kReportAfter{3};
constexpr std::chrono::seconds kReportEvery{30};
constexpr int kLookMillis = 200;

// Without pg_monitor other roles' transactions are not shown.
constexpr const char* kRunningSql =
    "SELECT coalesce(string_agg(who, ', '), 'transactions that this role may not see') FROM ("
    "(SELECT concat('pid ', pid, ' (', application_name, ', ', state, ', since ', xact_start, ')') AS who "
    "FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start "
    "LIMIT 5) "
    "UNION ALL (SELECT concat('prepared transaction ', gid) FROM pg_prepared_xacts ORDER BY prepared LIMIT "
    "5)) b";

std::string slot_name() {
  const auto now = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
  return fmt::format("penstock_verify_{}_{:x}", getpid(), now % 0x1000000);
}

void report(Connection& catalog) {
  const auto rows = catalog.query(kRunningSql);
  log::info("waiting for transactions to end that were running when the comparison began: {}",
            rows && rows->size() == 1 ? rows->string(0, 0) : "unknown");
}

Status await(Connection& connection, Connection& catalog, std::stop_token stop) {
  auto report_at = Clock::now() + kReportAfter;
  while (PQisBusy(connection.raw()) != 0) {
    pollfd socket{PQsocket(connection.raw()), POLLIN, 0};
    poll(&socket, 1, kLookMillis);
    if (stop.stop_requested()) {
      connection.cancel();
      return fail(ErrorKind::kCancelled, "stopped while waiting for running transactions to end");
    }
    if (PQconsumeInput(connection.raw()) == 0) return fail(connection.last_error("making a slot"));
    if (Clock::now() < report_at) continue;
    report(catalog);
    report_at = Clock::now() + kReportEvery;
  }
  return {};
}

Error refused(Error error, bool slots) {
  error.kind = ErrorKind::kPostgresRefused;
  error.remedy = fmt::format(
      "the comparison needs a replication slot of its own while it runs: raise {} by one, or end "
      "one that is not needed",
      slots ? "max_replication_slots" : "max_wal_senders");
  return error;
}

}  // namespace

Result<SnapshotSlot> create_snapshot_slot(const std::string& url, Connection& catalog, std::stop_token stop) {
  auto opened = Connection::open(url, {true, "penstock verify", 10});
  if (!opened && opened.error().message.find("max_wal_senders") != std::string::npos)
    return fail(refused(std::move(opened).error(), false));
  if (!opened) return fail(std::move(opened).error());
  const std::string name = slot_name();
  const std::string sql =
      "CREATE_REPLICATION_SLOT " + name + " TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')";
  if (PQsendQuery(opened->raw(), sql.c_str()) == 0) return fail(opened->last_error(sql));
  PENSTOCK_TRY(await(*opened, catalog, stop));
  PGresult* result = PQgetResult(opened->raw());
  const Rows rows(result);
  if (PQresultStatus(result) != PGRES_TUPLES_OK || rows.size() != 1) {
    const std::string text = result != nullptr ? PQresultErrorMessage(result) : "no answer";
    Error error = make_error(ErrorKind::kPostgresRefused, "PostgreSQL: " + text + " while running: " + sql);
    if (PQstatus(opened->raw()) != CONNECTION_OK) error.kind = ErrorKind::kPostgresUnavailable;
    if (text.find("all replication slots are in use") != std::string::npos)
      return fail(refused(std::move(error), true));
    return fail(std::move(error));
  }
  PENSTOCK_ASSIGN(const Lsn point, parse_lsn(rows.text(0, 1)));
  std::string snapshot = rows.string(0, 2);
  while (PGresult* more = PQgetResult(opened->raw())) PQclear(more);
  return SnapshotSlot{std::move(*opened), name, point, std::move(snapshot)};
}

}  // namespace penstock::postgres
