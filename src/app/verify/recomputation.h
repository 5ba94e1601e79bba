// The documents as PostgreSQL's rows make them, made anew in a state of its own: nothing of the running
// pipeline's state is used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "model/document_write.h"
#include "model/event_batch.h"
#include "model/table_schema.h"
#include "projection/projector.h"
#include "projection/spec.h"

namespace penstock::app {

// One thread. In this order: load() and follow() as often as needed, build(), then next() and change().
class Recomputation {
 public:
  // `file`: of the state; the caller removes it. `collections`: with their joins resolved; `tables`: all they
  // read.
  static Result<Recomputation> make(const Settings& settings, std::vector<CollectionSpec> collections,
                                    const std::vector<TableSchema>& tables, const std::string& file);

  Status load(const EventBatch& rows);       // a chunk
  Status follow(const EventBatch& changes);  // of the stream, later than all rows
  // All rows and changes up to `position` are there.
  Status build(const Position& position);

  bool more() const { return projector_->has_pending(); }
  Result<WriteGroup> next();  // some of the documents
  // Changes [from, to) of the stream after build(): the documents that they change, of those already made.
  // What they make and remove again is none of them.
  Result<WriteGroup> change(EventBatchPtr changes, std::size_t from, std::size_t to);

 private:
  explicit Recomputation(std::unique_ptr<Projector> projector) : projector_(std::move(projector)) {}
  Status load_step(LoadState state);
  Status save_if_large(const EventBatch& batch);

  std::unique_ptr<Projector> projector_;
  std::vector<std::string> tables_;
  Position position_;
  std::size_t unsaved_bytes_ = 0;
};

}  // namespace penstock::app
