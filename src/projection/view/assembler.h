// Rows put together: a root row with everything that hangs on it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "projection/view/tree.h"

namespace penstock {

using TreeRow = expression::Row;

// Reads the state as it is; it must not change while an Assembler lives. What it returns lives in the arena.
class Assembler {
 public:
  explicit Assembler(Arena& arena) : arena_(arena) {}
  // Owners will mostly come in the order of their keys: rows of several are read at once, while that pays.
  void expect_order() { in_order_ = true; }

  // The root row alone; null: there is none.
  Result<TreeRow*> find_root(const Tree& tree, std::string_view key);
  TreeRow* root_of(const Value* values, std::string_view key);
  // Fills in the embedded rows, all levels down, filtered and ordered; limits are left to whoever shows them.
  // kBadValue from an expression, with the level; kRejectedDocument: more rows than `max_array`.
  Status fill(const Node& node, TreeRow& row);
  // Whether `where` holds for a root row; one that reads embedded rows needs them filled in.
  Result<bool> holds(const Node& node, const TreeRow& row);

 private:
  struct SharedKey {
    const Mirror* mirror;
    std::string_view key;
    bool operator==(const SharedKey&) const = default;
  };
  struct SharedHash {
    std::size_t operator()(const SharedKey& key) const {
      return std::hash<std::string_view>{}(key.key) ^ (reinterpret_cast<std::uintptr_t>(key.mirror) >> 4);
    }
  };

  // Rows read for owners to come.
  struct Ahead {
    std::vector<JoinedRow> rows;
    std::string from, to;  // the values whose rows are all among them
    std::size_t used = 0;
    std::size_t window = 8;  // rows to read at once; 0: reading ahead did not pay
    bool covers(std::string_view value) const { return !rows.empty() && from <= value && value <= to; }
  };

  Status fill_embed(const Node& child, TreeRow& owner, expression::Row::Children& into);
  Status find_rows(const Node& child, const TreeRow& owner, std::vector<MirrorRow>& rows);
  Status find_through(const Node& child, const TreeRow& owner, std::vector<MirrorRow>& rows);
  Status look_up(const Lookup& lookup, const Value* from, std::vector<MirrorRow>& rows);
  Status read_ahead(const Lookup& lookup, Ahead& ahead);
  Status look_ahead(const Lookup& lookup, std::vector<MirrorRow>& rows);
  Status sort(const Node& child, std::vector<TreeRow*>& rows);

  Arena& arena_;
  bool in_order_ = false;
  std::unordered_map<const Lookup*, Ahead> ahead_;
  std::string value_;
  // Rows found by key: the same product hangs on many lines.
  std::unordered_map<SharedKey, const Value*, SharedHash> shared_;
};

// "collection orders.lines, field total: division by zero".
Error at_field(const Error& error, const Node& node, const std::string& what);

}  // namespace penstock
