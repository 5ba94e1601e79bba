// What a record of Debezium's says of itself beside its row (Debezium documentation 3.5: "Debezium connector
// for PostgreSQL", Data change events and Transaction metadata).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "envelope/envelope.h"
#include "model/lsn.h"
#include "model/table_schema.h"

namespace penstock::envelope {

// A Kafka record, borrowed. `value` is absent in a tombstone.
struct RecordBytes {
  std::optional<std::string_view> key, value;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

// Where a record says it stands in the source.
struct Place {
  std::optional<Lsn> last_commit;  // first element of source.sequence
  std::optional<Lsn> lsn;          // its second element, or source.lsn
  bool snapshot = false;           // a row of a load: op r
  bool incremental = false;        // source.snapshot is "incremental"
  // Marked as the first, the last row of its table in a load of Debezium's.
  bool begins_load = false, ends_load = false;
  bool operator==(const Place&) const = default;
};

struct RecordHead {
  Operation operation = Operation::kCreate;
  // As the record names it; the catalog's (or ReadOptions::table) where it names none.
  TableName table;
  Place place;
  std::optional<std::uint32_t> transaction;  // PostgreSQL's xid
  std::optional<TransactionBlock> block;     // with provide.transaction.metadata
  std::int64_t commit_micros =
      0;  // source.ts_us, else of source.ts_ms, else of ts_ms; since 1970 UTC, 0: unknown
};

// Of an event in its envelope, without a look at its row: what it says of itself. Nothing: it is no such
// event.
std::optional<RecordHead> read_record_head(std::string_view value);

// A record of the transaction topic.
struct TransactionRecord {
  struct Collection {
    std::string name;  // "public.orders"
    std::uint64_t events = 0;
  };
  bool end = false;                          // END, else BEGIN
  std::string id;                            // "571:53195832": the part before the colon is PostgreSQL's xid
  std::optional<std::uint32_t> transaction;  // that part as a number
  std::uint64_t events = 0;                  // END
  std::vector<Collection> collections;       // END
  std::int64_t millis = 0;                   // ts_ms, since 1970 UTC
};
// With and without an inline schema. kBadValue for what is no such record.
Result<TransactionRecord> read_transaction_record(std::string_view value);

}  // namespace penstock::envelope
