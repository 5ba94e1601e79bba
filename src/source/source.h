// The seam of a leg's beginning: where changes come from.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/event_batch.h"

namespace penstock {

// One table's load as people see it.
struct LoadProgress {
  std::string table;
  std::uint64_t rows = 0;
  std::uint64_t estimated_rows = 0;
  bool done = false;
  std::uint64_t load_id = 0;  // another one for each load of the table
};

class Source {
 public:
  // Called by the source's thread for each batch, in stream order. Returns false when the consumer has no
  // room yet: the source keeps the batch, goes on sending feedback, and offers it again. It never blocks for
  // more than 100 ms.
  using Offer = std::function<bool(EventBatchPtr&)>;

  virtual ~Source() = default;

  // Verifies that `checkpoint` continues on this server (design 3.4): kGap, kDivergence and the like
  // otherwise. Ends a walsender that still reads our slot (the caller holds the right to write), creates a
  // missing publication or slot when the checkpoint does not exist. Caller's thread, before run(). The result
  // is to be stored before run() when the checkpoint does not exist.
  struct Start {
    SourceIdentity identity;
    Position position;
    bool replays = false;  // begins with events that the sink has (EventBatch::replay)
  };
  virtual Result<Start> open(const Checkpoint& checkpoint) = 0;

  // Streams until stopped; reconnects by itself. Returns the error that cannot be retried, or success after a
  // stop.
  virtual Status run(std::stop_token stop, const Offer& offer) = 0;

  // The ones below: any thread; they record and wake, only the source's threads touch its connections.
  // `position` is durable in the sink (w:majority): PostgreSQL may forget what lies before.
  virtual void acknowledge(const Position& position) = 0;
  // The chunk's transaction is committed; frees its place and lets the load go on.
  virtual void chunk_committed(const ChunkResult& chunk) = 0;
  // Read these rows again. Answered by chunks with `by_key`.
  virtual void reread(std::vector<Reread> rows) = 0;
  // All documents of the table were asked for (after a LoadStep with kSweeping) and the answers are
  // committed.
  virtual void sweep_finished(const std::string& table) = 0;

  // Load this table anew while the stream flows.
  virtual void reload(const std::string& table) = 0;

  // Where the WAL ended when run() first connected; 0 before.
  virtual Lsn end_at_start() const = 0;
  // Whether `durable` covers what was there when run() began. For --until-current. Any thread.
  virtual bool caught_up(const Position& durable) const {
    return end_at_start().is_set() && includes(durable.through_lsn, end_at_start());
  }
  // True when every table is loaded, swept and no re-read is pending. Any thread.
  virtual bool loads_done() const = 0;
  virtual std::vector<LoadProgress> progress() const = 0;
};

}  // namespace penstock
