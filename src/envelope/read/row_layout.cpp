#include "envelope/read/row_layout.h"

#include <algorithm>

#include "envelope/read/head_fields.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t kMaxShapes = 64;

bool has_fields(const RowShape& shape, const dom::object& json) {
  std::size_t place = 0;
  for (const dom::key_value_pair field : json) {
    if (place == shape.fields.size() || shape.fields[place].name != field.key) return false;
    ++place;
  }
  return place == shape.fields.size();
}

// The catalog's columns that `taken` marks; `places` becomes their indexes in it, -1 for the others.
std::shared_ptr<const TableSchema> part_of(const std::shared_ptr<const TableSchema>& catalog,
                                           const std::vector<bool>& taken, std::vector<int>& places) {
  places.assign(taken.size(), -1);
  const bool whole = std::find(taken.begin(), taken.end(), false) == taken.end();
  auto part = std::make_shared<TableSchema>();
  part->table = catalog->table;
  part->oid = catalog->oid;
  part->replica_identity = catalog->replica_identity;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) continue;
    places[i] = static_cast<int>(part->columns.size());
    part->columns.push_back(catalog->columns[i]);
  }
  if (whole) return catalog;
  for (const std::uint16_t column : catalog->key)
    part->key.push_back(static_cast<std::uint16_t>(places[column]));
  return part;
}

Value* new_row(const TableSchema& schema, Arena& arena) {
  Value* values = arena.array<Value>(schema.columns.size());
  for (std::size_t i = 0; i < schema.columns.size(); ++i) values[i] = Unchanged{};
  return values;
}

}  // namespace

bool is_added_field(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "__op",    "__deleted", "__lsn",   "__txId",     "__table",   "__schema",    "__db",       "__name",
      "__ts_ms", "__ts_us",   "__ts_ns", "__sequence", "__version", "__connector", "__snapshot", "__xmin"};
  if (name.starts_with("__source_") || name.starts_with("__transaction_")) return true;
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

RowLayout::RowLayout(std::shared_ptr<const TableSchema> catalog, std::vector<ColumnReader> readers,
                     std::vector<std::uint16_t> identity)
    : catalog_(std::move(catalog)), readers_(std::move(readers)), identity_(catalog_->columns.size(), false) {
  for (const std::uint16_t column : identity) identity_[column] = true;
  for (const std::uint16_t column : catalog_->key) identity_has_key_ = identity_has_key_ && identity_[column];
}

Result<const RowShape*> RowLayout::shape_of(const dom::object& json, bool unwrapped) {
  if (!shapes_.empty() && has_fields(*shapes_.front(), json)) return shapes_.front().get();
  for (std::size_t i = 1; i < shapes_.size(); ++i) {
    if (!has_fields(*shapes_[i], json)) continue;
    std::swap(shapes_[0], shapes_[i]);
    return shapes_.front().get();
  }
  return add_shape(json, unwrapped);
}

Result<const RowShape*> RowLayout::add_shape(const dom::object& json, bool unwrapped) {
  auto shape = std::make_unique<RowShape>();
  std::vector<bool> taken(catalog_->columns.size(), false);
  std::set<std::string_view> names;
  for (const dom::key_value_pair pair : json) {
    if (!names.insert(pair.key).second)
      return fail(ErrorKind::kBadValue, "table " + to_string(catalog_->table) +
                                            ": the record has the field \"" +
                                            std::string(pair.key.substr(0, 80)) + "\" twice");
    RowShape::Field field;
    field.name = pair.key;
    if (const auto column = catalog_->find(pair.key)) {
      taken[*column] = true;
      field.place = *column;
      field.reader = &readers_[*column];
      field.identity = identity_[*column];
    } else if (unwrapped && is_added_field(pair.key)) {
      shape->added.push_back(field.name);
    } else {
      unknown_.insert(field.name);
    }
    shape->fields.push_back(std::move(field));
  }
  for (const std::uint16_t column : catalog_->key) taken[column] = true;
  std::vector<int> places;
  shape->schema = part_of(catalog_, taken, places);
  for (RowShape::Field& field : shape->fields)
    if (field.place >= 0) field.place = places[static_cast<std::size_t>(field.place)];
  if (shapes_.size() >= kMaxShapes) shapes_.pop_back();
  shapes_.insert(shapes_.begin(), std::move(shape));
  return shapes_.front().get();
}

Result<Value> RowLayout::read_value(const ColumnReader& reader, const dom::element& json,
                                    ReadInto into) const {
  auto value = reader.read(json, into);
  if (!value) value.error().message = "table " + to_string(catalog_->table) + ", " + value.error().message;
  return value;
}

Result<Row> RowLayout::read(const dom::object& json, bool identity_only, bool unwrapped, ReadInto into) {
  PENSTOCK_ASSIGN(const RowShape* shape, shape_of(json, unwrapped));
  Row row{shape, new_row(*shape->schema, into.arena), false};
  std::size_t at = 0;
  for (const dom::key_value_pair pair : json) {
    const RowShape::Field& field = shape->fields[at++];
    if (field.place < 0 || (identity_only && !field.identity)) continue;
    PENSTOCK_ASSIGN(Value value, read_value(*field.reader, pair.value, into));
    row.has_unchanged = row.has_unchanged || value.is_unchanged();
    row.values[field.place] = value;
  }
  return row;
}

const RowShape* RowLayout::key_shape() {
  if (!key_shape_) {
    key_shape_ = std::make_unique<RowShape>();
    key_shape_->schema = catalog_;
  }
  return key_shape_.get();
}

Result<Row> RowLayout::read_key(const dom::object& key, ReadInto into) {
  Row row{key_shape(), new_row(*catalog_, into.arena), true};
  PENSTOCK_ASSIGN(const bool complete, complete_key(row, key, into));
  if (complete) return row;
  return fail(ErrorKind::kBadValue,
              "table " + to_string(catalog_->table) + ": the record's key does not have the table's key",
              "write the records without message.key.columns, or deletes with a row "
              "(delete.tombstone.handling.mode=rewrite)");
}

Result<bool> RowLayout::complete_key(Row& row, const dom::object& key, ReadInto into) const {
  const TableSchema& schema = *row.shape->schema;
  bool complete = !schema.key.empty();
  for (const std::uint16_t column : schema.key) {
    Value& value = row.values[column];
    if (!value.is_unchanged() && !value.is_null()) continue;
    dom::element json;
    const std::string& name = schema.columns[column].name;
    if (key.at_key(name).get(json) == simdjson::SUCCESS) {
      PENSTOCK_ASSIGN(value, read_value(readers_[*catalog_->find(name)], json, into));
    }
    complete = complete && !value.is_unchanged() && !value.is_null();
  }
  return complete;
}

}  // namespace penstock::envelope
