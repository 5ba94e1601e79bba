#include "sink/mongo/stage/coalesce.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/check.h"

namespace penstock::mongo {
namespace {

bool is_whole(WriteKind kind) { return kind == WriteKind::kInsert || kind == WriteKind::kReplace; }

bool has_unchanged(const DocumentShape& shape, const Value* fields) {
  return std::any_of(fields, fields + shape.fields.size(),
                     [](const Value& value) { return value.is_unchanged(); });
}

}  // namespace

Coalescer::Coalescer(Arena& arena, EncodeCounts& counts, std::size_t expected_writes)
    : arena_(arena), counts_(counts), segments_(1) {
  segments_.back().writes.reserve(expected_writes);
  grow_slots(2 * expected_writes);
}

Status Coalescer::add(const DocumentWrite& write) {
  if (write.kind == WriteKind::kClear) {
    clear(write);
    return {};
  }
  PENSTOCK_ASSIGN(EncodedId id, encode_id(*write.shape, write.id, counts_));
  if (write.kind == WriteKind::kCarry) return carry(write, std::move(id));
  if (write.kind != WriteKind::kSoftDelete || write.fields != nullptr) {
    place(write, std::move(id));
    return {};
  }
  DocumentWrite marking = write;
  marking.fields = mark(write);
  place(marking, std::move(id));
  return {};
}

void Coalescer::place(const DocumentWrite& write, EncodedId id) {
  const std::int32_t index = find(collection_of(write.shape), id.key);
  if (index < 0) {
    append(write, std::move(id));
    return;
  }
  if (merge(at(index), write, id)) {
    ++merged_;
    return;
  }
  barrier();
  append(write, std::move(id));
}

// Returns false when `write` cannot become one with `pending` and must come after it.
bool Coalescer::merge(Pending& pending, const DocumentWrite& write, EncodedId& id) {
  const WriteKind before = pending.write.kind;
  switch (write.kind) {
    case WriteKind::kInsert:
    case WriteKind::kReplace:
      overwrite(pending, write, id, before == WriteKind::kInsert ? WriteKind::kInsert : WriteKind::kReplace);
      return true;
    case WriteKind::kDelete:
      overwrite(pending, write, id, WriteKind::kDelete);
      return true;
    case WriteKind::kSoftDelete:
      if (before == WriteKind::kDelete) return true;
      if (pending.write.shape != write.shape) return false;
      overlay(pending, write);
      if (before == WriteKind::kPatch) pending.write.kind = WriteKind::kSoftDelete;
      return true;
    case WriteKind::kPatch:
      if (before == WriteKind::kDelete || pending.write.shape != write.shape) return false;
      overlay(pending, write);
      if (before == WriteKind::kSoftDelete) pending.write.kind = WriteKind::kPatch;
      return true;
    case WriteKind::kCarry:
    case WriteKind::kClear:
      break;
  }
  return false;
}

void Coalescer::overwrite(Pending& pending, const DocumentWrite& write, EncodedId& id, WriteKind kind) {
  pending.write = write;
  pending.write.kind = kind;
  pending.owns_fields = false;
  if (pending.id.bson == id.bson) return;
  pending.id = std::move(id);
  pending.delete_first = kind != WriteKind::kDelete;
}

// The fields that `write` sets replace those of `pending`.
void Coalescer::overlay(Pending& pending, const DocumentWrite& write) {
  const std::size_t count = write.shape->fields.size();
  if (!pending.owns_fields) {
    Value* own = arena_.array<Value>(count);
    std::copy_n(pending.write.fields, count, own);
    pending.write.fields = own;
    pending.owns_fields = true;
  }
  Value* fields = const_cast<Value*>(pending.write.fields);  // our own copy
  for (std::size_t i = 0; i < count; ++i) {
    if (!write.fields[i].is_unchanged()) fields[i] = write.fields[i];
  }
  pending.write.schema = write.schema;
  pending.write.row = write.row;
  pending.write.position = write.position;
}

const Value* Coalescer::overlaid(const DocumentShape& shape, const Value* below, const Value* above) {
  const std::size_t count = shape.fields.size();
  Value* fields = arena_.array<Value>(count);
  for (std::size_t i = 0; i < count; ++i) fields[i] = above[i].is_unchanged() ? below[i] : above[i];
  return fields;
}

// The fields that mark a document as deleted, with the time of `write`.
const Value* Coalescer::mark(const DocumentWrite& write) {
  const DocumentShape& shape = *write.shape;
  Value* fields = arena_.array<Value>(shape.fields.size());
  std::fill_n(fields, shape.fields.size(), Value(Unchanged{}));
  if (shape.change_field >= 0) fields[shape.change_field] = Value(Text{"deleted"});
  if (shape.time_field >= 0 && write.fields != nullptr)
    fields[shape.time_field] = write.fields[shape.time_field];
  return fields;
}

Status Coalescer::carry(const DocumentWrite& write, EncodedId id) {
  PENSTOCK_ASSIGN(EncodedId previous, encode_id(*write.shape, write.previous_id, counts_));
  if (previous.key == id.key) {
    carry_onto_itself(write, std::move(id), std::move(previous));
    return {};
  }
  const std::uint32_t collection = collection_of(write.shape);
  std::int32_t source = find(collection, previous.key);
  std::int32_t target = find(collection, id.key);
  const auto usable = [&](std::int32_t index) {
    const Pending& pending = at(index);
    return pending.write.shape == write.shape &&
           (is_whole(pending.write.kind) || pending.write.kind == WriteKind::kPatch);
  };
  if ((source >= 0 && !usable(source)) || (target >= 0 && at(target).write.kind != WriteKind::kDelete)) {
    barrier();
    source = target = -1;
  }
  DocumentWrite whole = write;
  const bool was_insert = source >= 0 && at(source).write.kind == WriteKind::kInsert;
  if (source >= 0) {
    whole.fields = overlaid(*write.shape, at(source).write.fields, write.fields);
    ++merged_;
  }
  if (!has_unchanged(*whole.shape, whole.fields)) {
    whole.kind = was_insert && target < 0 ? WriteKind::kInsert : WriteKind::kReplace;
  }
  if (target >= 0) {
    overwrite(at(target), whole, id, whole.kind);
    at(target).absorbed_delete = whole.kind == WriteKind::kCarry;
    ++merged_;
  } else {
    target = static_cast<std::int32_t>(append(whole, std::move(id)));
  }
  at(target).owns_fields = source >= 0;
  if (whole.kind == WriteKind::kCarry) {
    at(target).previous = static_cast<std::int32_t>(previous_ids_.size());
    previous_ids_.push_back(previous);
  }
  leave_previous(write, std::move(previous), source);
  return {};
}

// 1.0 becomes 1.00: one document for MongoDB, whose `_id` is to be written anew.
void Coalescer::carry_onto_itself(const DocumentWrite& write, EncodedId id, EncodedId previous) {
  std::int32_t index = find(collection_of(write.shape), id.key);
  const auto gone = [&] {
    const WriteKind kind = at(index).write.kind;
    return kind == WriteKind::kDelete || kind == WriteKind::kSoftDelete ||
           at(index).write.shape != write.shape;
  };
  if (index >= 0 && gone()) {
    barrier();
    index = -1;
  }
  if (index < 0) {
    index = static_cast<std::int32_t>(append(write, std::move(id)));
  } else {
    overlay(at(index), write);
    at(index).id = std::move(id);
    ++merged_;
  }
  Pending& pending = at(index);
  pending.delete_first = true;
  if (pending.write.kind == WriteKind::kInsert) pending.write.kind = WriteKind::kReplace;
  if (pending.write.kind == WriteKind::kPatch) pending.write.kind = WriteKind::kCarry;
  if (pending.write.kind != WriteKind::kCarry || pending.previous >= 0) return;
  pending.previous = static_cast<std::int32_t>(previous_ids_.size());
  previous_ids_.push_back(std::move(previous));
}

// What becomes of the document that a carry leaves behind; `pending` is its write in this segment, or -1.
void Coalescer::leave_previous(const DocumentWrite& carry, EncodedId previous, std::int32_t pending) {
  DocumentWrite leaving = carry;
  leaving.id = carry.previous_id;
  leaving.kind = carry.soft ? WriteKind::kSoftDelete : WriteKind::kDelete;
  leaving.fields = carry.soft ? mark(carry) : nullptr;
  if (pending < 0) {
    append(leaving, std::move(previous));
  } else {
    PENSTOCK_CHECK(merge(at(pending), leaving, previous));
  }
}

void Coalescer::drop_writes(Segment& segment, std::uint32_t collection) {
  for (Pending& pending : segment.writes) {
    if (pending.collection != collection || pending.dropped) continue;
    pending.dropped = true;
    ++merged_;
  }
}

void Coalescer::clear(const DocumentWrite& write) {
  const std::uint32_t collection = collection_of(write.shape);
  if (!write.soft) {
    for (Segment& segment : segments_) drop_writes(segment, collection);
  }
  barrier();
  segments_.back().clears.push_back(write);
}

std::size_t Coalescer::append(const DocumentWrite& write, EncodedId id) {
  std::vector<Pending>& writes = segments_.back().writes;
  const std::uint32_t collection = collection_of(write.shape);
  if (2 * (writes.size() + 1) > slots_.size()) grow_slots(2 * slots_.size());
  slots_[slot_of(collection, id.key)] = static_cast<std::uint32_t>(writes.size() + 1);
  Pending& pending = writes.emplace_back();
  pending.write = write;
  pending.id = std::move(id);
  pending.collection = collection;
  pending.since = write.position.commit_lsn;
  return writes.size() - 1;
}

void Coalescer::barrier() {
  if (segments_.back().writes.empty()) return;
  segments_.emplace_back();
  std::fill(slots_.begin(), slots_.end(), 0U);
}

std::uint32_t Coalescer::collection_of(const DocumentShape* shape) {
  if (shape == last_shape_) return last_collection_;
  const auto seen = std::find(shapes_.begin(), shapes_.end(), shape);
  if (seen == shapes_.end()) {
    const auto named = std::find(collections_.begin(), collections_.end(), shape->collection);
    shape_collections_.push_back(static_cast<std::uint32_t>(named - collections_.begin()));
    if (named == collections_.end()) collections_.emplace_back(shape->collection);
    shapes_.push_back(shape);
    last_collection_ = shape_collections_.back();
  } else {
    last_collection_ = shape_collections_[static_cast<std::size_t>(seen - shapes_.begin())];
  }
  last_shape_ = shape;
  return last_collection_;
}

std::int32_t Coalescer::find(std::uint32_t collection, std::string_view key) const {
  return static_cast<std::int32_t>(slots_[slot_of(collection, key)]) - 1;
}

// The slot that holds the key, or the free one where it belongs.
std::size_t Coalescer::slot_of(std::uint32_t collection, std::string_view key) const {
  const std::vector<Pending>& writes = segments_.back().writes;
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = (std::hash<std::string_view>{}(key) ^ (collection * 0x9E3779B97F4A7C15ULL)) & mask;
  while (slots_[slot] != 0) {
    const Pending& pending = writes[slots_[slot] - 1];
    if (pending.collection == collection && pending.id.key == key) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

void Coalescer::grow_slots(std::size_t slots) {
  std::size_t size = 16;
  while (size < slots) size *= 2;
  slots_.assign(size, 0);
  const std::vector<Pending>& writes = segments_.back().writes;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    slots_[slot_of(writes[i].collection, writes[i].id.key)] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace penstock::mongo
