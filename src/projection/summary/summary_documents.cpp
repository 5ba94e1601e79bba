// How groups become documents.
#include <algorithm>
#include <utility>

#include "expression/aggregate/index_key.h"
#include "model/row_codec.h"
#include "projection/summary/stored_summary.h"

namespace penstock {
namespace {

std::vector<Value> key_values(const SummaryDefinition& definition, std::string_view bytes, Arena& arena) {
  RowDecoder decoder(arena.copy(bytes), arena);
  std::vector<Value> values;
  for (std::size_t i = 0; i < definition.keys.size(); ++i) values.push_back(decoder.next());
  return values;
}

const Value* kept(const std::vector<Value>& values, Arena& arena) {
  Value* copy = arena.array<Value>(values.size());
  std::copy(values.begin(), values.end(), copy);
  return copy;
}

std::string described(const std::vector<Value>& keys) {
  std::string text;
  for (const Value& key : keys) text += (text.empty() ? "" : ", ") + (key.is_null() ? "NULL" : to_text(key));
  return text;
}

}  // namespace

Status StoredSummary::write(SummaryWriter& writer) {
  if (cleared_) {
    DocumentWrite& write = writer.group.writes.emplace_back();
    write.kind = WriteKind::kClear;
    write.shape = &writer.shape;
    write.position = cleared_->position;
    cleared_.reset();
  }
  for (const auto& [name, mark] : marks_) {
    PENSTOCK_TRY(write_group(name, mark, writer));
    if (building_) ahead_.insert(name);
  }
  marks_.clear();
  return {};
}

Status StoredSummary::write_group(const std::string& name, const Mark& mark, SummaryWriter& writer) {
  PENSTOCK_ASSIGN(std::optional<GroupState> group, load(name));
  if (group) return write_document({name, mark.cause, mark.had_document}, *group, writer);
  if (mark.had_document || writer.may_exist) write_deletion(mark, writer);
  return {};
}

void StoredSummary::write_deletion(const Mark& mark, SummaryWriter& writer) {
  DocumentWrite& write = writer.group.writes.emplace_back();
  write.kind = WriteKind::kDelete;
  write.shape = &writer.shape;
  write.id = kept(key_values(definition_, mark.keys, writer.group.arena), writer.group.arena);
  write.position = mark.cause.position;
}

Status StoredSummary::write_document(const Written& written, GroupState& group, SummaryWriter& writer) {
  Arena& arena = writer.group.arena;
  const std::vector<Value> keys = key_values(definition_, group.keys, arena);
  DocumentWrite write;
  const bool fresh = !written.had_document && !writer.may_exist;
  // What a load brings in several steps is one to readers.
  const bool updated = written.had_document && written.cause.position != kLoadedAt;
  write.kind = fresh ? WriteKind::kInsert : WriteKind::kReplace;
  write.shape = &writer.shape;
  write.id = kept(keys, arena);
  write.position = written.cause.position;
  Value* fields = arena.array<Value>(writer.shape.fields.size());
  const auto reject = [&](Error error) -> Status {
    if (error.kind != ErrorKind::kBadValue) return fail(std::move(error));
    error.message = "collection " + definition_.name + ", group " + described(keys) + ": " + error.message;
    writer.group.rejected.push_back({write, std::move(error)});
    return {};
  };
  Result<std::vector<Value>> results = results_of(group, arena);
  if (!results) return reject(std::move(results).error());
  for (std::size_t i = 0; i < definition_.fields.size(); ++i) {
    Result<Value> value = field_value(definition_.fields[i], keys, *results, arena);
    if (!value) return reject(std::move(value).error());
    fields[i] = *value;
  }
  if (writer.shape.change_field >= 0)
    fields[writer.shape.change_field] = Text{updated ? "updated" : "inserted"};
  if (writer.shape.time_field >= 0)
    fields[writer.shape.time_field] = Timestamp{group.commit_micros, {}, true};
  write.fields = fields;
  writer.group.writes.push_back(write);
  return {};
}

Result<std::vector<Value>> StoredSummary::results_of(const GroupState& group, Arena& arena) {
  std::vector<Value> results;
  for (std::size_t i = 0; i < definition_.calls.size(); ++i) {
    const IndexSlot slot{group.number, i, &definition_.calls[i].shape};
    if (group.tallies[i] != nullptr) {
      PENSTOCK_ASSIGN(results.emplace_back(), group.tallies[i]->result(arena));
    } else {
      PENSTOCK_ASSIGN(results.emplace_back(), index_->result(slot, arena));
    }
  }
  return results;
}

Result<Value> StoredSummary::field_value(const SummaryDefinition::Field& field,
                                         const std::vector<Value>& keys, const std::vector<Value>& results,
                                         Arena& arena) {
  if (field.fields.empty()) {
    const expression::Grouped& grouped = definition_.expressions[field.expression];
    const std::span<const Value> own(results.data() + definition_.first_call[field.expression],
                                     grouped.calls().size());
    return grouped.evaluate(keys, own, arena);
  }
  auto* inner = arena.array<StructField>(field.fields.size());
  for (std::size_t i = 0; i < field.fields.size(); ++i) {
    inner[i].name = field.fields[i].name;
    PENSTOCK_ASSIGN(inner[i].value, field_value(field.fields[i], keys, results, arena));
  }
  return Value(Struct{inner, static_cast<std::uint32_t>(field.fields.size()), {}});
}

Result<bool> StoredSummary::write_all(std::string& cursor, std::size_t documents, SummaryWriter& writer) {
  if (cursor.empty()) {
    marks_.clear();
    cleared_.reset();
    ahead_.clear();
    built_ = true;
    PENSTOCK_TRY(save_meta());
  }
  building_ = true;
  std::size_t written = 0;
  const auto visit = [&](std::string_view key, std::string_view bytes) -> Result<bool> {
    std::optional<GroupState> group = decode_group(definition_, bytes);
    if (!group)
      return fail(ErrorKind::kInternal,
                  "collection " + definition_.name + ": a group in the state is damaged",
                  "stop penstock and delete the state directory: it is made anew from the tables");
    const std::string name(key.substr(1));
    cursor = key;
    PENSTOCK_TRY(write_document({name, last_cause_, ahead_.erase(name) > 0}, *group, writer));
    return ++written < documents;
  };
  const auto after = cursor.empty() ? std::nullopt : std::optional<std::string_view>(cursor);
  const std::string from = cursor;
  PENSTOCK_TRY(groups_->scan("g", OrderedMap::Direction::kForward, visit,
                             after ? std::optional<std::string_view>(from) : std::nullopt));
  if (written >= documents) return true;
  building_ = false;
  ahead_.clear();
  return false;
}

}  // namespace penstock
