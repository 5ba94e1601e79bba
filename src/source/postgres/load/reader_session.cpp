#include "source/postgres/load/reader_session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/retry.h"

namespace penstock::postgres {
namespace {

// Chunks are read in key order through the key's index; a plan that sorts or scans reads the table once per
// chunk.
constexpr const char* kSettings =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off; "
    "SET max_parallel_workers_per_gather = 0; SET lock_timeout = '3s'";

constexpr std::chrono::seconds kReportAfter{10};

}  // namespace

Status ReaderSession::connect() {
  if (connection_) return {};
  ConnectOptions options;
  options.application_name = "penstock load";
  PENSTOCK_ASSIGN(Connection opened, Connection::open(options_.url, options));
  PENSTOCK_TRY(opened.execute(kSettings));
  std::lock_guard lock(mutex_);
  connection_ = std::make_unique<Connection>(std::move(opened));
  types_ = std::make_unique<pgtype::TypeCatalog>(type_catalog(*connection_));
  return {};
}

void ReaderSession::disconnect() {
  std::lock_guard lock(mutex_);
  types_.reset();
  connection_.reset();
}

void ReaderSession::cancel() {
  std::lock_guard lock(mutex_);
  if (connection_) connection_->cancel();
}

Status ReaderSession::mark(MarkerKind kind, std::uint64_t attempt) {
  const std::string content = connection_->literal(encode({options_.run, attempt, kind}));
  return connection_->execute(marker_sql(content));
}

void ReaderSession::rollback() {
  if (!connection_) return;
  if (!connection_->execute("ROLLBACK")) disconnect();
}

Result<Snapshot> ReaderSession::look() {
  PENSTOCK_ASSIGN(const Rows rows, connection_->query("SELECT pg_catalog.pg_current_snapshot()"));
  PENSTOCK_ASSIGN(Snapshot snapshot, parse_snapshot(rows.text(0, 0)));
  mailbox_.post(snapshot);
  return snapshot;
}

Result<ReaderSession::Taken> ReaderSession::take_snapshot(const TableSql& sql, const TableWork& table) {
  PENSTOCK_TRY(connection_->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + sql.lock()));
  PENSTOCK_ASSIGN(const Rows rows, connection_->query(sql.snapshot()));
  PENSTOCK_ASSIGN(Snapshot snapshot, parse_snapshot(rows.text(0, 0)));
  mailbox_.post(snapshot);
  if (rows.number(0, 2) != table.schema().columns.size())
    return fail(ErrorKind::kSchemaChanged,
                "the columns of " + table.name + " are not those that its load began with",
                "penstock resync PIPELINE --table " + table.name);
  return Taken{std::move(snapshot), static_cast<std::int64_t>(rows.number(0, 1))};
}

Result<ReaderSession::Taken> ReaderSession::begin_read(const TableSql& sql, const TableWork& table,
                                                       const std::vector<std::uint32_t>& must_see,
                                                       std::stop_token stop) {
  const auto began = std::chrono::steady_clock::now();
  auto report_at = began + kReportAfter;
  std::chrono::milliseconds pause{1};
  while (true) {
    PENSTOCK_ASSIGN(Taken taken, take_snapshot(sql, table));
    if (options_.unsafe_for_test.any_snapshot || taken.snapshot.sees_all(must_see)) return taken;
    PENSTOCK_TRY(connection_->execute("ROLLBACK"));
    if (std::chrono::steady_clock::now() > report_at) {
      const auto unseen = std::find_if(must_see.begin(), must_see.end(),
                                       [&](std::uint32_t xid) { return !taken.snapshot.sees(xid); });
      log::warn(
          "{}: transaction {} is in the stream but not visible yet (does its COMMIT wait for a synchronous "
          "standby?); the load waits for it",
          table.name, *unseen);
      report_at += 3 * kReportAfter;
    }
    if (table.replaced || !sleep_unless_stopped(stop, pause))
      return fail(ErrorKind::kCancelled, "the load of " + table.name + " was stopped");
    pause = std::min(pause * 2, std::chrono::milliseconds(50));
  }
}

}  // namespace penstock::postgres
