#include "projection/shared/scratch.h"

#include <algorithm>
#include <set>

#include "model/byte_io.h"
#include "projection/shared/kept_writes.h"

namespace penstock {

std::string lane_of(const Collection& collection, std::uint32_t bucket) {
  return collection.tree->summary ? lane_of_summary(collection.name()) : lane_of_bucket(bucket);
}

Scratch::Scratch(std::vector<CollectionSpec> models, std::vector<TableSchema> tables,
                 const SharedOptions& options, KeptState& kept)
    : tables_(std::move(tables)),
      kept_(kept),
      collections_(std::move(models), {options.file, options.summaries}, options.types) {}

Scratch::~Scratch() { collections_.detach(); }

Result<std::unique_ptr<Scratch>> Scratch::make(std::vector<CollectionSpec> models,
                                               const std::vector<TableSchema>& tables,
                                               const SharedOptions& options, KeptState& kept) {
  std::set<TableName> used;
  for (const CollectionSpec& spec : models)
    for (const TableName& table : tables_of(spec)) used.insert(table);
  std::vector<TableSchema> schemas;
  for (const TableSchema& schema : tables)
    if (used.contains(schema.table)) schemas.push_back(schema);
  std::unique_ptr<Scratch> scratch(new Scratch(std::move(models), std::move(schemas), options, kept));
  DatabaseOptions database;
  database.path = ":memory:";
  database.scratch = true;
  database.cache_bytes = 8U << 20;
  PENSTOCK_ASSIGN(scratch->store_, StateStore::open(database));
  PENSTOCK_TRY(scratch->compile());
  return scratch;
}

// Nothing is built beside: every change concerns the documents that readers see.
Status Scratch::compile() {
  compiled_ = false;
  PENSTOCK_TRY(collections_.compile(tables_, *store_));
  for (auto& collection : collections_.all()) collection->phase = BuildPhase::kLive;
  held_.clear();
  layouts_.clear();
  compiled_ = true;
  return {};
}

Result<bool> Scratch::learn(const TableSchema& schema) {
  const auto known = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const TableSchema& one) { return one.table == schema.table; });
  if (known == tables_.end()) return false;
  const bool same = std::all_of(schema.columns.begin(), schema.columns.end(),
                                [&](const Column& column) { return known->find(column.name); });
  if (same && compiled_) return false;
  TableSchema now = same ? *known : schema;
  now.key.clear();  // it stays the one that the definitions name
  for (const std::uint16_t column : known->key)
    if (const auto place = now.find(known->columns[column].name)) now.key.push_back(*place);
  PENSTOCK_TRY(empty());
  std::swap(*known, now);
  Status compiled = compile();
  // What is not compiled is not known either: whoever comes next with this schema is told the same.
  if (!compiled) {
    std::swap(*known, now);
    return fail(std::move(compiled).error());
  }
  return true;
}

std::string Scratch::forms() const {
  std::string text = "buckets " + std::to_string(kBuckets);
  for (const auto& [name, table] : const_cast<Collections&>(collections_).tables())
    text += "; " + name + " key " + table.mirror->key_text() + " " + table.mirror->form().text();
  return text;
}

Result<std::uint64_t> Scratch::layout_here(const Mirror& mirror, std::uint64_t layout) {
  if (const auto known = layouts_.find(layout); known != layouts_.end()) return known->second;
  const RowLayout own = mirror.layout();
  RowLayout read = own;
  if (number_of(own) != layout) {
    PENSTOCK_ASSIGN(const auto columns, kept_.layout(layout));
    if (!columns)
      return fail(
          ErrorKind::kInternal,
          "rows of " + mirror.name() + " are kept in a layout that nobody stored in " + kept::kLayouts,
          "begin anew: spark/first_load.py --clear");
    read = layout_from(*columns);
    for (const RowLayout::Column& column : read.columns)
      if (!mirror.find_column(column.name)) outdated_ = true;
  }
  PENSTOCK_ASSIGN(const std::uint64_t here, store_->layout_number(read));
  layouts_[layout] = here;
  return here;
}

Status Scratch::hold(Mirror& mirror, const std::vector<KeptRow>& rows) {
  auto& held = held_[&mirror];
  RowTable::Joins joins;
  std::string payload;
  for (const KeptRow& row : rows) {
    PENSTOCK_ASSIGN(const std::uint64_t layout, layout_here(mirror, row.layout));
    payload.clear();
    ByteWriter(payload).number(layout);
    payload += row.values;
    Arena arena;
    PENSTOCK_ASSIGN(const Value* values, mirror.decode(payload, arena));
    mirror.joins_of(values, joins);
    PENSTOCK_ASSIGN(const bool fresh, mirror.rows().insert(row.key, joins, payload, 0));
    if (!fresh) continue;
    held.emplace(row.key, payload);
    bytes_ += row.key.size() + payload.size();
  }
  return {};
}

const std::string* Scratch::held(const Mirror& mirror, std::string_view key) const {
  const auto table = held_.find(&mirror);
  if (table == held_.end()) return nullptr;
  const auto row = table->second.find(key);
  return row == table->second.end() ? nullptr : &row->second;
}

void Scratch::forget_held(const Mirror& mirror) { held_.erase(&mirror); }

std::string_view Scratch::values_of(std::string_view payload) {
  std::size_t prefix = 1;
  while (prefix < payload.size() && (static_cast<std::uint8_t>(payload[prefix - 1]) & 0x80U) != 0) ++prefix;
  return payload.substr(prefix);
}

Status Scratch::empty() {
  for (auto& [name, table] : collections_.tables()) PENSTOCK_TRY(table.mirror->rows().clear());
  held_.clear();
  bytes_ = 0;
  return {};
}

}  // namespace penstock
