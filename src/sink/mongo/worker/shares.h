// What a worker is given to apply.
#pragma once

#include <map>
#include <string>

#include "model/places.h"

namespace penstock::mongo {

struct Share {
  std::string table;  // whose rows its records hold: to_string(TableName)
  // What its documents are made with: where that differs from what is stored, the partition begins anew.
  std::string definition;
  std::string generation = {};  // of tasks (generation.h)
};
// What partitions name as their worker that are written by an engine's tasks (partition_sink.h).
constexpr const char* kTasksWorker = "spark";

// Marks of documents are worked on by one writer a lane, whose place is stored as those of partitions are. No
// topic has such a name.
inline PartitionId partition_of_lane(const std::string& lane) { return {"lane " + lane, 0}; }
inline bool is_lane(const PartitionId& partition) { return partition.topic.starts_with("lane "); }
inline std::string lane_of(const PartitionId& partition) { return partition.topic.substr(5); }  // that is one

using Shares = std::map<PartitionId, Share>;

}  // namespace penstock::mongo
