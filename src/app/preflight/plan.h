// What the pipeline will do, for people: `check --explain`.
#pragma once

#include <string>

#include "app/preflight/estimates.h"
#include "app/preflight/state_plan.h"
#include "app/preflight/table_checks.h"
#include "app/settings.h"

namespace penstock::app {

// Tables without a description are shown as the file has them; sizes are there with statistics.
std::string explain(const Settings& settings, const TableDescriptions& tables,
                    const Statistics& statistics = {}, const ColumnsRead& columns = {});

}  // namespace penstock::app
