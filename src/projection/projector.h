// The seam in the middle of a leg: events in, document writes out.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/document_write.h"
#include "model/event_batch.h"

namespace penstock {

// One thread. Documents of one row are written at once; read models (documents of several rows) keep state
// and say their writes when the group is closed. The defaults are those of a projector without state.
class Projector {
 public:
  virtual ~Projector() = default;

  // Appends to `group` the writes that events [first, last) of `batch` mean; they borrow from the batch (the
  // caller puts it into group.batches) and from group.arena. The events of a stream batch are whole
  // transactions, or the part of one that is split. A chunk (batch.chunk) is a group of its own.
  virtual Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) = 0;

  // The plain collections made from a table of this shape. They live as long as the projector.
  virtual std::vector<const DocumentShape*> shapes(const TableSchema& schema) = 0;

  // --- State (docs/adr/0001-read-models.md). The state never runs ahead of the sink.

  virtual bool keeps_state() const { return false; }
  // Whether rows of this table (to_string(TableName)) are kept: its chunks are recorded only after save().
  virtual bool keeps(const std::string& table) const { return static_cast<void>(table), false; }
  // Where the stream must start, given what the sink has: at or before checkpoint.position. Before the first
  // project(). A state that does not go with the checkpoint is begun anew, as by forget().
  virtual Result<Position> open(const Checkpoint& checkpoint) { return checkpoint.position; }
  // Begins the state anew: its identity changes, and with it the fingerprints of the tables it keeps, which
  // loads them. Between open() and the first project().
  virtual Status forget() { return {}; }
  // Events of the stream that the sink has already (position <= the checkpoint's): only the state follows.
  virtual Status replay(const EventBatch& batch, std::size_t first, std::size_t last) {
    return static_cast<void>(batch), static_cast<void>(first), static_cast<void>(last), Status{};
  }
  // Documents that close() would write now. The group is closed when they are as many as a group may have
  // rows.
  virtual std::size_t documents_due() const { return 0; }
  // The group is complete: appends the documents that its events changed, each once, as they are now. What is
  // too much for one group is left for step().
  virtual Status close(WriteGroup& group) { return static_cast<void>(group), Status{}; }
  // Whether documents wait for step(): a fan-out larger than a group, or a collection being built.
  virtual bool has_pending() const { return false; }
  // Writes some of what waits: a bounded step, between other changes, from the state as it is now. `position`
  // is that of the last group closed. The first step of a build sets group.prepare; a step of a build may set
  // group.chunk with an empty table, which lets it be written beside other such steps; the one that ends a
  // build sets group.publish.
  virtual Status step(const Position& position, WriteGroup& group) {
    return static_cast<void>(position), static_cast<void>(group), Status{};
  }
  // What the documents written so far leave out, asked for with each group of the stream.
  virtual PendingDocuments pending() const { return {}; }
  // A step of a table's load, in stream order: at kLoading rows seen from now on are marked, at kSweeping
  // those not seen since go, at kLoaded collections made from it may be built. May append writes' causes
  // only: the documents come with the next close().
  virtual Status load_step(const LoadStep& step) { return static_cast<void>(step), Status{}; }
  // Builds the collection anew from the state, beside the one that readers see. False: it is none of ours.
  virtual Result<bool> rebuild(const std::string& collection) { return static_cast<void>(collection), false; }
  // Everything projected so far is durable in the sink, which stands at `position`: makes the state durable
  // at it.
  // `places`: of a source made of partitions.
  virtual Status save(const Position& position, const Places& places) {
    return static_cast<void>(position), static_cast<void>(places), Status{};
  }
  // The last position saved; what PostgreSQL may forget. None: no state holds it back.
  virtual std::optional<Position> saved() const { return std::nullopt; }
  virtual Places saved_places() const { return {}; }
};

}  // namespace penstock
