// A collection as the pipeline file declares it (design 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/document_write.h"
#include "model/table_schema.h"

namespace penstock {

// An expression and its place in the pipeline file.
struct SqlText {
  std::string text;  // empty: none
  int line = 0;
  int column = 0;
};

struct FieldSpec {
  std::string name;    // of the field in the document
  std::string column;  // the column it shows, when it shows a bare one
  BsonType as = BsonType::kDefault;
  bool drop = false;                   // `column: false`: leave out a column that "*" would bring
  int line = 0;                        // in the pipeline file
  SqlText sql = {};                    // the field is this expression's value
  std::vector<FieldSpec> fields = {};  // the field is a document of these
};

struct OrderSpec {
  SqlText sql;
  bool descending = false;
  bool nulls_first = false;
};

// Rows of another table (or of the same one) inside a document.
struct EmbedSpec {
  enum class Kind : std::uint8_t { kMany, kOne };
  enum class Shape : std::uint8_t { kList, kMap, kValues };
  struct Pair {
    std::string left;   // of the table nearer to the embedded rows
    std::string right;  // of the table nearer to the owner
  };
  struct Through {
    TableName from;
    std::vector<std::string> key;
    std::vector<Pair> owner;     // {column of the through table, column of the owner}
    std::vector<Pair> embedded;  // {column of the through table, column of the embedded table}
    int line = 0;
  };

  std::string name;
  Kind kind = Kind::kMany;
  TableName from;
  std::vector<std::string> key;
  // {embedded column, owner column}. Empty in the file: the only foreign key between the two; resolved before
  // a projector sees the definition. Empty with `through`.
  std::vector<Pair> join;
  std::optional<Through> through;
  SqlText where;
  std::vector<OrderSpec> order_by;
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> max_array;  // kMany: more rows in one document are an error of that document
  int depth = 1;  // a table inside itself: how many times the embed is repeated inside itself
  bool all_columns = true;
  std::vector<FieldSpec> fields;
  std::vector<EmbedSpec> embeds;
  Shape shape = Shape::kList;
  SqlText map_key;      // kMap: the field's name; default: the key's text
  SqlText value;        // kValues and kMap: the value instead of a document
  bool hidden = false;  // only for expressions
  bool merge = false;   // kOne: its fields stand among the owner's
  int line = 0;
};

struct CollectionSpec {
  std::string name;
  TableName from;
  std::vector<std::string> key;  // the table's key where it has no primary key; empty: the primary key
  bool all_columns = true;       // `fields` absent, or "*": true in it
  std::vector<FieldSpec> fields;
  std::vector<FieldSpec> id;  // empty: the key
  bool soft_deletes = false;
  std::optional<std::string> change_field;  // metadata
  std::optional<std::string> time_field;
  int line = 0;
  SqlText where;  // rows for which it is not true have no document
  std::vector<EmbedSpec> embeds;
  std::vector<FieldSpec> group_by;  // a summary: the keys, by name (`column` or `sql`)
  // Where the collection's documents are written, when not under its own name: a generation being built.
  std::string target;

  bool is_summary() const { return !group_by.empty(); }
  // One row of one table, bare columns: needs no state.
  bool is_plain() const;
};

// One line that differs when two definitions give different documents.
std::string fingerprint(const CollectionSpec& spec);

}  // namespace penstock
