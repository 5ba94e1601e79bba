// Whether a table has the columns that the pipeline file names.
#pragma once

#include <string>

#include "app/preflight/report.h"
#include "source/postgres/catalog.h"

namespace penstock::app {

// The column, or null after a failure with the nearest name at `line` of the file.
const Column* find_column(const postgres::TableDescription& table, const std::string& name,
                          const std::string& subject, const std::string& file, int line, Report& report);

}  // namespace penstock::app
