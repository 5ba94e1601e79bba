// `penstock apply` as one of several workers of a pipeline.
#pragma once

#include <stop_token>

#include "app/commands/options.h"
#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

// Applies to the plain collections what the consumer group gives this worker, and to the read models what all
// of their topics hold, once it leads. Until `stop`, which drains, or an error that trying again does not
// mend.
Status apply_shared(const Settings& settings, const ApplyOptions& options, std::stop_token stop);

}  // namespace penstock::app
