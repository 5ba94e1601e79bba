// A state that holds no more than what is being worked on: rows of the kept state, for the length of one
// group.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/kept_state.h"
#include "model/table_schema.h"
#include "projection/state/state_store.h"
#include "projection/view/collections.h"

namespace penstock {

struct SharedOptions {
  std::string pipeline;
  std::string file;                     // the pipeline file, for messages
  SummaryFactory* summaries = nullptr;  // lives longer than what is made with it
  TypeResolver types;
};

// Whose marks of the collection's root rows in the bucket are.
std::string lane_of(const Collection& collection, std::uint32_t bucket);

// One thread.
class Scratch {
 public:
  // `models`: collections that are not plain; `tables`: of all tables they read, with their keys; others are
  // ignored. kConfiguration: a definition does not fit its tables.
  static Result<std::unique_ptr<Scratch>> make(std::vector<CollectionSpec> models,
                                               const std::vector<TableSchema>& tables,
                                               const SharedOptions& options, KeptState& kept);
  ~Scratch();

  Collections& collections() { return collections_; }
  StateStore& store() { return *store_; }
  KeptState& kept() { return kept_; }
  // A column that the definitions may show came to the table. True: they were compiled anew. An error (the
  // column's name is that of a field, say) comes again with each call until it is dealt with.
  Result<bool> learn(const TableSchema& schema);

  // What each table's rows are kept with, as text: equal while kept rows can be read.
  std::string forms() const;

  // Rows as they are kept; those that are there stay.
  Status hold(Mirror& mirror, const std::vector<KeptRow>& rows);
  // A row was kept of columns that the definitions do not know: the tables are to be asked for again.
  bool outdated() const { return outdated_; }
  // As it was held; null: it was not there.
  const std::string* held(const Mirror& mirror, std::string_view key) const;
  // What was held of the table does not count any more.
  void forget_held(const Mirror& mirror);
  // The values of a packed row without the number of its layout.
  static std::string_view values_of(std::string_view payload);
  // Of the rows that are held, as they are kept.
  std::size_t bytes() const { return bytes_; }
  // Nothing is held any more.
  Status empty();

 private:
  Scratch(std::vector<CollectionSpec> models, std::vector<TableSchema> tables, const SharedOptions& options,
          KeptState& kept);
  Status compile();
  Result<std::uint64_t> layout_here(const Mirror& mirror, std::uint64_t layout);

  std::vector<TableSchema> tables_;
  KeptState& kept_;
  std::unique_ptr<StateStore> store_;
  Collections collections_;
  std::map<std::uint64_t, std::uint64_t> layouts_;  // as kept, as numbered here
  std::map<const Mirror*, std::map<std::string, std::string, std::less<>>> held_;
  bool outdated_ = false;
  bool compiled_ = false;  // with `tables_` as they are
  std::size_t bytes_ = 0;
};

}  // namespace penstock
