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
#include "projection/projector.h"

namespace penstock::app {

// One thread. In this order: load() and follow() as often as needed, build(), then next() and change().
class Recomputation {
 public:
  // `folder`: empty, for the state; the caller removes it. Of settings.collections those named.
  static Result<Recomputation> make(const Settings& settings, const std::vector<std::string>& collections,
                                    const std::string& folder);

  Status load(const EventBatch& rows);       // a chunk
  Status follow(const EventBatch& changes);  // of the stream, later than all rows
  // All rows and changes up to `position` are there.
  Status build(const Position& position);

  bool more() const { return projector_->has_pending(); }
  Result<WriteGroup> next();  // some of the documents
  // Changes of the stream after build(): the documents that they change, of those already made.
  Result<WriteGroup> change(EventBatchPtr changes);

 private:
  explicit Recomputation(std::unique_ptr<Projector> projector) : projector_(std::move(projector)) {}
  Status load_step(LoadState state);

  std::unique_ptr<Projector> projector_;
  std::vector<std::string> tables_;
  Position position_;
};

}  // namespace penstock::app
