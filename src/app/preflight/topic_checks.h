// The topics that an `apply` pipeline reads: there, complete, and written as the pipeline file says.
#pragma once

#include "app/preflight/report.h"
#include "app/preflight/table_checks.h"
#include "app/settings.h"
#include "model/checkpoint.h"

namespace penstock::app {

// `tables`: as PostgreSQL describes them; the topics of others are not read.
void check_topics(const Settings& settings, const TableDescriptions& tables, const Checkpoint& checkpoint,
                  Report& report);

}  // namespace penstock::app
