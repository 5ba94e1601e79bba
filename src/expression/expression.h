// PostgreSQL's expressions: parsed by libpg_query, typed as PostgreSQL types them, compiled once, evaluated
// without a server (design 5). The oracle of every test is PostgreSQL.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

// A type by its OID in pg_type; an enum by its own OID is given as text (25) by whoever makes the Scope, a
// domain as its base type.
struct Type {
  std::uint32_t oid = 0;
  std::int32_t modifier = -1;
  bool operator==(const Type&) const = default;
};
std::string to_string(Type type);  // as format_type() prints it: "numeric(10,2)"

// What names mean at one level of a collection: a root row or an embedded one. Outlives what is compiled
// against it.
struct Scope {
  struct Column {
    std::string name;
    Type type;
  };
  struct Embed {
    std::string name;
    bool many = true;
    const Scope* scope = nullptr;  // of the embedded rows; its parent is this scope
  };
  std::string level;  // "orders", "orders.lines": for messages
  std::vector<Column> columns;
  std::vector<Embed> embeds;
  const Scope* parent = nullptr;  // null at the root
};

// A row with the rows that hang on it, laid out as its Scope. Borrowed.
struct Row {
  struct Children {
    const Row* const* rows = nullptr;
    std::uint32_t size = 0;  // a `one` embed: 0 or 1
  };
  const Value* columns = nullptr;    // scope.columns.size()
  const Children* embeds = nullptr;  // scope.embeds.size(); may be null when there are none
  const Row* parent = nullptr;
  std::string_view key = {};  // bytes: ties in an aggregate's order go by them
};

// An expression as it stands in the pipeline file.
struct Source {
  std::string text;
  std::string file;
  int line = 0;  // of the text's first character, from 1; 0: unknown
  int column = 0;
};

// Something an expression reads: `up` levels towards the root, then down through `embeds`, then a column of
// the level reached; no column (kRows): only how many rows there are (count(lines)).
struct Reference {
  static constexpr std::uint16_t kRows = 0xffff;
  std::uint16_t up = 0;
  std::vector<std::uint16_t> embeds;
  std::uint16_t column = kRows;
  bool operator==(const Reference&) const = default;
};

class Node;  // of the compiled tree

// Names: `column` (this level's), `embed.column` (a `one` embed's; a `many` embed's inside an aggregate),
// `embed.embed.column`, `parent.column`, `parent.parent.column`. Aggregates range over embeds of this level:
// count(lines), sum(lines.quantity * lines.unit_price) filter (where ...), array_agg(lines.sku order by ...).
// Immutable once compiled: any thread.
class Expression {
 public:
  // kConfiguration, with file, line and column and the nearest known name: no such name or function, types
  // that do not fit, and what has no value of its own at a row: subqueries, window and volatile functions.
  static Result<Expression> compile(const Source& source, const Scope& scope);
  // Likewise, and refuses a result that is not boolean.
  static Result<Expression> compile_condition(const Source& source, const Scope& scope);

  Type type() const;
  const std::vector<Reference>& reads() const;
  // What it is when it is nothing but a column's name.
  std::optional<Reference> bare_column() const;
  // kBadValue with PostgreSQL's own message ("division by zero"); the caller adds table and key. The result
  // may borrow from the row and from `arena`.
  Result<Value> evaluate(const Row& row, Arena& arena) const;
  // True only for true: NULL is not.
  Result<bool> holds(const Row& row, Arena& arena) const;

 private:
  friend class Grouped;
  friend class Resolver;
  Expression(std::shared_ptr<const Node> root, std::vector<Reference> reads);
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const std::vector<Reference>> reads_;
};

// PostgreSQL's order of two values of one type: text as COLLATE "C", NaN after all numbers, false before
// true. NULL comes last. <0, 0, >0.
int compare(const Value& left, const Value& right);

}  // namespace penstock::expression
