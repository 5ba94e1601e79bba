// A definition tried against its tables, without a state: for `check` and `plan`.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/table_schema.h"
#include "projection/spec.h"
#include "projection/view/tree_compiler.h"

namespace penstock {

// The columns that the state keeps for a definition, by to_string(TableName).
using ColumnsRead = std::map<std::string, std::set<std::string>>;

// `tables`: those it reads, with their keys; others are ignored. kConfiguration: the first thing that does
// not fit, with its place in options.file.
Result<ColumnsRead> try_definition(const CollectionSpec& spec, const std::vector<TableSchema>& tables,
                                   const CompileOptions& options);

// The type of a column as expressions see it.
expression::Type expression_type(const Column& column);

}  // namespace penstock
