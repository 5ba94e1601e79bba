#include "projection/view/document_writer.h"

#include <algorithm>

#include "model/row_codec.h"
#include "model/stored_size.h"

namespace penstock {
namespace {

bool of_one_document(const Error& error) {
  return error.kind == ErrorKind::kBadValue || error.kind == ErrorKind::kRejectedDocument;
}

std::string key_text(const Tree& tree, const TreeRow& row) {
  std::string text;
  for (const std::uint16_t column : tree.root.mirror->key()) {
    text += text.empty() ? "" : ", ";
    text += tree.root.mirror->columns()[column].name + " " + to_text(row.columns[column]);
  }
  return text;
}

}  // namespace

DocumentWriter::DocumentWriter(WriteGroup& group)
    : group_(group), arena_at_start_(group.arena.bytes()), assembler_(group.arena), values_(group.arena) {}

void DocumentWriter::finish() {
  group_.writes.insert(group_.writes.end(), deletions_.begin(), deletions_.end());
  group_.writes.insert(group_.writes.end(), writes_.begin(), writes_.end());
  deletions_.clear();
  writes_.clear();
}

Status DocumentWriter::make(Collection& collection, std::string_view key, const Mark& mark) {
  ++documents_;
  return collection.tree->summary ? make_summary(collection, key, mark) : try_make(collection, key, mark);
}

// Whether the row has a document; its embedded rows are filled in then.
Result<bool> DocumentWriter::shown(const Tree& tree, TreeRow& row) {
  if (tree.where_is_own) {
    PENSTOCK_ASSIGN(const bool holds, assembler_.holds(tree.root, row));
    if (!holds) return false;
  }
  PENSTOCK_TRY(assembler_.fill(tree.root, row));
  if (!tree.root.where || tree.where_is_own) return true;
  return assembler_.holds(tree.root, row);
}

Status DocumentWriter::make_summary(Collection& collection, std::string_view key, const Mark& mark) {
  if (collection.phase == BuildPhase::kBuilding && !collection.rows_done && key > collection.cursor)
    return {};
  Summary& summary = *collection.tree->summary;
  PENSTOCK_ASSIGN(TreeRow * row, assembler_.find_root(*collection.tree, key));
  Status changed;
  if (row != nullptr) {
    auto holds = shown(*collection.tree, *row);
    if (!holds) {
      PENSTOCK_TRY(reject(collection, key, row, mark, std::move(holds).error()));
      return summary.change(key, nullptr, mark.cause);
    }
    changed = summary.change(key, *holds ? row : nullptr, mark.cause);
  } else {
    changed = summary.change(key, nullptr, mark.cause);
  }
  if (changed) return {};
  return reject(collection, key, row, mark, std::move(changed).error());
}

Status DocumentWriter::try_make(Collection& collection, std::string_view key, const Mark& mark) {
  const Tree& tree = *collection.tree;
  PENSTOCK_ASSIGN(TreeRow * row, assembler_.find_root(tree, key));
  const bool passed = collection.phase != BuildPhase::kBuilding || key <= collection.cursor;
  // What a build has not reached it makes later, from the state as it is then. Only documents from before a
  // restart must not stay.
  if (!passed && !collection.resumed) return {};
  if (row == nullptr) return delete_stale(collection, mark, nullptr);
  auto holds = shown(tree, *row);
  if (!holds) return reject(collection, key, row, mark, std::move(holds).error());
  auto id = values_.id(tree, *row);
  if (!id) return reject(collection, key, row, mark, std::move(id).error());
  if (!*holds) {
    PENSTOCK_TRY(delete_stale(collection, mark, *id));
    const bool never = mark.root_changed ? !mark.in_sink_before : tree.where_is_own;
    if (mark.maybe_shown || !never || !passed) remove(collection, *id, row, mark.cause);
    return {};
  }
  PENSTOCK_TRY(delete_stale(collection, mark, *id));
  if (!passed) return {};
  const bool fresh = mark.created && !mark.maybe_shown;
  Status made = show(collection, *row, mark, fresh ? WriteKind::kInsert : WriteKind::kReplace);
  if (made) {
    writes_.back().id = *id;
    return {};
  }
  return reject(collection, key, row, mark, std::move(made).error());
}

Status DocumentWriter::show(Collection& collection, TreeRow& row, const Mark& mark, WriteKind kind) {
  const Tree& tree = *collection.tree;
  PENSTOCK_ASSIGN(Value * fields, values_.fields(tree, row));
  const bool inserted = mark.inserted_at.is_set() && mark.inserted_at == mark.cause.position.commit_lsn;
  put_metadata(tree.shape, inserted ? "inserted" : "updated", mark.cause.commit_micros, fields);
  DocumentWrite& write = writes_.emplace_back();
  write.kind = kind;
  write.shape = &collection.shape();
  write.fields = fields;
  write.schema = &tree.row_schema;
  write.row = row.columns;
  write.position = mark.cause.position;
  // A row that hangs on many documents is in the arena once.
  document_bytes_ += stored_size(write);
  return {};
}

Status DocumentWriter::build(Collection& collection, const MirrorRow& found, const Cause& cause) {
  ++documents_;
  const Tree& tree = *collection.tree;
  TreeRow& row = *assembler_.root_of(found.values, found.key);
  Mark mark;
  mark.cause = cause;
  mark.inserted_at = cause.position.commit_lsn;
  auto holds = shown(tree, row);
  if (!holds) return reject(collection, found.key, &row, mark, std::move(holds).error());
  if (tree.summary) {
    if (!*holds) return {};
    Status changed = tree.summary->change(found.key, &row, cause);
    return changed ? changed : reject(collection, found.key, &row, mark, std::move(changed).error());
  }
  auto id = values_.id(tree, row);
  if (!id) return reject(collection, found.key, &row, mark, std::move(id).error());
  if (!*holds) {
    if (collection.resumed) remove(collection, *id, &row, cause);
    return {};
  }
  Status made = show(collection, row, mark, collection.resumed ? WriteKind::kReplace : WriteKind::kInsert);
  if (!made) return reject(collection, found.key, &row, mark, std::move(made).error());
  writes_.back().id = *id;
  return {};
}

// Those under which no document of this row stands any more; `current` is written or removed by the caller.
Status DocumentWriter::delete_stale(Collection& collection, const Mark& mark, const Value* current) {
  if (mark.stale.empty()) return {};
  const std::size_t parts = collection.tree->id.size();
  std::string now;
  for (std::size_t i = 0; current != nullptr && i < parts; ++i) encode_value(now, current[i]);
  for (const std::string& stale : mark.stale) {
    if (stale == now) continue;
    auto* id = group_.arena.array<Value>(parts);
    // Encoded without a layout: one is put before, as rows have it.
    const std::string_view bytes = group_.arena.copy(std::string(1, '\0') + stale);
    RowDecoder decoder(bytes, group_.arena);
    for (std::size_t i = 0; i < parts; ++i) id[i] = decoder.next();
    if (!decoder.ok()) return fail(ErrorKind::kInternal, "an `_id` in the local state cannot be read");
    remove(collection, id, nullptr, mark.cause);
  }
  return {};
}

Status DocumentWriter::make_deletions(Collection& collection, std::string_view key, const Mark& mark) {
  if (mark.stale.empty() || collection.tree->summary) return {};
  PENSTOCK_ASSIGN(TreeRow * row, assembler_.find_root(*collection.tree, key));
  if (row == nullptr) return delete_stale(collection, mark, nullptr);
  auto id = values_.id(*collection.tree, *row);
  if (!id) return of_one_document(id.error()) ? Status() : Status(fail(std::move(id).error()));
  return delete_stale(collection, mark, *id);
}

void DocumentWriter::remove(Collection& collection, const Value* id, const TreeRow* row, const Cause& cause) {
  const DocumentShape& shape = collection.shape();
  DocumentWrite& write = deletions_.emplace_back();
  write.kind = shape.soft_deletes ? WriteKind::kSoftDelete : WriteKind::kDelete;
  write.soft = shape.soft_deletes;
  write.shape = &shape;
  write.id = id;
  write.position = cause.position;
  if (row != nullptr) {
    write.schema = &collection.tree->row_schema;
    write.row = row->columns;
  }
  if (!write.soft) return;
  auto* fields = group_.arena.array<Value>(shape.fields.size());
  std::fill_n(fields, shape.fields.size(), Value(Unchanged{}));
  put_metadata(shape, "deleted", cause.commit_micros, fields);
  write.fields = fields;
}

void DocumentWriter::clear(Collection& collection, const Cause& cause) {
  remove(collection, nullptr, nullptr, cause);
  DocumentWrite write = deletions_.back();
  deletions_.pop_back();
  write.kind = WriteKind::kClear;
  group_.writes.push_back(write);
}

void DocumentWriter::put_metadata(const DocumentShape& shape, std::string_view change, std::int64_t micros,
                                  Value* fields) const {
  if (shape.change_field >= 0) fields[shape.change_field] = Text{change};
  if (shape.time_field >= 0) fields[shape.time_field] = Timestamp{micros, {}, true};
}

// The error of one document parks it; any other is the pipeline's.
Status DocumentWriter::reject(Collection& collection, std::string_view key, const TreeRow* row,
                              const Mark& mark, Error error) {
  if (!of_one_document(error)) return fail(std::move(error));
  const Tree& tree = *collection.tree;
  RejectedDocument rejected;
  rejected.write.shape = &collection.shape();
  rejected.write.position = mark.cause.position;
  std::string text;
  if (row == nullptr) {
    PENSTOCK_ASSIGN(row, assembler_.find_root(tree, key));
  }
  if (row != nullptr) {
    rejected.write.schema = &tree.row_schema;
    rejected.write.row = row->columns;
    text = key_text(tree, *row);
    if (auto id = values_.id(tree, *row)) rejected.write.id = *id;
  }
  rejected.error =
      make_error(error.kind, tree.root.mirror->name() + " (" + text + "): " + error.message, error.remedy);
  group_.rejected.push_back(std::move(rejected));
  return {};
}

}  // namespace penstock
