// status, wait, resync and teardown of a capture, as commands.h has them of a pipeline.
#pragma once

#include <stop_token>

#include "app/commands/options.h"
#include "base/result.h"

namespace penstock::app {

// Reads the state topic, the topics and PostgreSQL; what one side does not answer is shown of the other.
Status capture_status_command(const CaptureTarget& target, const StatusOptions& options);
Status capture_wait_command(const CaptureTarget& target, const WaitOptions& options, std::stop_token stop);
Status capture_resync_command(const CaptureTarget& target, const ResyncOptions& options);
Status capture_teardown_command(const CaptureTarget& target, const TeardownOptions& options);

}  // namespace penstock::app
