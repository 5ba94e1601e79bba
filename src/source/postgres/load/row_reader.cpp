#include "source/postgres/load/row_reader.h"

#include <charconv>
#include <utility>

#include "source/postgres/load/copy_text.h"
#include "source/postgres/load/value_copy.h"

namespace penstock::postgres {

Result<RowReader> RowReader::make(const TableWork& table, pgtype::TypeCatalog& types, Snapshot snapshot,
                                  std::int64_t snapshot_micros) {
  RowReader reader(table);
  types.forget();  // an ALTER TYPE may have come since the last chunk
  for (const Column& column : table.schema().columns) {
    auto decoder = pgtype::decoder_for(column.type_oid, types);
    if (!decoder) {
      Error error = std::move(decoder).error();
      error.message = table.name + "." + column.name + " (" + column.type_name + "): " + error.message;
      return fail(std::move(error));
    }
    reader.decoders_.push_back(std::move(*decoder));
  }
  reader.micros_ = snapshot_micros;
  reader.rows_.snapshot = std::move(snapshot);
  reader.rows_.batch = std::make_shared<EventBatch>();
  reader.rows_.batch->schemas.push_back(table.description.schema);
  return reader;
}

Result<Value> RowReader::decode(std::size_t column, std::string_view text) {
  auto value = decoders_[column]->decode(text, rows_.batch->arena);
  if (value) return value;
  const Column& shape = table_->schema().columns[column];
  Error error = std::move(value).error();
  error.message = table_->name + "." + shape.name + " (" + shape.type_name +
                  "), while reading the table: " + error.message;
  return fail(std::move(error));
}

Status RowReader::add_fields(std::size_t first) {
  const std::size_t count = table_->schema().columns.size();
  Value* row = rows_.batch->arena.array<Value>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& field = fields_[first + i];
    if (!field) continue;
    PENSTOCK_ASSIGN(row[i], decode(i, *field));
  }
  Event event;
  event.kind = EventKind::kLoad;
  event.schema = &table_->schema();
  event.after = row;
  event.commit_micros = micros_;
  rows_.batch->events.push_back(event);
  key_.clear();
  for (const std::uint16_t column : table_->schema().key) append_key(row[column], key_);
  rows_.key_hashes.push_back(hash_key(key_));
  first_field_ = first;
  return {};
}

Status RowReader::add_row(std::string_view line) {
  PENSTOCK_TRY(split_copy_line(line, table_->schema().columns.size(), rows_.batch->arena, fields_));
  ++rows_.rows;
  return add_fields(0);
}

Status RowReader::add_answer(std::string_view line, bool ordinal_only) {
  const std::size_t columns = ordinal_only ? 0 : table_->schema().columns.size();
  PENSTOCK_TRY(split_copy_line(line, columns + 1, rows_.batch->arena, fields_));
  std::uint32_t request = 0;
  const std::string_view ordinal = fields_[0].value_or("");
  std::from_chars(ordinal.data(), ordinal.data() + ordinal.size(), request);
  if (request >= found_.size())
    return fail(ErrorKind::kInternal, "a row of " + table_->name + " answers request " +
                                          std::string(ordinal) + " of " + std::to_string(found_.size()));
  ++rows_.rows;
  found_[request] = 1;
  if (ordinal_only) return {};
  rows_.request_of.push_back(request);
  return add_fields(1);
}

Status RowReader::expect(const std::vector<Reread>& requests) {
  const TableSchema& schema = table_->schema();
  for (const std::string& name : requests.front().columns) {
    const auto column = schema.find(name);
    if (!column)
      return fail(ErrorKind::kSchemaChanged,
                  "rows of " + table_->name + " are asked for by column " + name + ", which is gone");
    rows_.request_columns.push_back(*column);
  }
  Arena& arena = rows_.batch->arena;
  for (const Reread& request : requests) {
    Value* row = arena.array<Value>(schema.columns.size());
    for (std::size_t i = 0; i < schema.columns.size(); ++i) row[i] = Unchanged{};
    ChunkRows::Request& wanted = rows_.requests.emplace_back();
    wanted.only_absent = request.only_absent;
    if (request.key.size() != rows_.request_columns.size())
      return fail(ErrorKind::kInternal, "a request for a row of " + table_->name + " has " +
                                            std::to_string(request.key.size()) + " values");
    for (std::size_t i = 0; i < request.key.size(); ++i) {
      const std::size_t column = rows_.request_columns[i];
      PENSTOCK_ASSIGN(row[column], decode(column, arena.copy(request.key[i])));
      append_key(row[column], wanted.wanted);
    }
    wanted_.push_back(row);
  }
  found_.resize(requests.size());
  return {};
}

void RowReader::add_absent() {
  for (std::uint32_t request = 0; request < found_.size(); ++request) {
    if (found_[request] != 0) continue;
    Event event;
    event.kind = EventKind::kAbsent;
    event.schema = &table_->schema();
    event.before = wanted_[request];
    event.commit_micros = micros_;
    rows_.batch->events.push_back(event);
    rows_.key_hashes.push_back(0);
    rows_.request_of.push_back(request);
  }
}

void RowReader::leave_unanswered() {
  for (std::uint32_t request = 0; request < found_.size(); ++request)
    if (found_[request] == 0) rows_.unanswered.push_back(request);
}

KeyText RowReader::last_key() const {
  KeyText key;
  for (const std::uint16_t column : table_->schema().key)
    key.emplace_back(fields_[first_field_ + column].value_or(""));
  return key;
}

}  // namespace penstock::postgres
