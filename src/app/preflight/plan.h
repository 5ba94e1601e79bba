// What the pipeline will do, for people: `check --explain`.
#pragma once

#include <string>

#include "app/preflight/table_checks.h"
#include "app/settings.h"

namespace penstock::app {

// Tables without a description are shown as the file has them.
std::string explain(const Settings& settings, const TableDescriptions& tables);

}  // namespace penstock::app
