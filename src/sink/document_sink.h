// The seam of a leg's end: where documents are kept, exactly once.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/document_write.h"

namespace penstock {

// A group encoded for the sink: all the CPU work that needs no connection.
class StagedGroup {
 public:
  virtual ~StagedGroup() = default;
  virtual std::size_t bytes() const = 0;
  virtual std::size_t writes() const = 0;       // after coalescing
  virtual const WriteGroup& group() const = 0;  // its writes may be emptied by staging
  // After a commit that failed: the server does not hold it, or not for as long as it takes, in one
  // transaction. Nothing was written, and what was staged may be staged anew in smaller groups.
  virtual bool too_large() const { return false; }
};

struct CommitResult {
  std::vector<Reread> rereads;  // stored with the group; now to be read again
  std::size_t dead_letters = 0;
  bool duplicates = false;  // the optimistic insert failed and the group was rerun as replaces
};

// One lane: its own connection, session and position document. Used by one thread at a time.
class DocumentLane {
 public:
  virtual ~DocumentLane() = default;
  // One attempt. On success everything of the group is durable (w:majority) or, for a group committed before,
  // was. kMongoUnavailable: nothing or all of it is; calling again with the same group is safe and finds out.
  // kFenced: another writer took over; nothing was written.
  virtual Result<CommitResult> commit(StagedGroup& group) = 0;
};

class DocumentSink {
 public:
  virtual ~DocumentSink() = default;

  // Waits until this process may write: at once when nobody holds the lease, it was released, or its holder
  // is a dead process of this machine; otherwise as a standby (said once in the log) until the holder stops
  // renewing it. From then on a thread of the sink renews the lease until the sink is destroyed, which
  // releases it.
  virtual Status lead(std::stop_token stop) = 0;
  // Becomes the only writer (design 3.3): kills the stored sessions, raises the epoch in all lane documents,
  // creates missing collections and indexes, and returns what is stored. Call once the right to write is
  // held.
  virtual Result<Checkpoint> take_over() = 0;
  // Stores the identity of the source with a first position, before anything else is written, and clears
  // Checkpoint::restart. Re-reads of an earlier life are dropped.
  virtual Status store_source(const SourceIdentity& source, const Position& position) = 0;

  // What commands asked of the running pipeline since the last call and was not begun.
  struct Requests {
    std::vector<std::string> resyncs;   // tables: penstock resync --table
    std::vector<std::string> rebuilds;  // collections: penstock rebuild
    std::vector<Reread> repairs;        // rows whose documents differ: penstock verify --repair
  };
  virtual Result<Requests> requests() = 0;  // kFenced: somebody else has taken over
  // The state has it: forget the request. Any thread.
  virtual Status rebuild_begun(const std::string& collection) = 0;

  // Encodes and coalesces. Any thread; no I/O. What cannot be encoded becomes a dead letter of the staged
  // group, or an error naming row and field, as the sink was told.
  virtual Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) = 0;

  // Lane 0 writes the stream; the others write chunks. Lives as long as the sink.
  virtual DocumentLane& lane(std::size_t number) = 0;
  virtual std::size_t lanes() const = 0;

  // For the sweep after a reload: up to `limit` `_id`s of the collection's documents after `after` (empty:
  // from the first), as keys to read again, with the resume point. An empty result ends the sweep.
  struct SweepPage {
    std::vector<Reread> keys;
    std::string next;
  };
  virtual Result<SweepPage> sweep(const DocumentShape& shape, const std::string& after,
                                  std::size_t limit) = 0;
};

}  // namespace penstock
