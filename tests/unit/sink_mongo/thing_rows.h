// Rows and writes of one made-up table, public.things(id, name, note), for tests of the MongoDB sink.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/document_write.h"

namespace penstock::mongo::testing {

inline TableSchema things_schema() {
  TableSchema schema;
  schema.table = {"public", "things"};
  schema.columns = {{"id", 23, -1, "integer"}, {"name", 25, -1, "text"}, {"note", 25, -1, "text"}};
  schema.key = {0};
  return schema;
}

inline DocumentShape things_shape(bool metadata = false) {
  DocumentShape shape;
  shape.collection = "things";
  shape.table = "public.things";
  shape.fields = {{"id", BsonType::kDefault, "public.things.id integer"},
                  {"name", BsonType::kDefault, "public.things.name text"},
                  {"note", BsonType::kDefault, "public.things.note text"}};
  shape.id = {{"id", BsonType::kDefault, "public.things.id integer"}};
  shape.id_columns = {"id"};
  if (metadata) {
    shape.soft_deletes = true;
    shape.change_field = 3;
    shape.time_field = 4;
    shape.fields.push_back({"cdc_changed", BsonType::kDefault, "metadata"});
    shape.fields.push_back({"cdc_time", BsonType::kDefault, "metadata"});
  }
  return shape;
}

// A text of a row; nothing: unchanged TOAST.
using Cell = std::optional<std::string_view>;

// Builds a group write by write. `Id` is a Value: an integer, a Decimal, NULL, ...
class GroupMaker {
 public:
  explicit GroupMaker(const DocumentShape& shape) : shape_(&shape), schema_(things_schema()) {}

  GroupMaker& insert(Value id, Cell name, Cell note) {
    return add(WriteKind::kInsert, id, name, note, "inserted");
  }
  GroupMaker& replace(Value id, Cell name, Cell note) {
    return add(WriteKind::kReplace, id, name, note, "inserted");
  }
  GroupMaker& patch(Value id, Cell name, Cell note) {
    return add(WriteKind::kPatch, id, name, note, "updated");
  }
  // An update whose row was sent whole: projectors may write it either way.
  GroupMaker& replace_or_patch(bool replacing, Value id, Cell name, Cell note) {
    return replacing ? replace(id, name, note) : patch(id, name, note);
  }
  GroupMaker& remove(Value id) { return add(WriteKind::kDelete, id, std::nullopt, std::nullopt, "deleted"); }
  GroupMaker& mark(Value id) {
    return add(WriteKind::kSoftDelete, id, std::nullopt, std::nullopt, "deleted");
  }
  GroupMaker& carry(Value previous, Value id, Cell name, Cell note, bool soft = false) {
    add(WriteKind::kCarry, id, name, note, "updated");
    group_.writes.back().previous_id = keep(previous);
    group_.writes.back().soft = soft;
    return *this;
  }
  GroupMaker& clear(bool soft = false) {
    add(WriteKind::kClear, Value(), std::nullopt, std::nullopt, "deleted");
    group_.writes.back().id = nullptr;
    group_.writes.back().soft = soft;
    return *this;
  }
  GroupMaker& shaped(const DocumentShape& shape) {
    shape_ = &shape;
    return *this;
  }
  GroupMaker& at(std::uint64_t commit) {
    commit_ = commit;
    return *this;
  }

  WriteGroup take() { return std::exchange(group_, WriteGroup{}); }
  // As the last group of the transaction that commits at `commit`.
  WriteGroup take(std::uint64_t commit) {
    WriteGroup group = take();
    group.position = Position{Lsn{commit}, group.writes.size(), Lsn{commit + 8}};
    group.last_commit_micros = static_cast<std::int64_t>(commit);
    return group;
  }

 private:
  GroupMaker& add(WriteKind kind, Value id, Cell name, Cell note, const char* change) {
    DocumentWrite write;
    write.kind = kind;
    write.shape = shape_;
    write.id = keep(id);
    write.schema = &schema_;
    Value* row = group_.arena.array<Value>(3);
    row[0] = *write.id;
    row[1] = cell(name);
    row[2] = cell(note);
    write.row = row;
    Value* fields = group_.arena.array<Value>(shape_->fields.size());
    fields[0] = kind == WriteKind::kSoftDelete ? Value(Unchanged{}) : *write.id;
    fields[1] = row[1];
    fields[2] = row[2];
    if (shape_->change_field >= 0) fields[shape_->change_field] = Value(Text{change});
    if (shape_->time_field >= 0) fields[shape_->time_field] = Value(Timestamp{time_ += 1000, {}, true});
    write.fields = fields;
    write.position = Position{Lsn{commit_}, group_.writes.size() + 1, Lsn{commit_}};
    group_.writes.push_back(write);
    return *this;
  }

  const Value* keep(Value value) {
    if (const auto* decimal = value.get<Decimal>()) value = Decimal{group_.arena.copy(decimal->text)};
    Value* kept = group_.arena.array<Value>(1);
    *kept = value;
    return kept;
  }

  Value cell(Cell text) { return text ? Value(Text{group_.arena.copy(*text)}) : Value(Unchanged{}); }

  const DocumentShape* shape_;
  TableSchema schema_;
  WriteGroup group_;
  std::uint64_t commit_ = 100;
  std::int64_t time_ = 0;
};

}  // namespace penstock::mongo::testing
