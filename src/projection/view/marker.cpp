#include "projection/view/marker.h"

#include <algorithm>

#include "model/row_codec.h"
#include "projection/view/assembler.h"
#include "projection/view/document_values.h"
#include "projection/view/walk.h"

namespace penstock {
namespace {

constexpr std::size_t kScratchBytes = 1U << 20;

bool any(const std::vector<bool>& columns, const std::vector<bool>& changed) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] && changed[i]) return true;
  }
  return false;
}

bool bad_value(const Error& error) {
  return error.kind == ErrorKind::kBadValue || error.kind == ErrorKind::kRejectedDocument;
}

}  // namespace

Result<std::string> encoded_id(const Tree& tree, const Value* row, std::string_view key, Arena& arena) {
  Assembler assembler(arena);
  PENSTOCK_ASSIGN(const Value* id, DocumentValues(arena).id(tree, *assembler.root_of(row, key)));
  std::string out;
  for (std::size_t i = 0; i < tree.id.size(); ++i) encode_value(out, id[i]);
  return out;
}

std::size_t Marker::marks() const {
  std::size_t count = 0;
  for (const auto& collection : collections_.all()) count += collection->marks.size();
  return count;
}

// Which columns differ.
void Marker::compare(const MirroredTable& table, const RowChange& change) {
  const std::size_t count = table.mirror->columns().size();
  changed_.assign(count, true);
  if (change.before == nullptr || change.after == nullptr) return;
  for (std::size_t i = 0; i < count; ++i) {
    left_.clear();
    right_.clear();
    encode_value(left_, change.before[i]);
    encode_value(right_, change.after[i]);
    changed_[i] = left_ != right_;
  }
}

bool Marker::concerns(const MirroredTable::Use& use, const RowChange& change) const {
  if (!use.collection->follows()) return false;
  if (change.before == nullptr || change.after == nullptr) return true;
  return any(use.appearance->relevant, changed_);
}

// Whether the row is found where it was: then one walk will do.
bool Marker::same_way(const Appearance& appearance, const RowChange& change) const {
  if (change.before == nullptr || change.after == nullptr) return false;
  const auto& from = appearance.hops.front().from;
  return std::none_of(from.begin(), from.end(), [&](std::uint16_t column) { return changed_[column]; });
}

Status Marker::before(const MirroredTable& table, const RowChange& change) {
  compare(table, change);
  for (const MirroredTable::Use& use : table.uses) {
    if (!concerns(use, change)) continue;
    if (use.appearance->hops.empty()) {
      PENSTOCK_TRY(mark_root(*use.collection, change));
    } else if (change.before != nullptr && !same_way(*use.appearance, change)) {
      PENSTOCK_TRY(walk(use, change.before, change.cause));
    }
  }
  return {};
}

Status Marker::after(const MirroredTable& table, const RowChange& change) {
  if (change.after == nullptr) return {};
  for (const MirroredTable::Use& use : table.uses) {
    if (!use.appearance->hops.empty() && concerns(use, change))
      PENSTOCK_TRY(walk(use, change.after, change.cause));
  }
  return {};
}

// Whether `where` says so by the root row alone.
bool Marker::hidden(const Tree& tree, const Value* row, std::string_view key) {
  if (!tree.where_is_own) return false;
  Assembler assembler(arena_);
  const auto shown = assembler.holds(tree.root, *assembler.root_of(row, key));
  return shown && !*shown;
}

Status Marker::mark_root(Collection& collection, const RowChange& change) {
  const Tree& tree = *collection.tree;
  Mark& mark = collection.marks.add(change.key, change.cause);
  if (tree.summary) return {};
  if (arena_.bytes() > kScratchBytes) arena_ = Arena();
  const bool first = !mark.root_changed;
  if (first) {
    mark.root_changed = true;
    mark.created = change.before == nullptr;
    mark.in_sink_before = change.before != nullptr;
    if (change.before != nullptr && hidden(tree, change.before, change.key)) mark.in_sink_before = false;
  }
  if (change.before == nullptr && change.inserted) mark.inserted_at = change.cause.position.commit_lsn;
  if (!mark.in_sink_before || change.before == nullptr) return {};
  // Its `_id` is known now; when the mark is looked at, the row may be gone.
  if (change.after == nullptr || hidden(tree, change.after, change.key))
    return note_stale(collection, change.before, change.key, mark);
  if (tree.id_is_key) return {};
  const auto old = encoded_id(tree, change.before, change.key, arena_);
  const auto now = encoded_id(tree, change.after, change.key, arena_);
  if (old && now && *old == *now) return {};
  return note_stale(collection, change.before, change.key, mark);
}

// A row whose `_id` could not be computed has no document.
Status Marker::note_stale(Collection& collection, const Value* row, std::string_view key, Mark& mark) {
  auto id = encoded_id(*collection.tree, row, key, arena_);
  if (!id) return bad_value(id.error()) ? Status() : Status(fail(std::move(id).error()));
  if (std::find(mark.stale.begin(), mark.stale.end(), *id) == mark.stale.end())
    mark.stale.push_back(std::move(*id));
  return {};
}

Status Marker::touch(const MirroredTable& table, std::string_view key, const Value* row, const Cause& cause) {
  for (const MirroredTable::Use& use : table.uses) {
    if (!use.collection->follows()) continue;
    if (!use.appearance->hops.empty()) {
      PENSTOCK_TRY(walk(use, row, cause));
    } else {
      use.collection->marks.add(key, cause).maybe_shown = true;
    }
  }
  return {};
}

Status Marker::missing(const MirroredTable& table, std::string_view key, const Value* row,
                       const Cause& cause) {
  for (const MirroredTable::Use& use : table.uses) {
    Collection& collection = *use.collection;
    const bool known =
        use.appearance->hops.empty() && !collection.tree->summary && collection.tree->id_is_key;
    if (!collection.follows() || !known) continue;
    PENSTOCK_TRY(note_stale(collection, row, key, collection.marks.add(key, cause)));
  }
  return {};
}

Status Marker::walk(const MirroredTable::Use& use, const Value* row, const Cause& cause) {
  if (arena_.bytes() > kScratchBytes) arena_ = Arena();
  Collection& collection = *use.collection;
  Walk walk(*use.appearance, row);
  if (limits_.always) return walk_later(use, walk.start(), cause);
  const std::size_t marked = marks();
  const std::size_t room = marked < limits_.marks ? limits_.marks - marked : 1;
  const std::size_t limit = std::min(limits_.walk, room);
  std::vector<std::string_view> roots;
  PENSTOCK_TRY(walk.next(limit + 1, arena_, roots));
  if (roots.size() <= limit) {
    for (const std::string_view root : roots) collection.marks.add(root, cause);
    return {};
  }
  return add_task(use, walk.start(), cause);
}

Status Marker::walk_later(const MirroredTable::Use& use, const std::string& start, const Cause& cause) {
  if (start.empty()) return {};
  const auto& hops = use.appearance->hops;
  if (hops.size() > 1 || !hops.front().target().is_key) return add_task(use, start, cause);
  use.collection->marks.add(start, cause);
  return {};
}

Status Marker::add_task(const MirroredTable::Use& use, const std::string& start, const Cause& cause) {
  FanOutTask task;
  task.collection = use.collection->name();
  task.appearance = use.appearance->number;
  task.start = start;
  task.cause = cause;
  task.since = cause.position.commit_lsn;
  return fan_out_.add(std::move(task));
}

Status Marker::whole(Collection& collection, const Cause& cause) {
  FanOutTask task;
  task.collection = collection.name();
  task.cause = cause;
  task.since = cause.position.commit_lsn;
  return fan_out_.add(std::move(task));
}

Status Marker::truncated(const MirroredTable& table, const Cause& cause) {
  PENSTOCK_ASSIGN(const bool empty, table.mirror->rows().empty());
  if (empty) return {};
  for (const MirroredTable::Use& use : table.uses) {
    const Tree& tree = *use.collection->tree;
    if (use.collection->follows() && tree.root.mirror != table.mirror)
      PENSTOCK_TRY(whole(*use.collection, cause));
  }
  return {};
}

}  // namespace penstock
