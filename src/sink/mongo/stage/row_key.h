// A row's key as text, for re-reads and dead letters.
#pragma once

#include <string>
#include <vector>

#include "model/checkpoint.h"
#include "model/table_schema.h"
#include "model/value.h"

namespace penstock::mongo {

// In the order of schema.key. `row` has schema.columns.size() values.
KeyText key_text(const TableSchema& schema, const Value* row);
std::vector<std::string> key_columns(const TableSchema& schema);

}  // namespace penstock::mongo
