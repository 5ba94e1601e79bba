// Brings the rows of a chunk, read in one snapshot, to the state at the chunk's high marker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/event_batch.h"
#include "source/postgres/load/change_log.h"
#include "source/postgres/load/snapshot_rule.h"

namespace penstock::postgres {

// A chunk as read in one snapshot. Range chunk: all rows of a key range. By key: the rows that were asked
// for.
struct ChunkRows {
  EventBatchPtr batch;  // kLoad events with whole rows of the loaded table's columns; kAbsent events
  std::vector<std::uint64_t> key_hashes;  // of each event: hash_key(key_of(row)); kAbsent: 0
  Snapshot snapshot;
  std::uint64_t rows = 0;  // rows read

  // By key only.
  struct Request {
    std::string wanted;  // append_key of the values asked for, in the order of request_columns
    bool only_absent = false;
  };
  std::vector<Request> requests;
  std::vector<std::uint16_t> request_columns;  // indexes into the table's columns
  std::vector<std::uint32_t> request_of;       // for each event the request that it answers
  std::vector<std::uint32_t> unanswered;       // requests for which there was no room
};

// Applies the changes [from, to) of the log to the rows, in stream order:
// - what the snapshot sees is in the rows already;
// - a row that the stream wrote whole is dropped: the stream's own write is as late or later;
// - a deleted row is dropped, a truncate drops every row read before it;
// - an update with Unchanged columns is laid over the row, which moves along when the update changed its key.
// What is left are the rows as of the high marker, whole. Returns the requests that must be made again, in
// order: the unanswered ones, and those whose row is there at the high marker while some of its values were
// neither read nor streamed. For the latter the log must have kept values (ChangeLog::keep_values).
std::vector<std::uint32_t> merge_window(const TableSchema& schema, ChunkRows& rows, const ChangeLog& log,
                                        std::uint64_t from, std::uint64_t to);

}  // namespace penstock::postgres
