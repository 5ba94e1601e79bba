#include "app/apply/topics.h"

#include <algorithm>
#include <filesystem>

#include "app/broker_options.h"
#include "app/connector/connector_file.h"
#include "backbone/table_topics.h"
#include "sink/mongo/worker/shares.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

backbone::TopicOptions topic_options(const Settings& settings) {
  backbone::TopicOptions topics;
  topics.values.server = settings.kafka.prefix;
  topics.delimiter = settings.kafka.delimiter;
  return topics;
}

}  // namespace

std::string topic_of(const Settings& settings, const std::string& table) {
  const std::size_t dot = table.find('.');
  const std::string name = dot == std::string::npos ? "" : table.substr(dot + 1);
  return backbone::topic_name(topic_options(settings), {table.substr(0, dot), name});
}

std::string transaction_topic(const Settings& settings) {
  const auto setting = settings.kafka.events.find("topic.transaction");
  const std::string name = setting == settings.kafka.events.end() ? "transaction" : setting->second;
  return settings.kafka.prefix + settings.kafka.delimiter + name;
}

bool reads_topics(const Settings& settings, const Checkpoint& checkpoint) {
  if (checkpoint.exists) return checkpoint.source.slot.starts_with("kafka ");
  return !settings.kafka.brokers.empty();
}

Result<Settings> with_brokers(const Settings& given, const BrokerOptions& options) {
  Settings settings = given;
  PENSTOCK_TRY(override_brokers(options, settings.kafka));
  return settings;
}

Status check_brokers(const Settings& settings) {
  if (!settings.kafka.brokers.empty()) return {};
  return fail(ErrorKind::kConfiguration,
              settings.file + ": the changes come from Kafka, and no broker is named",
              "add kafka: { brokers: 127.0.0.1:9092 } or --brokers");
}

std::string group_of(const Settings& settings) { return "penstock-apply-" + settings.pipeline; }

backbone::ConsumerOptions consumer_options(const Settings& settings) {
  backbone::ConsumerOptions consumer;
  consumer.brokers = settings.kafka.brokers;
  consumer.group = group_of(settings);
  consumer.settings = settings.kafka.settings;
  return consumer;
}

std::vector<std::string> capture_names(const Settings& settings) {
  std::vector<std::string> names{settings.pipeline};
  if (settings.source.connector.empty()) return names;
  const auto folder = std::filesystem::path(settings.file).parent_path();
  const auto file = load_connector_file((folder / settings.source.connector).string());
  if (file && !file->name.empty() && file->name != settings.pipeline) names.push_back(file->name);
  return names;
}

std::vector<std::string> topics_in(const std::vector<TableTopics>& tables) {
  std::vector<std::string> topics;
  for (const TableTopics& table : tables)
    topics.insert(topics.end(), table.topics.begin(), table.topics.end());
  return topics;
}

Result<std::vector<TableTopics>> find_topics(const Settings& settings) {
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings.source.postgres));
  PENSTOCK_ASSIGN(const auto published,
                  postgres::describe_publication(connection, settings.source.publication));
  std::vector<TableTopics> tables = likely_topics(settings);
  const auto chosen = settings.tables();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    PENSTOCK_ASSIGN(const auto described,
                    postgres::describe_table(connection, chosen[i].name, "", chosen[i].key));
    if (described.leaves.empty() || (published.exists && published.via_partition_root)) continue;
    tables[i].topics.clear();
    for (const auto& leaf : described.leaves)
      tables[i].topics.push_back(backbone::topic_name(topic_options(settings), leaf.name));
  }
  return tables;
}

std::vector<TableTopics> likely_topics(const Settings& settings) {
  std::vector<TableTopics> tables;
  for (const auto& table : settings.tables()) {
    const bool plain =
        std::any_of(settings.collections.begin(), settings.collections.end(),
                    [&](const auto& one) { return one.spec.is_plain() && one.spec.from == table.name; });
    tables.push_back(
        {table.name, table.mirrored, plain, {backbone::topic_name(topic_options(settings), table.name)}});
  }
  return tables;
}

bool TableTopics::comes_from(const std::string& topic) const {
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

Places applied_places(const Checkpoint& checkpoint, const std::vector<TableTopics>& tables) {
  if (!checkpoint.shared) return checkpoint.places;
  const auto is_read = [&](const PartitionId& partition, bool TableTopics::*how) {
    return std::any_of(tables.begin(), tables.end(), [&](const TableTopics& table) {
      return table.*how && table.comes_from(partition.topic);
    });
  };
  const auto by_tasks = [&](const PartitionId& partition) {
    const auto share = checkpoint.shared->partitions.find(partition);
    return share != checkpoint.shared->partitions.end() && share->second.worker == mongo::kTasksWorker;
  };
  Places applied;
  for (const auto& [partition, share] : checkpoint.shared->partitions)
    if (share.place && (is_read(partition, &TableTopics::plain) || by_tasks(partition)))
      applied[partition] = *share.place;
  std::erase_if(applied, [&](const auto& one) {
    return is_read(one.first, &TableTopics::mirrored) && !checkpoint.places.contains(one.first) &&
           !by_tasks(one.first);
  });
  for (auto& [partition, place] : applied)
    if (by_tasks(partition) && is_read(partition, &TableTopics::mirrored))
      place.next = std::min(place.next, checkpoint.shared->partitions.at(partition).settled.value_or(0));
  for (const auto& [partition, place] : checkpoint.places) {
    const bool by_workers = is_read(partition, &TableTopics::plain);
    const auto known = applied.find(partition);
    if (!by_workers) applied[partition] = place;
    if (known != applied.end() && place.next < known->second.next) known->second = place;
  }
  return applied;
}

}  // namespace penstock::app
