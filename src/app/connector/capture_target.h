// The capture that a command is for, from its file and the command line.
#pragma once

#include "app/commands/options.h"
#include "app/connector/capture_settings.h"
#include "base/result.h"
#include "source/postgres/connection.h"

namespace penstock::app {

// What a connector file asks in vain is said in the log. kConfiguration, kUsage.
Result<CaptureSettings> read_capture(const CaptureTarget& target);

}  // namespace penstock::app
