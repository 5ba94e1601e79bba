// A temporary replication slot with the snapshot that belongs to its first position (PostgreSQL manual:
// "Streaming Replication Protocol", CREATE_REPLICATION_SLOT; "Snapshot Synchronization Functions").
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/lsn.h"
#include "source/postgres/connection.h"

namespace penstock::postgres {

// The slot ends with its connection. The snapshot can be imported until the connection runs another command.
struct SnapshotSlot {
  Connection connection;  // a walsender
  std::string name;
  Lsn consistent_point;  // the snapshot shows what committed before it, the slot streams what came after
  std::string snapshot;
};

// PostgreSQL answers once the transactions have ended that run when it is asked: who is in the way is said in
// the log, by way of `catalog`. kPostgresRefused with the remedy when no slot or walsender is free;
// kCancelled when stopped.
Result<SnapshotSlot> create_snapshot_slot(const std::string& url, Connection& catalog, std::stop_token stop);

}  // namespace penstock::postgres
