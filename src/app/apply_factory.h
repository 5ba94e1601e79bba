// The beginning of `penstock apply`: topics instead of a replication slot.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/commands/options.h"
#include "app/settings.h"
#include "backbone/topic_health.h"
#include "backbone/topic_intake.h"
#include "base/result.h"
#include "model/places.h"
#include "sink/mongo/worker/shares.h"
#include "source/source.h"

namespace penstock {
class CompositeProjector;
}  // namespace penstock

namespace penstock::backbone {
class GroupMember;
struct Adoption;
}  // namespace penstock::backbone

namespace penstock::app {

// Of the pipeline's tables, by PostgreSQL's catalog. Any thread, one at a time.
backbone::DescribeTable describe_tables(const Settings& settings);
// Likewise their rows, by key.
backbone::ReadRows read_rows(const Settings& settings);

// `projector` must outlive the source: it says what the rows of its state are kept with. Asks PostgreSQL's
// catalog which topics carry the tables: those of the leaves of a partitioned table, unless the publication
// sends its root. `health` is told how the reading fares.
Result<std::unique_ptr<Source>> make_topic_source(const Settings& settings, const ApplyOptions& options,
                                                  CompositeProjector& projector,
                                                  std::shared_ptr<backbone::TopicHealth> health);

// What a worker reads of the topics that it shares with others.
struct SharedReading {
  std::set<PartitionId> partitions;
  std::function<void(const Places&)> tell_group;
};
Result<std::unique_ptr<Source>> make_shared_source(const Settings& settings, const ApplyOptions& options,
                                                   CompositeProjector& projector, SharedReading reading);
// The topics of the tables, each with what the plain collections made from it are made with.
Result<std::map<std::string, mongo::Share>> topics_of(const Settings& settings);
// The offsets of the group options.adopt, for the topics of all tables.
Result<backbone::Adoption> adopt_group(const Settings& settings, const ApplyOptions& options);
// The consumer group of the workers.
Result<std::unique_ptr<backbone::GroupMember>> join_group(const Settings& settings,
                                                          std::vector<std::string> topics);

}  // namespace penstock::app
