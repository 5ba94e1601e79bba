// What a source hands to the projector: changes in stream order, a chunk of a table being loaded, or a step
// of a load.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/arena.h"
#include "model/checkpoint.h"
#include "model/lsn.h"
#include "model/places.h"
#include "model/position.h"
#include "model/rejected_record.h"
#include "model/table_schema.h"
#include "model/value.h"

namespace penstock {

enum class EventKind : std::uint8_t {
  kInsert,
  kUpdate,
  kDelete,
  kTruncate,
  kCommit,    // ends a source transaction; position.through_lsn is the COMMIT's end
  kProgress,  // idle: nothing published up to position.through_lsn
  kLoad,      // a row of a chunk, merged with the stream up to the chunk's high marker
  kMessage,   // of pg_logical_emit_message: `after` is its prefix (Text) and its content (Bytes); no schema
  kAbsent,    // a key a chunk asked for by value and PostgreSQL does not have: `before` holds the key
};

// Rows are arrays of schema->columns.size() values, borrowed from the batch's arena.
struct Event {
  EventKind kind = EventKind::kCommit;
  const TableSchema* schema = nullptr;  // kept alive by EventBatch::schemas; null for kCommit and kProgress
  const Value* after = nullptr;         // insert, update, load. Insert and update may hold Unchanged.
  // update, delete: what PostgreSQL sent of the old row; columns it did not send are Unchanged. Null for an
  // update that left the replica identity as it was.
  const Value* before = nullptr;
  Position position;  // of the read model once this event is applied
  std::int64_t commit_micros =
      0;  // commit time, microseconds since 1970 UTC; for kLoad the time of the chunk's snapshot
  // For those who pass events on: where the change itself stands in the WAL (several may stand at one place,
  // and it orders nothing), and PostgreSQL's number of its transaction. Of kLoad: what the stream had reached
  // when the row was merged with it, and the transaction that marked it (0: none did).
  Lsn lsn;
  Lsn last_commit;  // the end of the newest commit before the event's own
  std::uint32_t transaction = 0;
  // kCommit of a source made of partitions: where those stand that moved since the commit before it, kept
  // by EventBatch::reached. `position` is then a number of the source's own, which rises with each commit.
  const Places* reached = nullptr;
};

// One chunk of a table, complete: its events are kLoad and kAbsent.
struct ChunkResult {
  std::string table;          // to_string(TableName)
  std::uint64_t load_id = 0;  // of TableCheckpoint
  DoneChunk done;             // for a range chunk
  bool by_key =
      false;  // true: rows read by key; `done` is not recorded, `answered` is deleted from the re-reads
  std::vector<Reread> answered;
};

// A step of a table's load, to be made durable in stream order.
struct LoadStep {
  TableCheckpoint table;  // replaces what is stored
};

struct EventBatch {
  Arena arena;
  std::vector<Event> events;
  std::vector<std::shared_ptr<const TableSchema>> schemas;
  std::optional<ChunkResult> chunk;  // set: this batch is a chunk and its events carry no position
  std::optional<LoadStep> step;      // set: this batch has no events
  std::vector<std::shared_ptr<const EventBatch>> kept;  // whose arenas events borrow from too
  std::size_t kept_bytes = 0;                           // what the events hold of those
  std::deque<Places> reached;                           // what commits point at
  // The sink has these events already: only the projector's state follows. kLast: those to come it has not.
  enum class Replay : std::uint8_t { kNo, kYes, kLast };
  Replay replay = Replay::kNo;
  // Records that became no event. They are durable no later than the position that the batch's events lead
  // to, perhaps earlier; the batch may consist of them alone.
  std::vector<RejectedRecord> rejected;
  std::size_t bytes() const {
    std::size_t size = arena.bytes() + events.size() * sizeof(Event) + sizeof(EventBatch) + kept_bytes;
    for (const RejectedRecord& record : rejected) size += record.bytes();
    return size;
  }
};
using EventBatchPtr = std::shared_ptr<EventBatch>;

}  // namespace penstock
