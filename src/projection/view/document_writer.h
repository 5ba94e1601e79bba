// Marked root rows to writes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "projection/view/assembler.h"
#include "projection/view/collections.h"
#include "projection/view/document_values.h"

namespace penstock {

// Lives while the state does not change, and no longer than the group. First all deletions, then all
// documents: an `_id` that one row gives up may be another's now.
class DocumentWriter {
 public:
  explicit DocumentWriter(WriteGroup& group);

  // What the marked row means for the sink. Of a collection being built only what its cursor has passed.
  // Errors other than those of one document, which go to group.rejected.
  Status make(Collection& collection, std::string_view key, const Mark& mark);
  // Of a build come rows in the order of their keys.
  void expect_order() { assembler_.expect_order(); }
  // A row of a build: its document is new to the target, unless the build was gone on with.
  Status build(Collection& collection, const MirrorRow& row, const Cause& cause);
  // TRUNCATE of the root.
  void clear(Collection& collection, const Cause& cause);
  // The deletions of a mark alone; the document comes with a later step.
  Status make_deletions(Collection& collection, std::string_view key, const Mark& mark);

  std::size_t documents() const { return documents_; }
  // Of the documents that were made, and of what they were made of.
  std::size_t bytes() const { return std::max(document_bytes_, group_.arena.bytes() - arena_at_start_); }
  // Of the documents as they will be stored, about; those of summaries are not among them.
  std::size_t document_bytes() const { return document_bytes_; }
  // Appends to the group what was made.
  void finish();

 private:
  Status try_make(Collection& collection, std::string_view key, const Mark& mark);
  Status show(Collection& collection, TreeRow& row, const Mark& mark, WriteKind kind);
  Status make_summary(Collection& collection, std::string_view key, const Mark& mark);
  Result<bool> shown(const Tree& tree, TreeRow& row);
  Status delete_stale(Collection& collection, const Mark& mark, const Value* current);
  void remove(Collection& collection, const Value* id, const TreeRow* row, const Cause& cause);
  Status reject(Collection& collection, std::string_view key, const TreeRow* row, const Mark& mark,
                Error error);
  void put_metadata(const DocumentShape& shape, std::string_view change, std::int64_t micros,
                    Value* fields) const;

  WriteGroup& group_;
  const std::size_t arena_at_start_;
  Assembler assembler_;
  DocumentValues values_;
  std::vector<DocumentWrite> deletions_;
  std::vector<DocumentWrite> writes_;
  std::size_t documents_ = 0;
  std::size_t document_bytes_ = 0;
};

}  // namespace penstock
