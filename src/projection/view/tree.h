// A collection's definition compiled: a tree of tables, and for each table the way back to the root.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expression/expression.h"
#include "model/document_write.h"
#include "projection/spec.h"
#include "projection/view/mirror.h"
#include "projection/view/summary.h"

namespace penstock {

// From a row at hand to rows of another table.
struct Lookup {
  Mirror* in = nullptr;
  std::size_t path = 0;
  std::vector<std::uint16_t> from;  // columns of the row at hand, in the order of the path's columns
  std::vector<KeyMode> modes;

  const Mirror::Path& target() const { return in->path(path); }
  // The value to look up; false: NULL, so that there are none.
  bool value_of(const Value* row, std::string& value) const {
    value.clear();
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (!append_key(value, row[from[i]], modes[i])) return false;
    }
    return true;
  }
};

// What becomes one field (or list item) of a document.
struct Output {
  enum class Kind : std::uint8_t { kColumn, kExpression, kDocument, kEmbed, kMerged };
  Kind kind = Kind::kColumn;
  std::uint16_t column = 0;
  std::optional<expression::Expression> expression;
  std::size_t embed = 0;      // kEmbed, kMerged: in Node::children
  std::vector<Output> parts;  // kDocument: its fields; kMerged: the field, of the embedded row
  std::string name;           // of the field, for messages
  bool from_star = false;     // only "*" brought it
};

// A level: the root row, or the rows of an embed.
struct Node {
  struct Order {
    expression::Expression by;
    bool descending = false;
    bool nulls_first = false;
  };

  Node* parent = nullptr;
  const EmbedSpec* spec = nullptr;  // null at the root
  std::string level;                // "orders.lines", for messages
  Mirror* mirror = nullptr;
  expression::Scope scope;
  std::optional<Lookup> through;  // from the owner
  Lookup down;                    // from the owner, or from the through table's row
  std::optional<expression::Expression> where;
  bool where_is_local = false;  // reads only this level's columns and its parents'
  std::vector<Order> order;
  std::optional<expression::Expression> map_key;
  std::optional<expression::Expression> value;
  std::vector<Output> outputs;
  std::vector<FieldShape> shapes;               // of `outputs`, one each
  std::vector<std::unique_ptr<Node>> children;  // in the order of scope.embeds
  std::vector<bool> relevant;                   // columns of the mirror that documents depend on

  bool many() const { return spec != nullptr && spec->kind == EmbedSpec::Kind::kMany; }
};

// A table's place in a collection: how its rows lead to root rows.
struct Appearance {
  std::size_t number = 0;  // in the tree; the same as long as the definition is
  Mirror* mirror = nullptr;
  std::vector<Lookup> hops;    // none: its rows are root rows
  std::vector<bool> relevant;  // columns whose change changes documents
};

struct Tree {
  CollectionSpec spec;
  std::string fingerprint;
  Node root;
  std::vector<Output> id;
  bool id_is_key = true;
  bool where_is_own = false;  // `where` reads nothing but the root row
  DocumentShape shape;        // under its own name
  DocumentShape building;     // the same under the name of the target
  TableSchema row_schema;     // root rows as the mirror has them
  std::vector<Appearance> appearances;
  std::unique_ptr<Summary> summary;  // of a collection with group_by
  std::vector<Mirror*> mirrors;      // all it uses, each once

  const std::string& name() const { return spec.name; }
};

inline std::string build_name(const std::string& collection) { return "penstock_next_" + collection; }

}  // namespace penstock
