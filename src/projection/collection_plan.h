// A collection's definition resolved against one shape of its table: which column goes where.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "model/document_write.h"
#include "model/table_schema.h"
#include "projection/spec.h"

namespace penstock {

struct CollectionPlan {
  DocumentShape shape;
  // For each field of the shape its column; the metadata fields, which are last, have none.
  std::vector<std::uint16_t> field_columns;
  std::vector<std::uint16_t> id_columns;
  bool fields_are_row = false;  // the fields are the row's values as they lie
  bool id_is_slice = false;     // the id's values lie side by side in the row
};

// Fields are in this order: with all_columns every column, where a field that bears a column's name stands in
// its place and a dropped one is left out; then the fields with names of their own, in the order of the file;
// then the metadata. The column `_id` is left out when it alone is the id. kConfiguration, naming collection,
// column and the nearest column, when a column does not exist, two fields have one name, there is no key, or
// a field other than the id is called `_id`.
Result<CollectionPlan> plan_collection(const CollectionSpec& spec, const TableSchema& schema);

}  // namespace penstock
