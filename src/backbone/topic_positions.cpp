#include "backbone/topic_positions.h"

#include <algorithm>

namespace penstock::backbone {
namespace {

constexpr const char* kBeginAnew =
    "have the connector load its tables again (an incremental snapshot, or penstock resync of the capture), "
    "then "
    "begin anew: penstock teardown PIPELINE --yes and penstock apply PIPELINE --accept-gap; the documents "
    "stay "
    "until their rows come";

}  // namespace

std::string begin_anew() { return kBeginAnew; }

Result<TopicPartitions> look_up(Consumer& consumer, const std::vector<std::string>& topics) {
  TopicPartitions found;
  for (const std::string& topic : topics) {
    PENSTOCK_ASSIGN(const std::int32_t count, consumer.partitions(topic));
    if (count == 0) found.missing.insert(topic);
    for (std::int32_t number = 0; number < count; ++number) {
      const PartitionId partition{topic, number};
      PENSTOCK_ASSIGN(found.ends[partition], consumer.ends(partition));
    }
  }
  return found;
}

std::string slot_of(const std::string& cluster) { return "kafka " + cluster; }

Status check_cluster(const Checkpoint& checkpoint, const SourceIdentity& now) {
  if (!checkpoint.exists || checkpoint.restart || checkpoint.source.slot == now.slot) return {};
  return fail(ErrorKind::kDivergence,
              "the documents come from " + checkpoint.source.slot + ", this is " + now.slot,
              "name the brokers of that cluster, or begin anew: penstock teardown PIPELINE --yes");
}

Status check_kept(const std::map<PartitionId, PartitionEnds>& ends, const Places& places) {
  for (const auto& [partition, end] : ends) {
    const auto place = places.find(partition);
    if (place == places.end() || place->second.next == 0 || place->second.next >= end.first) continue;
    return fail(ErrorKind::kGap,
                to_string(partition) + " begins at offset " + std::to_string(end.first) + ", but offset " +
                    std::to_string(place->second.next) +
                    " comes next: the records between are gone by the topic's retention",
                kBeginAnew);
  }
  return {};
}

Status check_continues(const std::map<PartitionId, PartitionEnds>& ends, const Places& places) {
  for (const auto& [partition, end] : ends) {
    const auto place = places.find(partition);
    if (place == places.end() || place->second.next == 0) continue;
    const std::string next = std::to_string(place->second.next);
    if (place->second.next > end.end)
      return fail(ErrorKind::kDivergence,
                  to_string(partition) + " ends at offset " + std::to_string(end.end) + ", but " + next +
                      " records of it were applied: the topic was made anew, or lost records",
                  kBeginAnew);
  }
  return check_kept(ends, places);
}

Status check_same(const PartitionId& partition, const Place& place, std::int64_t offset,
                  std::int64_t millis) {
  const bool is_last = offset + 1 == place.next;
  if (!is_last || place.last_millis == -1 || place.last_millis == millis) return {};
  return fail(ErrorKind::kDivergence,
              to_string(partition) + " has another record at offset " + std::to_string(offset) +
                  " than the one that was applied: the topic was made anew",
              kBeginAnew);
}

Status check_complete(const std::map<PartitionId, PartitionEnds>& ends, const Places& places) {
  for (const auto& [partition, end] : ends) {
    const auto place = places.find(partition);
    if (end.first == 0 || (place != places.end() && place->second.next > 0)) continue;
    return fail(
        ErrorKind::kGap,
        to_string(partition) + " begins at offset " + std::to_string(end.first) +
            ": its first records, rows among them, are gone by the topic's retention",
        "have the connector load its tables again (an incremental snapshot, or penstock resync of the "
        "capture), and start with --accept-gap, which takes what is there");
  }
  return {};
}

std::map<PartitionId, std::int64_t> offsets_of(const std::map<PartitionId, PartitionEnds>& ends,
                                               const Places& places) {
  std::map<PartitionId, std::int64_t> offsets;
  for (const auto& [partition, end] : ends) {
    const auto place = places.find(partition);
    const std::int64_t next = place == places.end() ? 0 : place->second.next;
    offsets[partition] = std::max(end.first, next > 0 ? next - 1 : 0);
  }
  return offsets;
}

}  // namespace penstock::backbone
