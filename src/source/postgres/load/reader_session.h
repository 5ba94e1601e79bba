// One reader's session with PostgreSQL: markers, snapshots by the rule, types.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "pgtype/decoder.h"
#include "source/postgres/connection.h"
#include "source/postgres/load/loader.h"
#include "source/postgres/load/marker.h"
#include "source/postgres/load/snapshot_rule.h"
#include "source/postgres/load/table_sql.h"
#include "source/postgres/load/table_work.h"

namespace penstock::postgres {

// One thread, but for cancel().
class ReaderSession {
 public:
  ReaderSession(const LoaderOptions& options, SnapshotMailbox& mailbox)
      : options_(options), mailbox_(mailbox) {}

  Status connect();  // unless connected
  void disconnect();
  void cancel();  // any thread: ends the running statement

  Connection& connection() { return *connection_; }
  pgtype::TypeCatalog& types() { return *types_; }

  // Writes the marker in a transaction of its own.
  Status mark(MarkerKind kind, std::uint64_t attempt);

  struct Taken {
    Snapshot snapshot;
    std::int64_t micros = 0;  // when, since 1970 UTC
  };
  // Begins a REPEATABLE READ transaction that holds ACCESS SHARE on the table and whose snapshot sees all of
  // `must_see`; taken anew until it does. The lock comes first: TRUNCATE and rewrites are not seen through a
  // snapshot. kSchemaChanged when the table is not as described. After an error call rollback().
  Result<Taken> begin_read(const TableSql& sql, const TableWork& table,
                           const std::vector<std::uint32_t>& must_see, std::stop_token stop);
  Status commit() { return connection_->execute("COMMIT"); }
  void rollback();  // whatever is under way

  // A snapshot for its own sake.
  Result<Snapshot> look();

 private:
  Result<Taken> take_snapshot(const TableSql& sql, const TableWork& table);

  const LoaderOptions& options_;
  SnapshotMailbox& mailbox_;
  std::mutex mutex_;  // guards the making and ending of connection_ against cancel()
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<pgtype::TypeCatalog> types_;
};

}  // namespace penstock::postgres
