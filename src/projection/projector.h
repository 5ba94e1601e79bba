// The seam in the middle of a leg: events in, document writes out.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "model/event_batch.h"

namespace penstock {

class Projector {
 public:
  virtual ~Projector() = default;
  // Appends to `group` the writes that events [first, last) of `batch` mean; they borrow from the batch (the
  // caller puts it into group.batches) and from group.arena. One thread. No I/O in the plain projector.
  virtual Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) = 0;

  // The collections made from a table of this shape. They live as long as the projector.
  virtual std::vector<const DocumentShape*> shapes(const TableSchema& schema) = 0;
};

}  // namespace penstock
