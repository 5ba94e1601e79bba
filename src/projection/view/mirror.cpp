#include "projection/view/mirror.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "model/row_codec.h"

namespace penstock {
namespace {

constexpr std::size_t kCopiedRows = 1000;

}  // namespace

Mirror::Mirror(TableName table, std::vector<Column> columns, std::vector<std::uint16_t> key)
    : table_(std::move(table)),
      name_(to_string(table_)),
      columns_(std::move(columns)),
      key_(std::move(key)),
      needed_(columns_.size(), false) {}

std::optional<std::uint16_t> Mirror::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == name) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

std::size_t Mirror::path_over(std::vector<std::uint16_t> columns) {
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  for (const std::uint16_t column : columns) need(column);
  std::vector<std::uint16_t> key = key_;
  std::sort(key.begin(), key.end());
  Path path;
  path.is_key = key == columns;
  if (path.is_key) {
    path.columns = key_;
  } else {
    path.columns = std::move(columns);
  }
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (paths_[i].columns == path.columns) return i;
  }
  for (const Path& other : paths_) path.index += other.is_key ? 0 : 1;
  paths_.push_back(std::move(path));
  return paths_.size() - 1;
}

TableSchema Mirror::schema() const {
  TableSchema schema;
  schema.table = table_;
  schema.key = key_;
  for (const Column& column : columns_)
    schema.columns.push_back({column.name, column.type.oid, column.type.modifier, column.type_name});
  return schema;
}

std::string Mirror::key_text() const {
  std::string text;
  for (const std::uint16_t column : key_)
    text += quote_identifier(columns_[column].name) + " " + columns_[column].type_name + ",";
  return text;
}

RowLayout Mirror::layout() const {
  RowLayout layout;
  for (const Column& column : columns_) layout.columns.push_back({column.name, column.type_name});
  return layout;
}

// Rows that are only reached from one owner lie beside each other.
std::optional<std::size_t> Mirror::clustered_path() const {
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (!paths_[i].downward) continue;
    if (root_ || only || paths_[i].is_key) return std::nullopt;
    only = i;
  }
  return only;
}

RowForm Mirror::form() const {
  RowForm form;
  form.integer_key = key_.size() == 1 && columns_[key_[0]].mode == KeyMode::kInteger;
  for (const Path& path : paths_) {
    if (path.is_key) continue;
    RowForm::Index index;
    index.integer = path.columns.size() == 1 && columns_[path.columns[0]].mode == KeyMode::kInteger;
    for (const std::uint16_t column : path.columns)
      index.name += quote_identifier(columns_[column].name) + ",";
    form.indexes.push_back(std::move(index));
  }
  if (const auto path = clustered_path()) form.clustered = paths_[*path].index;
  return form;
}

Status Mirror::attach(StateStore& store) {
  store_ = &store;
  positions_.clear();
  PENSTOCK_ASSIGN(const auto stored, store.table(name_));
  RowForm wanted = form();
  PENSTOCK_ASSIGN(const std::uint64_t layout, store.layout_number(this->layout()));
  if (stored && stored->key == key_text() && stored->form == wanted) {
    record_ = *stored;
    PENSTOCK_ASSIGN(rows_, RowTable::open(store.database(), record_.number, record_.form));
  } else {
    record_ = TableRecord();
    PENSTOCK_ASSIGN(record_.number, store.new_table_number());
    record_.form = std::move(wanted);
    record_.key = key_text();
    PENSTOCK_ASSIGN(rows_, RowTable::open(store.database(), record_.number, record_.form));
    if (stored) PENSTOCK_TRY(take_over(store, *stored));
  }
  const RowLayout* old = stored ? store.layout(stored->layout) : nullptr;
  const auto had = [&](const RowLayout::Column& column) {
    return old != nullptr &&
           std::find(old->columns.begin(), old->columns.end(), column) != old->columns.end();
  };
  const RowLayout now = this->layout();
  // Rows stored before lack columns, or have them as another type: the table is loaded again.
  if (!std::all_of(now.columns.begin(), now.columns.end(), had)) record_.loaded = false;
  record_.layout = layout;
  return save_record();
}

// The rows move to a table of the new form.
Status Mirror::take_over(StateStore& store, const TableRecord& old) {
  if (old.key != record_.key) return RowTable::drop(store.database(), old.number, old.form);
  log::info("the local state of table {} is given another form", name_);
  PENSTOCK_ASSIGN(const auto from, RowTable::open(store.database(), old.number, old.form));
  record_.loaded = old.loaded;
  record_.swept = old.swept;
  record_.load_id = old.load_id;
  std::string last;
  RowTable::Joins joins;
  for (;;) {
    Arena arena;
    std::vector<StoredRow> rows;
    const auto after = last.empty() ? std::nullopt : std::optional<std::string_view>(last);
    PENSTOCK_TRY(from->scan(after, kCopiedRows, arena, rows));
    for (const StoredRow& row : rows) {
      PENSTOCK_ASSIGN(const Value* values, decode(row.payload, arena));
      joins_of(values, joins);
      PENSTOCK_TRY(rows_->insert(row.key, joins, row.payload, row.mark));
    }
    if (rows.size() < kCopiedRows) break;
    last = rows.back().key;
  }
  if (record_.loaded) PENSTOCK_TRY(make_indexes());
  return RowTable::drop(store.database(), old.number, old.form);
}

Status Mirror::save_record() { return store_->put_table(name_, record_); }

bool Mirror::key_of(const Value* row, std::string& key) const {
  key.clear();
  return std::all_of(key_.begin(), key_.end(), [&](std::uint16_t column) {
    return append_key(key, row[column], columns_[column].mode);
  });
}

void Mirror::joins_of(const Value* row, RowTable::Joins& joins) const {
  joins.resize(record_.form.indexes.size());
  for (const Path& path : paths_) {
    if (path.is_key) continue;
    std::string& value = joins[path.index];
    value.clear();
    const bool whole = std::all_of(path.columns.begin(), path.columns.end(), [&](std::uint16_t column) {
      return append_key(value, row[column], columns_[column].mode);
    });
    if (!whole) value.clear();
  }
}

void Mirror::encode(const Value* row, std::string& payload) const {
  payload.clear();
  encode_row(payload, record_.layout, row, columns_.size());
}

const std::vector<int>& Mirror::positions_of(std::uint64_t layout) {
  const auto [found, fresh] = positions_.try_emplace(layout);
  const RowLayout* columns = store_->layout(layout);
  if (!fresh || columns == nullptr) return found->second;
  for (const RowLayout::Column& column : columns->columns) {
    const auto place = find_column(column.name);
    found->second.push_back(place ? static_cast<int>(*place) : -1);
  }
  return found->second;
}

Result<const Value*> Mirror::decode(std::string_view payload, Arena& arena) {
  RowDecoder decoder(payload, arena);
  auto* values = arena.array<Value>(columns_.size());
  if (decoder.layout() == record_.layout) {
    for (std::size_t i = 0; i < columns_.size(); ++i) values[i] = decoder.next();
  } else {
    std::fill_n(values, columns_.size(), Value(Unchanged{}));
    for (const int place : positions_of(decoder.layout())) {
      const Value value = decoder.next();
      if (place >= 0) values[place] = value;
    }
  }
  if (decoder.ok()) return values;
  store_->condemn();
  return fail(ErrorKind::kInternal, "a row of " + name_ + " in the local state cannot be read",
              "start again: the state is a cache and is begun anew");
}

Result<MirrorRow> Mirror::find(std::string_view key, Arena& arena) {
  PENSTOCK_ASSIGN(const auto stored, rows_->find(key, arena));
  if (!stored) return MirrorRow{};
  PENSTOCK_ASSIGN(const Value* values, decode(stored->payload, arena));
  return MirrorRow{key, values};
}

Status Mirror::list(std::size_t number, std::string_view value, Arena& arena, std::vector<MirrorRow>& rows) {
  const Path& path = paths_[number];
  if (path.is_key) {
    PENSTOCK_ASSIGN(const MirrorRow row, find(value, arena));
    if (row.values != nullptr) rows.push_back({arena.copy(value), row.values});
    return {};
  }
  if (record_.form.clustered == path.index) {
    std::vector<StoredRow> stored;
    PENSTOCK_TRY(rows_->list_rows(value, arena, stored));
    for (const StoredRow& row : stored) {
      PENSTOCK_ASSIGN(const Value* values, decode(row.payload, arena));
      rows.push_back({row.key, values});
    }
    return {};
  }
  std::vector<std::string_view> keys;
  PENSTOCK_TRY(rows_->list_keys(path.index, value, std::nullopt, SIZE_MAX >> 1, arena, keys));
  for (const std::string_view key : keys) {
    PENSTOCK_ASSIGN(const MirrorRow row, find(key, arena));
    if (row.values != nullptr) rows.push_back(row);
  }
  return {};
}

Status Mirror::scan(std::optional<std::string_view> after, std::size_t limit, Arena& arena,
                    std::vector<MirrorRow>& rows) {
  std::vector<StoredRow> stored;
  PENSTOCK_TRY(rows_->scan(after, limit, arena, stored));
  for (const StoredRow& row : stored) {
    PENSTOCK_ASSIGN(const Value* values, decode(row.payload, arena));
    rows.push_back({row.key, values});
  }
  return {};
}

// Sorts all rows: of many millions it takes a while.
Status Mirror::make_indexes() {
  const auto began = std::chrono::steady_clock::now();
  PENSTOCK_TRY(rows_->make_indexes());
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  if (took.count() > 0) log::info("table {}: the indexes of its local state took {} s", name_, took.count());
  return {};
}

Status Mirror::clear() { return rows_->clear(); }

}  // namespace penstock
