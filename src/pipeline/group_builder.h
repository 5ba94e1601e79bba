// Cuts the stream of events into groups of whole source transactions for the sink (design 3.2).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "projection/projector.h"

namespace penstock {

struct GroupLimits {
  // A group is closed at the end of the source transaction that reaches one of these.
  std::size_t rows = 10000;
  std::size_t bytes = 4U << 20;
  // A source transaction larger than this is split, in order, with an exact position after each part.
  std::size_t split_rows = 20000;
  std::size_t split_bytes = 12U << 20;
};

// One thread. Events are projected when their transaction's COMMIT has arrived, or when it must be split.
class GroupBuilder {
 public:
  GroupBuilder(Projector& projector, GroupLimits limits) : projector_(projector), limits_(limits) {}

  // Takes the events of a stream batch, from `first` on, until a group is full. Returns the index of the
  // first event not taken: equal to the number of events when all are. When it is less, take() the group and
  // go on from there. Its rejected records are moved into the group that is open.
  Result<std::size_t> add(const EventBatchPtr& batch, std::size_t first);

  bool full() const { return full_; }
  bool empty() const { return !group_.position && group_.rejected_records.empty(); }
  // Only a position, no writes: it may wait for company.
  bool position_only() const {
    return group_.position && group_.writes.empty() && group_.events.empty() &&
           group_.rejected_records.empty() && projector_.documents_due() == 0;
  }
  // Not even the projector's state was changed since the position before.
  bool without_rows() const { return group_rows_ == 0; }
  WriteGroup take();

 private:
  struct Range {
    EventBatchPtr batch;
    std::size_t first = 0;
    std::size_t last = 0;
  };
  Status finish_transaction(const Event& commit);
  Status project_open(bool splitting, const std::optional<Position>& position);
  void keep(const EventBatchPtr& batch);
  void take_rejected(EventBatch& batch);

  Projector& projector_;
  const GroupLimits limits_;
  WriteGroup group_;
  std::vector<Range> open_;  // events of the transaction whose COMMIT has not arrived
  std::size_t open_rows_ = 0;
  std::size_t open_bytes_ = 0;
  std::size_t group_rows_ = 0;
  bool full_ = false;
};

}  // namespace penstock
