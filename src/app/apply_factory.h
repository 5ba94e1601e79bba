// The beginning of `penstock apply`: topics instead of a replication slot.
#pragma once

#include <memory>

#include "app/commands/options.h"
#include "app/settings.h"
#include "base/result.h"
#include "source/source.h"

namespace penstock {
class CompositeProjector;
}  // namespace penstock

namespace penstock::app {

// `projector` must outlive the source: it says what the rows of its state are kept with. Asks PostgreSQL's
// catalog which topics carry the tables: those of the leaves of a partitioned table, unless the publication
// sends its root.
Result<std::unique_ptr<Source>> make_topic_source(const Settings& settings, const ApplyOptions& options,
                                                  CompositeProjector& projector);

}  // namespace penstock::app
