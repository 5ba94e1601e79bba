// The offset of a Debezium connector for PostgreSQL, as a position and back (Debezium 3.5's
// PostgresOffsetContext and WalPositionLocator say what its fields mean).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "app/connector/offset_file.h"
#include "backbone/transaction_monitor.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "model/position.h"

namespace penstock::app {

struct DebeziumOffset {
  std::optional<Lsn> lsn;         // of the newest record
  std::optional<Lsn> lsn_proc;    // of the newest change that needs no more of the stream to be complete
  std::optional<Lsn> lsn_commit;  // the end of the newest transaction that is written whole
  std::uint32_t transaction = 0;  // of the newest record
  std::string message_type;  // of the newest record: INSERT, …, BEGIN, COMMIT, MESSAGE; empty: not said
  bool in_snapshot = false;  // the first load is not complete
  std::map<std::string, std::uint64_t> events;  // of the open transaction, with provide.transaction.metadata
  std::optional<std::uint64_t> events_at_lsn;   // Debezium 3.6 and later

  // All transactions that end at or before it are written.
  Position position() const;
  // What is written of the transaction after it; no tables.
  WrittenBefore written() const;
  backbone::TransactionMonitor::Open open() const;
};

// kConfiguration for what is no offset of Debezium's connector for PostgreSQL.
Result<DebeziumOffset> parse_debezium_offset(const std::string& json);

// Of this connector and prefix. kConfiguration with what there is when there is none. `any_name`: the
// connector's name is not known.
Result<DebeziumOffset> find_debezium_offset(const ConnectOffsets& offsets, const std::string& connector,
                                            const std::string& prefix, bool any_name);

// The body of PATCH /connectors/NAME/offsets with which Debezium goes on at `position`, which is inside no
// transaction. `last_commit_micros` since 1970 UTC.
std::string debezium_offsets_json(const std::string& prefix, const Position& position,
                                  std::int64_t last_commit_micros);

}  // namespace penstock::app
