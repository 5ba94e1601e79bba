// The first half of read models that many writers keep (docs/adr/0004-shared-state.md): changes of rows to
// kept rows, and to marks of the documents that show them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "model/event_batch.h"
#include "projection/shared/kept_writes.h"
#include "projection/shared/row_fetch.h"
#include "projection/shared/scratch.h"
#include "projection/view/fan_out.h"
#include "projection/view/marker.h"
#include "projection/view/row_changes.h"

namespace penstock {

// One thread. Nobody else changes the rows of a group between the call and its commit.
class SharedViews {
 public:
  // As Scratch::make(). `kept` outlives it.
  static Result<std::unique_ptr<SharedViews>> make(std::vector<CollectionSpec> models,
                                                   const std::vector<TableSchema>& tables,
                                                   const SharedOptions& options, KeptState& kept);

  bool keeps(const std::string& table) { return scratch_->collections().table(table) != nullptr; }
  std::string forms() const { return scratch_->forms(); }
  // What the rows of each table are kept with.
  struct KeptForm {
    std::string table;
    std::size_t joins = 0;
    bool root = false;
    std::uint64_t layout = 0;
    std::string columns;  // of the layout
  };
  std::vector<KeptForm> kept_forms();

  // Appends to the group what these events do. kRejectedDocument: MongoDB cannot keep a row, which is never
  // passed over: documents would go on showing the row as it was before. Rows that cannot be made whole are
  // asked for in group.rereads.
  Status change(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group);
  // Rows of a first load: they are kept, and mark nothing.
  Status load(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group);
  // Once all rows are loaded: marks of all documents. `micros`: when they were inserted, for metadata.
  void build(WriteGroup& group, std::int64_t micros);

 private:
  explicit SharedViews(const std::string& pipeline) : writes_(pipeline) {}

  Status hold(const TouchedKeys& touched);
  Status note_layout(const Mirror& mirror, WriteGroup& group);
  Status truncate(const EventBatch& batch, const Event& event, WriteGroup& group);
  void mark_whole(const Collection& collection, const Mark& mark, WriteGroup& group);
  Status put_changed(const TouchedKeys& touched, WriteGroup& group);
  struct Packed {
    std::string_view key, payload;
    const Value* columns = nullptr;  // the mirror's, as packed in `payload`
  };
  Status put_row(const Mirror& mirror, std::uint64_t layout, const Packed& row, WriteKind kind,
                 WriteGroup& group);
  Status put_marks(WriteGroup& group);
  bool is_root(const Mirror& mirror);

  KeptWrites writes_;
  std::unique_ptr<Scratch> scratch_;
  FanOut fan_out_;
  std::unique_ptr<Marker> marker_;
  std::unique_ptr<RowChanges> changes_;
  std::set<std::uint64_t> layouts_;  // that are known to be stored
};

}  // namespace penstock
