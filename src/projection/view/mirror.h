// A table as read models keep it: which columns, how its rows are found, and the rows themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "expression/expression.h"
#include "model/arena.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "projection/state/key_code.h"
#include "projection/state/state_store.h"

namespace penstock {

// A row of a mirror: its key's bytes and the values of the mirror's columns.
struct MirrorRow {
  std::string_view key;
  const Value* values = nullptr;
};

// One thread. Made twice: with all columns of the table, to learn which are needed; then with those, attached
// to the state.
class Mirror {
 public:
  struct Column {
    std::string name;
    expression::Type type;
    std::string type_name;
    KeyMode mode = KeyMode::kGeneral;
  };
  // Columns by which rows are found: the key, or an index.
  struct Path {
    std::vector<std::uint16_t> columns;
    bool is_key = false;
    bool downward = false;  // rows of an owner are found by it
    std::size_t index = 0;  // in RowForm::indexes, unless it is the key
  };

  Mirror(TableName table, std::vector<Column> columns, std::vector<std::uint16_t> key);

  // --- The definition.
  const TableName& table() const { return table_; }
  const std::string& name() const { return name_; }  // to_string(table())
  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<std::uint16_t>& key() const { return key_; }
  std::optional<std::uint16_t> find_column(std::string_view name) const;
  void need(std::uint16_t column) { needed_[column] = true; }
  bool needed(std::uint16_t column) const { return needed_[column]; }
  // The path over these columns, made when there is none; Path::columns has them in its own order.
  std::size_t path_over(std::vector<std::uint16_t> columns);
  Path& path(std::size_t number) { return paths_[number]; }
  const Path& path(std::size_t number) const { return paths_[number]; }
  void be_root() { root_ = true; }
  TableSchema schema() const;    // of the mirror's columns alone
  std::string key_text() const;  // names and types: equal for equal keys
  RowLayout layout() const;
  RowForm form() const;

  // --- Rows, once attached.
  // Takes over the rows of the state, in another form if need be. Without a record, or with another key, the
  // table is begun empty.
  Status attach(StateStore& store);
  void detach() { rows_.reset(); }  // before the store goes
  TableRecord& record() { return record_; }
  Status save_record();
  RowTable& rows() { return *rows_; }

  // False: a part of the key is NULL or was not sent.
  bool key_of(const Value* row, std::string& key) const;
  void joins_of(const Value* row, RowTable::Joins& joins) const;
  void encode(const Value* row, std::string& payload) const;
  // kInternal: the stored bytes are damaged.
  Result<const Value*> decode(std::string_view payload, Arena& arena);
  // Null values: no such row.
  Result<MirrorRow> find(std::string_view key, Arena& arena);
  // All rows that the path leads to from this value, in the order of their keys.
  Status list(std::size_t path, std::string_view value, Arena& arena, std::vector<MirrorRow>& rows);
  // Whether the rows of the path lie in its order, so that those of several values can be read at once.
  bool lies_along(std::size_t path) const {
    return record_.form.clustered == paths_[path].index && !paths_[path].is_key;
  }
  // All rows after a key.
  Status scan(std::optional<std::string_view> after, std::size_t limit, Arena& arena,
              std::vector<MirrorRow>& rows);
  // Once a load has filled the table.
  Status make_indexes();
  Status clear();

 private:
  const std::vector<int>& positions_of(std::uint64_t layout);
  std::optional<std::size_t> clustered_path() const;
  Status take_over(StateStore& store, const TableRecord& old);

  const TableName table_;
  const std::string name_;
  const std::vector<Column> columns_;
  const std::vector<std::uint16_t> key_;
  std::vector<bool> needed_;
  std::vector<Path> paths_;
  bool root_ = false;

  StateStore* store_ = nullptr;
  TableRecord record_;
  std::unique_ptr<RowTable> rows_;
  // Of older layouts: for each of their columns its place here, or -1.
  std::unordered_map<std::uint64_t, std::vector<int>> positions_;
};

}  // namespace penstock
