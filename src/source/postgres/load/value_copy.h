// Values that outlive their batch, and values as keys of hash tables.
#pragma once

#include <cstdint>
#include <string>

#include "model/arena.h"
#include "model/table_schema.h"
#include "model/value.h"

namespace penstock::postgres {

// The value with all it borrows copied into `arena`.
Value copy_value(const Value& value, Arena& arena);

// Appends bytes that are equal exactly when the two values print the same, except that numbers PostgreSQL
// holds equal (1.0 and 1.00, -0 and 0) are equal here too. Values of different columns must not be compared.
void append_key(const Value& value, std::string& key);

// The key columns of a row as one string for comparing. `row` has schema.columns.size() values.
std::string key_of(const TableSchema& schema, const Value* row);

std::uint64_t hash_key(std::string_view key);

}  // namespace penstock::postgres
