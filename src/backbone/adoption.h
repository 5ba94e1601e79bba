// Documents that another consumer made are gone on with: its group's offsets are the first places.
#pragma once

#include <map>
#include <string>

#include "backbone/topic_positions.h"
#include "backbone/topic_source.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "model/places.h"

namespace penstock::backbone {

// Where the partitions of tables without a state begin, by the offsets of the group options.adopt; nothing
// when none is named or the checkpoint has places of its own. kConfiguration when the group has members, or
// no offset of a partition that holds records.
Result<Places> adopted_places(const TopicSourceOptions& options, const Checkpoint& checkpoint,
                              const std::map<PartitionId, PartitionEnds>& ends);

struct Adoption {
  std::string slot;  // SourceIdentity::slot
  Places places;
};
// The same for workers that share a pipeline and have no places yet, of all of the tables' partitions.
Result<Adoption> adopt(const TopicSourceOptions& options);

}  // namespace penstock::backbone
