// The state of read models: one SQLite file per pipeline. A cache: what is lost is loaded again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/places.h"
#include "model/position.h"
#include "projection/state/database.h"
#include "projection/state/ordered_map.h"
#include "projection/state/row_table.h"

namespace penstock {

// The columns of packed rows, in their order. Rows stay readable when a table changes its shape.
struct RowLayout {
  struct Column {
    std::string name;
    std::string type;  // format_type()
    bool operator==(const Column&) const = default;
  };
  std::vector<Column> columns;
  bool operator==(const RowLayout&) const = default;
};

// What is known of a mirrored table.
struct TableRecord {
  std::int64_t number = 0;  // of its tables in the file
  RowForm form;
  std::string key;  // names and types of the key's columns
  std::uint64_t layout = 0;
  std::uint64_t load_id = 0;  // rows that events bring now are marked with it
  bool loaded = false;        // completely, with the columns of `layout`
  bool swept = false;         // the rows that the load did not touch are gone
};

// One thread. Everything is one transaction from one save() to the next. A file that is damaged, unreadable
// or of another format is begun anew, which is said in the log.
class StateStore final : public OrderedMaps {
 public:
  static Result<std::unique_ptr<StateStore>> open(const DatabaseOptions& options);
  // A file that SQLite found damaged is removed, so that the next start begins anew.
  ~StateStore() override;

  // Random; another one for each beginning.
  const std::string& identity() const { return identity_; }
  // Of the last save(); none: never.
  const std::optional<Position>& position() const { return position_; }
  const Places& places() const { return places_; }  // likewise
  Result<std::uint64_t> system_identifier();        // of the cluster the rows come from; 0: not known yet
  Status set_system_identifier(std::uint64_t identifier);
  // Durable when it returns.
  Status save(const Position& position, const Places& places = {});
  // Everything goes. Tables and maps made from this store must not be used any more.
  Status begin_anew();

  Result<std::unique_ptr<OrderedMap>> open_map(const std::string& name) override;
  Status drop_map(const std::string& name) override;
  Status drop_maps(const std::string& prefix);

  Database& database() { return *database_; }
  // What was read makes no sense: the file is removed when the store is closed.
  void condemn() { condemned_ = true; }
  Result<std::optional<TableRecord>> table(const std::string& name);
  Status put_table(const std::string& name, const TableRecord& record);
  Status erase_table(const std::string& name);
  Result<std::vector<std::string>> table_names();
  Result<std::int64_t> new_table_number();

  // The number of a layout of a table; the same for equal ones.
  Result<std::uint64_t> layout_number(const RowLayout& layout);
  const RowLayout* layout(std::uint64_t number) const;

 private:
  explicit StateStore(DatabaseOptions options) : options_(std::move(options)) {}

  Status open_or_begin();
  Status open_file();
  Status read();
  Status begin();
  Status read_layouts();
  Result<std::uint64_t> number(std::string_view name);

  const DatabaseOptions options_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<OrderedMap> meta_, tables_, map_numbers_, layouts_map_;
  std::string identity_;
  std::optional<Position> position_;
  Places places_;
  bool condemned_ = false;
  std::map<std::uint64_t, RowLayout> layouts_;
};

}  // namespace penstock
