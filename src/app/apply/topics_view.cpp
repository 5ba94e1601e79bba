#include "app/apply/topics_view.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "app/apply/topics.h"
#include "backbone/group_members.h"
#include "backbone/topic_ends.h"
#include "base/log.h"

namespace penstock::app {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::string_view kKafka = "kafka ";

TopicsView::Partition& partition_of(TopicsView::Topic& topic, std::int32_t number) {
  const auto known = std::find_if(topic.partitions.begin(), topic.partitions.end(),
                                  [&](const auto& one) { return one.number == number; });
  if (known != topic.partitions.end()) return *known;
  return topic.partitions.emplace_back(TopicsView::Partition{number, {}, {}, {}, ""});
}

void put_places(const std::vector<TableTopics>& tables, const Checkpoint& checkpoint, const Places& applied,
                TopicsView& view) {
  for (const TableTopics& table : tables) {
    for (const std::string& topic : table.topics) {
      TopicsView::Topic shown{to_string(table.table), topic, false, {}};
      for (const auto& [partition, place] : applied)
        if (partition.topic == topic) shown.partitions.push_back({partition.number, place.next, {}, {}, ""});
      view.topics.push_back(std::move(shown));
    }
  }
  if (!checkpoint.shared) return;
  view.workers = workers_of(*checkpoint.shared);
  for (auto& topic : view.topics)
    for (const auto& [partition, share] : checkpoint.shared->partitions)
      if (partition.topic == topic.name) partition_of(topic, partition.number).worker = share.worker;
}

Status put_workers(backbone::Consumer& consumer, const backbone::ConsumerOptions& options,
                   const Checkpoint& checkpoint, const Result<std::map<PartitionId, std::int64_t>>& ends,
                   TopicsView& view) {
  if (ends) put_lag(*checkpoint.shared, *ends, *view.workers);
  PENSTOCK_ASSIGN(const auto members, backbone::members_of(consumer, options));
  put_members(members, *view.workers);
  return {};
}

Status put_ends(const Settings& settings, const Checkpoint& checkpoint, const Places& applied,
                TopicsView& view) {
  PENSTOCK_TRY(check_brokers(settings));
  backbone::ConsumerOptions options = consumer_options(settings);
  options.timeout = kPatience;
  PENSTOCK_ASSIGN(const auto consumer, backbone::Consumer::open(options));
  PENSTOCK_ASSIGN(const std::string cluster, consumer->cluster_id());
  if (!view.cluster.empty() && view.cluster != cluster)
    return fail(ErrorKind::kDivergence, "the documents come from the Kafka cluster " + view.cluster + ", " +
                                            settings.kafka.brokers + " is " + cluster);
  view.cluster = cluster;
  std::vector<std::string> names;
  for (const auto& topic : view.topics) names.push_back(topic.name);
  PENSTOCK_ASSIGN(const auto found, backbone::look_up(*consumer, names));
  // A transaction that stays open hides what comes after it: then all offsets count.
  const auto ends = backbone::ends_of_records(*consumer, found.ends, applied,
                                              std::chrono::steady_clock::now() + kPatience, {});
  view.looked = true;
  if (view.workers) PENSTOCK_TRY(put_workers(*consumer, options, checkpoint, ends, view));
  for (auto& topic : view.topics) {
    topic.missing = found.missing.contains(topic.name);
    for (const auto& [partition, end] : found.ends) {
      if (partition.topic != topic.name) continue;
      TopicsView::Partition& shown = partition_of(topic, partition.number);
      shown.end = end.end;
      const std::int64_t last = ends ? ends->at(partition) : end.end;
      const std::int64_t behind = last - shown.applied.value_or(end.first);
      shown.lag = behind > 0 ? static_cast<std::uint64_t>(behind) : 0;
    }
  }
  return {};
}

// Partitions of topics that the pipeline reads no more have owners still.
void leave_out_others(const std::vector<TableTopics>& tables, SharedPlaces& shared) {
  std::erase_if(shared.partitions, [&](const auto& one) {
    return std::none_of(tables.begin(), tables.end(), [&](const TableTopics& table) {
      return table.plain && table.comes_from(one.first.topic);
    });
  });
}

}  // namespace

std::optional<std::uint64_t> TopicsView::lag() const {
  if (!looked) return std::nullopt;
  std::uint64_t sum = 0;
  for (const Topic& topic : topics)
    for (const Partition& partition : topic.partitions) sum += partition.lag.value_or(0);
  return sum;
}

Status look_at_topics(const Settings& settings, const Checkpoint& given, TopicsView& view) {
  Checkpoint checkpoint = given;
  view.brokers = settings.kafka.brokers;
  view.group = group_of(settings);
  if (checkpoint.source.slot.starts_with(kKafka)) view.cluster = checkpoint.source.slot.substr(kKafka.size());
  auto tables = find_topics(settings);
  if (!tables) log::warn("{}: the leaves of partitioned tables are not known", tables.error().message);
  if (!tables) tables = likely_topics(settings);
  if (checkpoint.shared) leave_out_others(*tables, *checkpoint.shared);
  const Places applied = applied_places(checkpoint, *tables);
  put_places(*tables, checkpoint, applied, view);
  Status outcome = put_ends(settings, checkpoint, applied, view);
  if (!outcome) view.error = redact(outcome.error().message);
  return outcome;
}

}  // namespace penstock::app
