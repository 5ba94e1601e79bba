// The column someone may have meant.
#pragma once

#include <string_view>

#include "model/table_schema.h"

namespace penstock {

// The column with the fewest edits from `name`; null when the table has no columns.
const Column* nearest_column(const TableSchema& schema, std::string_view name);

}  // namespace penstock
