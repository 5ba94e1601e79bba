// What a column is in the database, as parameters of its schema (Debezium documentation 3.5:
// "column.propagate.source.type").
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "envelope/column_form.h"

namespace penstock::envelope {

// __debezium.source.column.type, .length, .scale and .name: length and scale are those that PostgreSQL's JDBC
// driver names (pgjdbc source: TypeInfoCache.java, getPrecision, getScale).
std::vector<std::pair<std::string, std::string>> source_type_parameters(const ColumnFacts& column);

}  // namespace penstock::envelope
