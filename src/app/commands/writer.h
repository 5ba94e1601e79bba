// Who writes for a pipeline, from its lease.
#pragma once

#include <optional>

#include "base/result.h"
#include "sink/mongo/reader.h"

namespace penstock::app {

// The lease of a process that is alive: one that is neither released nor known to be dead, and that was
// renewed while this function watched. Takes up to three seconds where a lease is there. Nothing: nobody
// writes.
Result<std::optional<mongo::LeaseView>> find_writer(mongo::Reader& reader);

}  // namespace penstock::app
