// One table as the loader works on it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "source/postgres/load/change_log.h"
#include "source/postgres/load/key_ranges.h"
#include "source/postgres/load/loader.h"
#include "source/postgres/load/reread_queue.h"

namespace penstock::postgres {

enum class LoadStage : std::uint8_t {
  kSettle,  // waits until the transactions that ran when it was added have ended
  kBegin,   // finds the greatest key
  kResume,  // finds what is left of a load that was begun before
  kChunks,
  kSweep,  // the sink asks for keys without row
  kDone,
};

// `replaced` may be read by any thread. Else: each member belongs to whom its group says.
struct TableWork {
  explicit TableWork(TableLoad load)
      : description(std::move(load.description)),
        name(to_string(description.schema->table)),
        checkpoint(std::move(load.checkpoint)),
        log(*description.schema) {}

  const TableSchema& schema() const { return *description.schema; }

  const TableDescription description;
  const std::string name;
  std::atomic<bool> replaced{false};  // by a later add(): what is still read for it is dropped

  // The scheduler, under its mutex.
  TableCheckpoint checkpoint;
  LoadStage stage = LoadStage::kSettle;
  bool held = false;  // a reader is about to say what comes next
  std::chrono::steady_clock::time_point not_before{};
  std::optional<std::uint64_t> settle_xid;  // all transactions before it must have ended
  std::chrono::steady_clock::time_point settle_since{};
  std::chrono::steady_clock::time_point settle_reported{};
  std::optional<Error> stale;  // the table is not as described any more: waits for an add()
  std::chrono::steady_clock::time_point stale_since{};
  std::deque<KeyRange> gaps;  // to be read, in no order that matters
  std::uint64_t next_number = 0;
  std::size_t chunks = 0;  // range chunks under way, up to their commit in the sink
  std::size_t rereads_under_way = 0;
  RereadQueue rereads;
  std::uint64_t rows = 0;  // of committed chunks
  double row_bytes = 0;    // of the chunks read so far, on average; 0: none yet

  // The stream's thread.
  ChangeLog log;
  bool altered = false;  // the stream showed another shape
};
using TableWorkPtr = std::shared_ptr<TableWork>;

// What a reader is to do next.
struct Job {
  enum class Kind : std::uint8_t { kPrune, kSettle, kBegin, kResume, kRange, kReread };
  Kind kind = Kind::kPrune;
  TableWorkPtr table;  // null for kPrune
  std::optional<std::uint64_t> settle_xid;
  bool report_blockers = false;  // kSettle: it has lasted, say who is in the way
  std::vector<DoneChunk> done;   // kResume
  KeyText upper;                 // kResume
  std::size_t most_rows = 0;     // kRange: rows to plan for
  KeyRange range;                // kRange: the gap; once planned, the chunk
  bool planned = false;          // kRange
  std::uint64_t number = 0;      // kRange, once planned
  std::vector<Reread> requests;  // kReread
};

}  // namespace penstock::postgres
