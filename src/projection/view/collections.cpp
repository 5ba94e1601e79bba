#include "projection/view/collections.h"

#include <algorithm>

#include "base/log.h"
#include "model/byte_io.h"

namespace penstock {
namespace {

void add_tables(const std::vector<EmbedSpec>& embeds, std::vector<TableName>& tables) {
  for (const EmbedSpec& embed : embeds) {
    tables.push_back(embed.from);
    if (embed.through) tables.push_back(embed.through->from);
    add_tables(embed.embeds, tables);
  }
}

std::string state_of(const Collection& collection) {
  std::string out;
  ByteWriter writer(out);
  writer.text(collection.tree->fingerprint);
  writer.byte(static_cast<std::uint8_t>(collection.phase));
  writer.text(collection.cursor);
  writer.byte(collection.rows_done ? 1 : 0);
  return out;
}

}  // namespace

std::vector<TableName> tables_of(const CollectionSpec& spec) {
  std::vector<TableName> tables{spec.from};
  add_tables(spec.embeds, tables);
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return tables;
}

// Without `wide` with all columns; with it those that are needed, and what the state has beyond them, so that
// a definition that no longer reads a column loads nothing anew.
Status Collections::make_mirrors(const std::vector<TableSchema>& schemas, const Mirrors* wide,
                                 StateStore* store, Mirrors& mirrors) {
  for (const TableSchema& schema : schemas) {
    const Mirror* needs = nullptr;
    const RowLayout* stored = nullptr;
    if (wide != nullptr) {
      needs = wide->at(schema.table).get();
      PENSTOCK_ASSIGN(const auto record, store->table(to_string(schema.table)));
      if (record) stored = store->layout(record->layout);
    }
    const auto kept = [&](const std::string& name) {
      return stored != nullptr && std::any_of(stored->columns.begin(), stored->columns.end(),
                                              [&](const auto& column) { return column.name == name; });
    };
    std::vector<Mirror::Column> columns;
    std::vector<int> places(schema.columns.size(), -1);
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      const Column& column = schema.columns[i];
      if (needs != nullptr && !needs->needed(static_cast<std::uint16_t>(i)) && !kept(column.name)) continue;
      places[i] = static_cast<int>(columns.size());
      const expression::Type type = types_(column);
      columns.push_back({column.name, type, column.type_name, key_mode(type.oid)});
    }
    std::vector<std::uint16_t> key;
    for (const std::uint16_t column : schema.key) {
      if (places[column] >= 0) key.push_back(static_cast<std::uint16_t>(places[column]));
    }
    mirrors[schema.table] = std::make_unique<Mirror>(schema.table, std::move(columns), std::move(key));
  }
  return {};
}

Result<std::vector<std::unique_ptr<Tree>>> Collections::make_trees(const Mirrors& mirrors,
                                                                   bool narrowed) const {
  CompileOptions options = options_;
  options.narrowed = narrowed;
  std::vector<std::unique_ptr<Tree>> trees;
  for (const CollectionSpec& spec : specs_) {
    PENSTOCK_ASSIGN(auto tree, compile_tree(spec, mirrors, options));
    trees.push_back(std::move(tree));
  }
  return trees;
}

Status Collections::compile(const std::vector<TableSchema>& schemas, StateStore& store) {
  Mirrors wide;
  PENSTOCK_TRY(make_mirrors(schemas, nullptr, nullptr, wide));
  PENSTOCK_TRY(make_trees(wide, false));
  Mirrors narrow;
  PENSTOCK_TRY(make_mirrors(schemas, &wide, &store, narrow));
  PENSTOCK_ASSIGN(auto trees, make_trees(narrow, true));
  for (auto& [name, mirror] : mirrors_) mirror->detach();
  if (!mirrors_.empty()) former_mirrors_.push_back(std::move(mirrors_));
  mirrors_ = std::move(narrow);
  tables_.clear();
  PENSTOCK_ASSIGN(states_, store.open_map("collections"));
  for (auto& tree : trees) PENSTOCK_TRY(attach_collection(std::move(tree), store));
  for (const TableSchema& schema : schemas) {
    const auto table = tables_.find(to_string(schema.table));
    if (table != tables_.end()) table->second.schema = schema;
  }
  return attach(store);
}

void Collections::detach() {
  for (auto& [name, mirror] : mirrors_) mirror->detach();
  states_.reset();
  for (auto& collection : collections_) {
    collection->tree->summary.reset();
    former_.push_back(std::move(collection->tree));
  }
  collections_.clear();
  tables_.clear();
}

// The collection goes on where it was; one that is new to the state waits for its tables.
Status Collections::attach_collection(std::unique_ptr<Tree> tree, StateStore& store) {
  Collection* collection = find(tree->name());
  const bool anew_here = collection == nullptr;
  bool begun = false;
  if (anew_here) {
    collection = collections_.emplace_back(std::make_unique<Collection>()).get();
    PENSTOCK_ASSIGN(const auto stored, states_->get(tree->name()));
    ByteReader reader(stored.value_or(std::string_view()));
    begun = stored && reader.text() == tree->fingerprint;
    if (stored && !begun) dropped_.push_back(tree->name());
    if (begun) {
      collection->phase = static_cast<BuildPhase>(reader.byte());
      collection->cursor = reader.text();
      collection->rows_done = reader.byte() != 0;
      collection->uncertain = collection->phase == BuildPhase::kBuilt;
    }
  } else {
    collection->tree->summary.reset();
    former_.push_back(std::move(collection->tree));
  }
  collection->tree = std::move(tree);
  if (anew_here) collection->resumed = collection->phase == BuildPhase::kBuilding && !collection->unbegun();
  if (collection->tree->summary) PENSTOCK_TRY(collection->tree->summary->attach(store, anew_here && !begun));
  for (const Appearance& appearance : collection->tree->appearances) {
    MirroredTable& table = tables_[appearance.mirror->name()];
    table.mirror = appearance.mirror;
    table.uses.push_back({collection, &appearance});
  }
  return anew_here ? save(*collection) : Status();
}

Status Collections::attach(StateStore& store) {
  for (auto& [name, table] : tables_) PENSTOCK_TRY(table.mirror->attach(store));
  PENSTOCK_TRY(drop_unused(store));
  return begin_builds();
}

Status Collections::drop_unused(StateStore& store) {
  PENSTOCK_ASSIGN(const auto names, store.table_names());
  for (const std::string& name : names) {
    if (tables_.contains(name)) continue;
    PENSTOCK_ASSIGN(const auto record, store.table(name));
    if (record) PENSTOCK_TRY(RowTable::drop(store.database(), record->number, record->form));
    PENSTOCK_TRY(store.erase_table(name));
    log::info("the local state no longer keeps table {}: no definition reads it", name);
  }
  std::vector<std::string> gone;
  PENSTOCK_TRY(
      states_->scan({}, OrderedMap::Direction::kForward, [&](std::string_view name, std::string_view) {
        if (find(std::string(name)) == nullptr) gone.emplace_back(name);
        return Result<bool>(true);
      }));
  for (const std::string& name : gone) {
    PENSTOCK_TRY(states_->erase(name));
    dropped_.push_back(name);
  }
  return {};
}

Collection* Collections::find(const std::string& name) {
  for (auto& collection : collections_) {
    if (collection->name() == name) return collection.get();
  }
  return nullptr;
}

MirroredTable* Collections::table(const std::string& name) {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

Status Collections::save(const Collection& collection) {
  return states_->put(collection.name(), state_of(collection));
}

bool Collections::loaded(const Collection& collection) const {
  return std::all_of(collection.tree->mirrors.begin(), collection.tree->mirrors.end(),
                     [](Mirror* mirror) { return mirror->record().loaded; });
}

Status Collections::build_anew(Collection& collection) {
  collection.phase = BuildPhase::kWaiting;
  collection.cursor.clear();
  collection.rows_done = false;
  collection.resumed = false;
  collection.uncertain = false;
  collection.saved_as_built = false;
  PENSTOCK_TRY(save(collection));
  return begin_builds();
}

Status Collections::begin_builds() {
  for (auto& collection : collections_) {
    if (collection->phase != BuildPhase::kWaiting || !loaded(*collection)) continue;
    collection->phase = BuildPhase::kBuilding;
    collection->cursor.clear();
    collection->rows_done = false;
    collection->resumed = false;
    log::info("collection {}: its documents are being made", collection->name());
    PENSTOCK_TRY(save(*collection));
  }
  return {};
}

}  // namespace penstock
