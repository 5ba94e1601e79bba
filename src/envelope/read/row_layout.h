// Rows of one table from JSON objects.
#pragma once

#include <simdjson.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "envelope/read/column_reader.h"
#include "model/table_schema.h"

namespace penstock::envelope {

// Rows whose records have these fields in this order.
struct RowShape {
  struct Field {
    std::string name;
    int place = -1;  // in a row; -1: no column
    const ColumnReader* reader = nullptr;
    bool identity = false;  // PostgreSQL sends its old value with every delete
  };
  std::vector<Field> fields;
  // The catalog's columns that the records have, and the key's, in the catalog's order.
  std::shared_ptr<const TableSchema> schema;
  std::vector<std::string> added;  // fields of ExtractNewRecordState that are in the rows
};

struct Row {
  const RowShape* shape = nullptr;
  Value* values = nullptr;     // shape->schema->columns.size(); what was not read is Unchanged
  bool has_unchanged = false;  // one that was read is
};

// How the columns of one table are written, and the shapes of its rows that were seen. One thread.
class RowLayout {
 public:
  // `readers`: of the catalog's columns, in their order. `identity`: the columns of the replica identity, all
  // of them with REPLICA IDENTITY FULL, as indexes into the catalog's columns.
  RowLayout(std::shared_ptr<const TableSchema> catalog, std::vector<ColumnReader> readers,
            std::vector<std::uint16_t> identity);
  RowLayout(RowLayout&&) = delete;  // shapes point into it

  const std::shared_ptr<const TableSchema>& catalog() const { return catalog_; }
  bool identity_has_key() const { return identity_has_key_; }

  // A row of all fields, or only those of the replica identity. kBadValue for fields that come twice, and as
  // ColumnReader, with the table. `unwrapped`: fields of ExtractNewRecordState may be among them.
  Result<Row> read(const simdjson::dom::object& json, bool identity_only, bool unwrapped, ReadInto into);
  // A row of the catalog's shape in which only the key is known, from a record's key.
  Result<Row> read_key(const simdjson::dom::object& key, ReadInto into);
  // Reads the columns of the key that `row` lacks. False: the key does not have them either.
  Result<bool> complete_key(Row& row, const simdjson::dom::object& key, ReadInto into) const;

  // Fields of the records that the catalog does not have.
  const std::set<std::string>& unknown_fields() const { return unknown_; }
  // The shape of such a row; stays until the next but sixty-third shape.
  Result<const RowShape*> shape_of(const simdjson::dom::object& json, bool unwrapped);

 private:
  Result<const RowShape*> add_shape(const simdjson::dom::object& json, bool unwrapped);
  Result<Value> read_value(const ColumnReader& reader, const simdjson::dom::element& json,
                           ReadInto into) const;
  const RowShape* key_shape();

  std::shared_ptr<const TableSchema> catalog_;
  std::vector<ColumnReader> readers_;
  std::vector<bool> identity_;
  bool identity_has_key_ = true;
  std::vector<std::unique_ptr<RowShape>> shapes_;  // the one used last comes first
  std::unique_ptr<RowShape> key_shape_;
  std::set<std::string> unknown_;
};

// Whether a field that the catalog lacks was added by ExtractNewRecordState.
bool is_added_field(std::string_view name);

}  // namespace penstock::envelope
