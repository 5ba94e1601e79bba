// Whether MongoDB can be the sink of the pipeline. Leaves nothing behind.
#pragma once

#include "app/preflight/report.h"
#include "app/settings.h"
#include "sink/mongo/reader.h"

namespace penstock::app {

// False when MongoDB cannot be asked.
bool check_mongodb(mongo::Reader& reader, const Settings& settings, Report& report);

}  // namespace penstock::app
