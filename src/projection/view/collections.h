// The collections of read models, their tables and how far each is built.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "projection/state/state_store.h"
#include "projection/view/marks.h"
#include "projection/view/tree.h"
#include "projection/view/tree_compiler.h"

namespace penstock {

enum class BuildPhase : std::uint8_t {
  kWaiting,   // for its tables to be loaded
  kBuilding,  // documents are written to the target, in the order of keys
  kBuilt,     // the target is complete, and is published once the state says so durably
  kLive,
};

struct Collection {
  std::unique_ptr<Tree> tree;
  BuildPhase phase = BuildPhase::kWaiting;
  std::string cursor;      // kBuilding: the last key that was built; empty: none
  bool rows_done = false;  // a summary: all rows have been seen, its documents are being written
  // A build gone on with after a restart: documents after the cursor may be there.
  bool resumed = false;
  // kBuilt, after a restart: it may have been published already, so that nothing is written before it is
  // published again.
  bool uncertain = false;
  bool saved_as_built = false;
  Marks marks;

  const std::string& name() const { return tree->name(); }
  const DocumentShape& shape() const { return phase == BuildPhase::kLive ? tree->shape : tree->building; }
  // A build of which nothing has been written yet. A summary's begins once all rows have been seen.
  bool unbegun() const {
    return phase == BuildPhase::kBuilding && (cursor.empty() || (tree->summary && !rows_done));
  }
  // A root row that a build has not come to: it makes the document later, from the state as it is then. Of an
  // earlier run's build there may be a document that must not stay.
  bool unreached(std::string_view key) const {
    return phase == BuildPhase::kBuilding && !(rows_done && tree->summary) && key > cursor;
  }
  bool ignores(std::string_view key) const { return unreached(key) && !resumed; }
  bool follows() const { return phase != BuildPhase::kWaiting; }  // changes concern its documents
};

// A table in use, with the places where it stands in collections.
struct MirroredTable {
  struct Use {
    Collection* collection = nullptr;
    const Appearance* appearance = nullptr;
  };
  Mirror* mirror = nullptr;
  TableSchema schema;  // as it is known: with all columns
  std::vector<Use> uses;

  bool followed() const {
    return std::any_of(uses.begin(), uses.end(), [](const Use& use) { return use.collection->follows(); });
  }
};

using TypeResolver = std::function<expression::Type(const Column&)>;

// One thread.
class Collections {
 public:
  Collections(std::vector<CollectionSpec> specs, CompileOptions options, TypeResolver types)
      : specs_(std::move(specs)), options_(std::move(options)), types_(std::move(types)) {}

  // Compiles all definitions against these tables and attaches them to the state, taking over what is there.
  // Called again when a table has changed its shape: trees are made anew, the old ones' shapes stay valid.
  Status compile(const std::vector<TableSchema>& schemas, StateStore& store);
  // Before the store begins anew: nothing of it is held any more.
  void detach();

  std::vector<std::unique_ptr<Collection>>& all() { return collections_; }
  const std::vector<std::unique_ptr<Collection>>& all_const() const { return collections_; }
  Collection* find(const std::string& name);
  MirroredTable* table(const std::string& name);  // to_string(TableName)
  std::map<std::string, MirroredTable>& tables() { return tables_; }
  // Names of collections and tables that the state knew and no definition uses any more were dropped.
  const std::vector<std::string>& dropped() const { return dropped_; }

  Status save(const Collection& collection);
  // The collection is to be built anew, as soon as its tables are loaded.
  Status build_anew(Collection& collection);
  // Those whose tables are all loaded begin to be built.
  Status begin_builds();
  bool loaded(const Collection& collection) const;

 private:
  Status make_mirrors(const std::vector<TableSchema>& schemas, const Mirrors* wide, StateStore* store,
                      Mirrors& mirrors);
  Result<std::vector<std::unique_ptr<Tree>>> make_trees(const Mirrors& mirrors, bool narrowed) const;
  Status attach(StateStore& store);
  Status attach_collection(std::unique_ptr<Tree> tree, StateStore& store);
  Status drop_unused(StateStore& store);

  const std::vector<CollectionSpec> specs_;
  const CompileOptions options_;
  const TypeResolver types_;
  Mirrors mirrors_;
  std::map<std::string, MirroredTable> tables_;
  std::vector<std::unique_ptr<Collection>> collections_;
  std::vector<std::unique_ptr<Tree>> former_;  // their shapes were handed out
  std::vector<Mirrors> former_mirrors_;
  std::unique_ptr<OrderedMap> states_;
  std::vector<std::string> dropped_;
};

// The tables that a definition reads, each once.
std::vector<TableName> tables_of(const CollectionSpec& spec);

}  // namespace penstock
