// How far a change of one row reaches, and how large documents may become.
#pragma once

#include "app/preflight/estimates.h"
#include "app/preflight/report.h"
#include "app/settings.h"

namespace penstock::app {

// `settings` with their joins resolved.
void check_growth(const Settings& settings, const Statistics& statistics, Report& report);

}  // namespace penstock::app
