// The projector of plain collections: one row, one document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "projection/collection_plan.h"
#include "projection/projector.h"
#include "projection/spec.h"

namespace penstock {

// What an event becomes, for each collection made from its table:
//   insert                                   kInsert; with Unchanged values kPatch
//   update, same `_id`                       kReplace; with Unchanged values kPatch
//   update, other `_id`                      kDelete or kSoftDelete of the old, kInsert of the new; with
//   Unchanged kCarry delete, absent                           kDelete or kSoftDelete truncate kClear row of a
//   range chunk, of a by-key chunk  kInsert, kReplace
// Only Unchanged values that the collection shows count, after what the old row brings has been filled in. An
// absent key that lacks columns of a collection's `_id` says nothing about that collection. kConfiguration: a
// definition does not fit the table (plan_collection), or PostgreSQL did not send the `_id` of an old row
// because the replica identity does not cover it.
class RowProjector : public Projector {
 public:
  explicit RowProjector(std::vector<CollectionSpec> collections);

  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override;
  // Without collections that do not fit the table: project() returns their error.
  std::vector<const DocumentShape*> shapes(const TableSchema& schema) override;

 private:
  // All collections of one shape of a table. Kept for ever: shapes are handed out.
  struct TablePlan {
    std::vector<CollectionPlan> collections;
    Status status;  // the first definition that does not fit
  };
  // The schema is held so that its address, which is the key, cannot come to mean another one.
  struct CachedPlan {
    std::shared_ptr<const TableSchema> schema;
    const TablePlan* plan = nullptr;
  };

  const TablePlan& plan_for(const TableSchema& schema);
  const TablePlan& cached_plan(const EventBatch& batch, const TableSchema& schema);

  std::vector<CollectionSpec> specs_;
  std::unordered_map<std::string, std::unique_ptr<TablePlan>> plans_;  // by table and columns
  std::unordered_map<const TableSchema*, CachedPlan> cache_;
  const TableSchema* last_schema_ = nullptr;
  const TablePlan* last_plan_ = nullptr;
};

}  // namespace penstock
