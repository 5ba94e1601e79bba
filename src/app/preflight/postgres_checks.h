// Whether PostgreSQL can be the source of the pipeline. Only reads.
#pragma once

#include "app/preflight/report.h"
#include "app/settings.h"
#include "base/result.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// Server, role and slot. Errors are those of queries that failed, not of checks that do not hold.
Status check_server(postgres::Connection& connection, const Settings& settings, Report& report);
// The publication as a whole; what it says of each table is part of check_tables.
Status check_publication(postgres::Connection& connection, const Settings& settings, Report& report);

// Whether `synchronous_standby_names` would make commits wait for a walsender of this name.
bool names_standby(std::string_view synchronous_standby_names, std::string_view application_name);

}  // namespace penstock::app
