// Whether the definition of a read model fits its tables: columns, joins and their types.
#pragma once

#include <string>

#include "app/preflight/report.h"
#include "app/preflight/table_checks.h"
#include "projection/spec.h"

namespace penstock::app {

// `spec` with its joins resolved. Tables without a description were reported already and are passed over.
void check_read_model(const CollectionSpec& spec, const TableDescriptions& tables, const std::string& file,
                      Report& report);

// Whether equal values of both columns are one value to PostgreSQL and to the state.
bool comparable(const Column& left, const Column& right);

}  // namespace penstock::app
