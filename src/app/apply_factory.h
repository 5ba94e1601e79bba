// The beginning of `penstock apply`: topics instead of a replication slot.
#pragma once

#include <memory>

#include "app/commands/options.h"
#include "app/settings.h"
#include "backbone/topic_health.h"
#include "backbone/topic_intake.h"
#include "base/result.h"
#include "source/source.h"

namespace penstock {
class CompositeProjector;
}  // namespace penstock

namespace penstock::app {

// Of the pipeline's tables, by PostgreSQL's catalog. Any thread, one at a time.
backbone::DescribeTable describe_tables(const Settings& settings);

// `projector` must outlive the source: it says what the rows of its state are kept with. Asks PostgreSQL's
// catalog which topics carry the tables: those of the leaves of a partitioned table, unless the publication
// sends its root. `health` is told how the reading fares.
Result<std::unique_ptr<Source>> make_topic_source(const Settings& settings, const ApplyOptions& options,
                                                  CompositeProjector& projector,
                                                  std::shared_ptr<backbone::TopicHealth> health);

}  // namespace penstock::app
