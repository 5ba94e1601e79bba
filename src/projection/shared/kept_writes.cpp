#include "projection/shared/kept_writes.h"

#include <cstring>
#include <initializer_list>
#include <random>

#include "model/byte_io.h"

namespace penstock {
namespace {

// FNV-1a, 64 bits: the same on every machine. http://www.isthe.com/chongo/tech/comp/fnv
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char byte : bytes) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3ULL;
  return hash;
}

DocumentShape shape_of(std::string collection, std::initializer_list<const char*> fields) {
  DocumentShape shape;
  shape.collection = std::move(collection);
  shape.table = shape.collection;
  shape.partial = true;
  shape.id.push_back({"_id", BsonType::kDefault, shape.collection});
  for (const char* field : fields) shape.fields.push_back({field, BsonType::kDefault, shape.collection});
  return shape;
}

Value bytes_in(WriteGroup& group, std::string_view bytes) { return Bytes{group.arena.copy(bytes)}; }
Value text_in(WriteGroup& group, std::string_view text) { return Text{group.arena.copy(text)}; }

}  // namespace

std::uint32_t bucket_of(std::string_view key) { return static_cast<std::uint32_t>(hash_of(key) % kBuckets); }
std::string lane_of_bucket(std::uint32_t bucket) { return "b" + std::to_string(bucket); }
std::string lane_of_summary(const std::string& collection) { return "s " + collection; }
bool is_lane_of_summary(std::string_view lane) { return lane.starts_with("s "); }

std::string columns_of(const RowLayout& layout) {
  std::string out;
  ByteWriter writer(out);
  for (const RowLayout::Column& column : layout.columns) {
    writer.text(column.name);
    writer.text(column.type);
  }
  return out;
}

RowLayout layout_from(std::string_view columns) {
  RowLayout layout;
  ByteReader reader(columns);
  while (!reader.done() && reader.ok()) {
    RowLayout::Column column;
    column.name = reader.text();
    column.type = reader.text();
    layout.columns.push_back(std::move(column));
  }
  return layout;
}

std::uint64_t number_of(const RowLayout& layout) { return hash_of(columns_of(layout)) >> 1U; }

KeptWrites::KeptWrites(std::string pipeline)
    : pipeline_(std::move(pipeline)),
      marks_(shape_of(kept::kMarks, {kept::kPipeline, kept::kLane, kept::kCollection, kept::kKind,
                                     kept::kNumber, kept::kDepth, kept::kStart, kept::kAfter, kept::kMark})),
      layouts_(shape_of(kept::kLayouts, {kept::kColumns})),
      entries_(shape_of(kept::kSummaries, {kept::kValue})) {
  std::random_device random;
  for (std::uint64_t& part : next_id_) part = std::uint64_t{random()} << 32U | random();
}

const DocumentShape& KeptWrites::rows_shape(const std::string& table, std::size_t joins) {
  auto& shape = rows_[table];
  if (shape && (joins == 0 || shape->fields.size() == joins + 3)) return *shape;
  if (!shape)
    shape = std::make_unique<DocumentShape>(
        shape_of(kept::rows_of(pipeline_, table), {kept::kLayout, kept::kValues, kept::kBucket}));
  while (shape->fields.size() < joins + 3)
    shape->fields.push_back({kept::join_field(shape->fields.size() - 3), BsonType::kDefault, table});
  return *shape;
}

DocumentWrite& KeptWrites::add(WriteGroup& group, const DocumentShape& shape, WriteKind kind,
                               const Value& id) {
  auto* stored = group.arena.array<Value>(1);
  *stored = id;
  DocumentWrite& write = group.writes.emplace_back();
  write.kind = kind;
  write.shape = &shape;
  write.id = stored;
  if (kind == WriteKind::kDelete) return write;
  auto* fields = group.arena.array<Value>(shape.fields.size());
  for (std::size_t i = 0; i < shape.fields.size(); ++i) fields[i] = Unchanged{};
  write.fields = fields;
  return write;
}

void KeptWrites::put_row(WriteGroup& group, const std::string& table, const Row& row, WriteKind kind) {
  const DocumentShape& shape = rows_shape(table, row.joins->size());
  const DocumentWrite& write = add(group, shape, kind, bytes_in(group, row.key));
  auto* fields = const_cast<Value*>(write.fields);
  fields[0] = static_cast<std::int64_t>(row.layout);
  fields[1] = bytes_in(group, row.values);
  if (row.root) fields[2] = static_cast<std::int32_t>(bucket_of(row.key));
  for (std::size_t i = 0; i < row.joins->size(); ++i)
    if (!(*row.joins)[i].empty()) fields[3 + i] = bytes_in(group, (*row.joins)[i]);
}

void KeptWrites::erase_row(WriteGroup& group, const std::string& table, std::string_view key) {
  add(group, rows_shape(table, 0), WriteKind::kDelete, bytes_in(group, key));
}

void KeptWrites::clear_rows(WriteGroup& group, const std::string& table, const Position& position) {
  DocumentWrite& write = group.writes.emplace_back();
  write.kind = WriteKind::kClear;
  write.shape = &rows_shape(table, 0);
  write.position = position;
}

void KeptWrites::put_layout(WriteGroup& group, const RowLayout& layout) {
  const DocumentWrite& write =
      add(group, layouts_, WriteKind::kReplace, static_cast<std::int64_t>(number_of(layout)));
  *const_cast<Value*>(write.fields) = bytes_in(group, columns_of(layout));
}

void KeptWrites::put_mark(WriteGroup& group, const KeptMark& mark, std::string_view id, WriteKind kind) {
  const DocumentWrite& write = add(group, marks_, kind, bytes_in(group, id));
  auto* fields = const_cast<Value*>(write.fields);
  fields[0] = text_in(group, pipeline_);
  fields[1] = text_in(group, mark.lane);
  fields[2] = text_in(group, mark.collection);
  fields[3] = static_cast<std::int32_t>(mark.kind);
  fields[4] = static_cast<std::int64_t>(mark.number);
  fields[5] = static_cast<std::int64_t>(mark.depth);
  fields[6] = bytes_in(group, mark.start);
  if (mark.after) fields[7] = bytes_in(group, *mark.after);
  fields[8] = bytes_in(group, mark.mark);
}

void KeptWrites::mark(WriteGroup& group, const KeptMark& mark) {
  ++next_id_[1];
  char id[sizeof next_id_];
  std::memcpy(id, next_id_.data(), sizeof id);
  put_mark(group, mark, {id, sizeof id}, WriteKind::kInsert);
}

void KeptWrites::move_mark(WriteGroup& group, const KeptMark& mark) {
  put_mark(group, mark, mark.id, WriteKind::kReplace);
}

void KeptWrites::unmark(WriteGroup& group, std::string_view id) {
  add(group, marks_, WriteKind::kDelete, bytes_in(group, id));
}

void KeptWrites::put_entry(WriteGroup& group, std::string_view name, std::string_view value) {
  const DocumentWrite& write = add(group, entries_, WriteKind::kReplace, text_in(group, name));
  *const_cast<Value*>(write.fields) = bytes_in(group, value);
}

void KeptWrites::erase_entry(WriteGroup& group, std::string_view name) {
  add(group, entries_, WriteKind::kDelete, text_in(group, name));
}

}  // namespace penstock
