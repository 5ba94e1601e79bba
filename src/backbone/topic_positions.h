// Which partitions there are and from which offsets they are read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backbone/consumer.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "model/places.h"

namespace penstock::backbone {

struct TopicPartitions {
  std::map<PartitionId, PartitionEnds> ends;  // of all partitions of topics that are there
  std::set<std::string> missing;              // topics
};

// kKafkaUnavailable, kKafkaRefused.
Result<TopicPartitions> look_up(Consumer& consumer, const std::vector<std::string>& topics);

// SourceIdentity::slot of what comes from a cluster.
std::string slot_of(const std::string& cluster);
// What to do where the topics do not go on from what was applied.
std::string begin_anew();

// Whether what was applied comes from this cluster: kDivergence.
Status check_cluster(const Checkpoint& checkpoint, const SourceIdentity& now);
// Whether reading can go on at these places: kDivergence where a topic ends before them (it was made anew),
// kGap where records after them are gone.
Status check_continues(const std::map<PartitionId, PartitionEnds>& ends, const Places& places);
// The half of it that holds while records come, when ends are older than places: kGap.
Status check_kept(const std::map<PartitionId, PartitionEnds>& ends, const Places& places);
// Whether the record before the place, read once more, is the one that was applied: kDivergence.
Status check_same(const PartitionId& partition, const Place& place, std::int64_t offset, std::int64_t millis);
// Whether a topic that is read from its beginning begins with its first record: kGap.
Status check_complete(const std::map<PartitionId, PartitionEnds>& ends, const Places& places);

// The offset to begin with: one before the place, so that the record there tells whether it is the one that
// was read; the first one where there is no place.
std::map<PartitionId, std::int64_t> offsets_of(const std::map<PartitionId, PartitionEnds>& ends,
                                               const Places& places);

}  // namespace penstock::backbone
