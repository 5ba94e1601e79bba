// Whether each table can be the source of its collections. Only reads.
#pragma once

#include <map>
#include <string>

#include "app/preflight/report.h"
#include "app/settings.h"
#include "base/result.h"
#include "source/postgres/catalog.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// The tables that could be described, by to_string(TableName), for the plan.
using TableDescriptions = std::map<std::string, postgres::TableDescription>;

Result<TableDescriptions> check_tables(postgres::Connection& connection, const Settings& settings,
                                       Report& report);

}  // namespace penstock::app
