#include "backbone/adoption.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

#include "backbone/failure.h"
#include "backbone/group_members.h"
#include "backbone/owned.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

Status refuse_members(Consumer& consumer, const ConsumerOptions& options) {
  PENSTOCK_ASSIGN(const auto members, members_of(consumer, options));
  if (members.empty()) return {};
  return fail(ErrorKind::kConfiguration,
              "the group " + options.group + " has " + std::to_string(members.size()) +
                  " members: it is still consuming",
              "stop it first (delete or stop the sink connector, end the job), wait until it has committed, "
              "and start again");
}

// By partition; absent: none.
Result<std::map<PartitionId, std::int64_t>> committed_offsets(
    Consumer& consumer, const ConsumerOptions& options, const std::map<PartitionId, PartitionEnds>& ends) {
  const Owned<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(ends.size())));
  for (const auto& [partition, end] : ends)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number);
  const auto code =
      rd_kafka_committed(consumer.handle(), list.get(), static_cast<int>(options.timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(code, rd_kafka_err2str(code), "asking for the offsets of the group " + options.group,
                         options.brokers));
  std::map<PartitionId, std::int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    if (one.offset >= 0) offsets[{one.topic, one.partition}] = one.offset;
  }
  return offsets;
}

}  // namespace

Result<Places> adopted_places(const TopicSourceOptions& options, const Checkpoint& checkpoint,
                              const std::map<PartitionId, PartitionEnds>& ends) {
  Places places;
  if (options.adopt.empty()) return places;
  if (!checkpoint.places.empty()) {
    log::info("the pipeline has offsets of its own: those of the group {} are not adopted", options.adopt);
    return places;
  }
  std::map<PartitionId, PartitionEnds> wanted;
  for (const ReadTable& table : options.tables) {
    if (table.state)
      log::warn(
          "{}: read models are made of its whole history: its topics are read from the beginning, and its "
          "documents are written anew",
          to_string(table.name));
    for (const auto& [partition, end] : ends)
      if (!table.state && table.comes_from(partition.topic)) wanted[partition] = end;
  }
  ConsumerOptions group = options.consumer;
  group.group = options.adopt;
  PENSTOCK_ASSIGN(const auto consumer, Consumer::open(group));
  PENSTOCK_TRY(refuse_members(*consumer, group));
  if (wanted.empty()) return places;
  PENSTOCK_ASSIGN(const auto offsets, committed_offsets(*consumer, group, wanted));
  for (const auto& [partition, end] : wanted) {
    const auto offset = offsets.find(partition);
    if (offset == offsets.end() && end.end > end.first)
      return fail(
          ErrorKind::kConfiguration,
          "the group " + options.adopt + " has no offset of " + to_string(partition) +
              ", which holds records",
          "kafka-consumer-groups --describe --group " + options.adopt +
              " shows what it has. Name the group that wrote these documents, or leave --adopt out: the "
              "topics are then read from the beginning");
    if (offset == offsets.end()) continue;
    places[partition].next = offset->second;
    log::info("{} is gone on with at offset {} of the group {}", to_string(partition), offset->second,
              options.adopt);
  }
  return places;
}

Result<Adoption> adopt(const TopicSourceOptions& options) {
  PENSTOCK_ASSIGN(const auto consumer, Consumer::open(options.consumer));
  PENSTOCK_ASSIGN(const std::string cluster, consumer->cluster_id());
  std::vector<std::string> topics;
  for (const ReadTable& table : options.tables)
    topics.insert(topics.end(), table.topics.begin(), table.topics.end());
  PENSTOCK_ASSIGN(const TopicPartitions found, look_up(*consumer, topics));
  PENSTOCK_ASSIGN(Places places, adopted_places(options, Checkpoint{}, found.ends));
  return Adoption{slot_of(cluster), std::move(places)};
}

}  // namespace penstock::backbone
