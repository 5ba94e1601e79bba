// One event and one collection to document writes.
#pragma once

#include <optional>

#include "base/result.h"
#include "model/document_write.h"
#include "model/event_batch.h"
#include "projection/collection_plan.h"

namespace penstock {

// Lives for one call of project().
class EventWriter {
 public:
  EventWriter(const EventBatch& batch, WriteGroup& group);

  // Makes `event` the current one; fills Unchanged values of `after` from `before`.
  void take(const Event& event);
  // Appends what the current event means to the collection.
  Status write(const CollectionPlan& plan);

 private:
  enum class Change { kInserted, kUpdated, kDeleted };

  DocumentWrite& add(const CollectionPlan& plan, WriteKind kind, const Value* row);
  Status insert_or_replace(const CollectionPlan& plan, WriteKind whole, Change change);
  Status update(const CollectionPlan& plan);
  Status move(const CollectionPlan& plan, bool unchanged);
  Status remove(const CollectionPlan& plan);
  void clear(const CollectionPlan& plan);

  const Value* fields(const CollectionPlan& plan, Change change);
  const Value* deletion_fields(const CollectionPlan& plan);
  const Value* id(const CollectionPlan& plan, const Value* row);
  void put_metadata(const CollectionPlan& plan, Change change, Value* fields);
  bool shows_unchanged(const CollectionPlan& plan) const;
  Status refuse_identity(const CollectionPlan& plan) const;

  const EventBatch& batch_;
  WriteGroup& group_;
  const Event* event_ = nullptr;
  const Value* after_ = nullptr;  // with what `before` could fill in
  bool row_has_unchanged_ = false;
};

}  // namespace penstock
