#include "app/preflight/topic_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <set>

#include "app/apply/topics.h"
#include "app/connector/connector_source.h"
#include "backbone/topic_configs.h"
#include "backbone/topic_intake.h"
#include "backbone/topic_positions.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::chrono::milliseconds kPollPatience{50};
constexpr std::size_t kRecords = 50;  // of each topic, to be read as `apply` would

// Which of Debezium's settings says how values of a type are written; `type`: as PostgreSQL names it in
// errors.
std::string setting_of(const std::string& error) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kSettings{
      {{" numeric", "decimal.handling.mode"},
       {" money", "decimal.handling.mode"},
       {" timestamp", "time.precision.mode"},
       {" time", "time.precision.mode"},
       {" date", "time.precision.mode"},
       {" bytea", "binary.handling.mode"},
       {" interval", "interval.handling.mode"},
       {" hstore", "hstore.handling.mode"}}};
  for (const auto& [type, setting] : kSettings)
    if (error.find(type) != std::string::npos) return setting;
  return {};
}

class TopicCheck {
 public:
  TopicCheck(const Settings& settings, const TableDescriptions& tables, const Checkpoint& checkpoint,
             Report& report)
      : settings_(settings),
        tables_(tables),
        checkpoint_(checkpoint),
        report_(report),
        options_(consumer_options(settings)) {
    options_.timeout = kPatience;
  }

  Status run() {
    PENSTOCK_ASSIGN(consumer_, backbone::Consumer::open(options_));
    PENSTOCK_ASSIGN(const std::string cluster, consumer_->cluster_id());
    check_cluster(cluster);
    PENSTOCK_ASSIGN(const auto tables, find_topics(settings_));
    PENSTOCK_ASSIGN(found_, backbone::look_up(*consumer_, topics_in(tables)));
    std::vector<std::string> there;
    for (const TableTopics& table : tables)
      for (const std::string& topic : table.topics)
        if (!say_missing(table, topic)) there.push_back(topic);
    PENSTOCK_ASSIGN(configs_, backbone::describe_topics(*consumer_, there, options_));
    for (const std::string& topic : there) check_topic(topic);
    check_places();
    return read_first(tables);
  }

 private:
  void check_cluster(const std::string& cluster) {
    const bool other = checkpoint_.exists && checkpoint_.source.slot != backbone::slot_of(cluster);
    if (!other) return report_.ok("Kafka", fmt::format("cluster {} at {}", cluster, settings_.kafka.brokers));
    report_.fail("Kafka",
                 fmt::format("{} is cluster {}, the documents come from {}", settings_.kafka.brokers, cluster,
                             checkpoint_.source.slot),
                 "name the brokers of that cluster");
  }

  bool say_missing(const TableTopics& table, const std::string& topic) {
    if (!found_.missing.contains(topic)) return false;
    report_.warn(
        "topic " + topic,
        fmt::format("is not there: {} counts as empty until it is. Is the table empty, or the prefix \"{}\" "
                    "another one?",
                    to_string(table.table), settings_.kafka.prefix),
        fmt::format("start what writes it (a Debezium connector, or penstock capture {}), or correct "
                    "kafka.prefix",
                    settings_.file));
    return true;
  }

  void check_topic(const std::string& topic) {
    std::int64_t records = 0;
    int partitions = 0;
    for (const auto& [partition, end] : found_.ends) {
      if (partition.topic != topic) continue;
      ++partitions;
      records += end.end - end.first;
    }
    report_.ok("topic " + topic,
               fmt::format("{} partitions, offsets of about {} records", partitions, records));
    const auto config = configs_.find(topic);
    if (config == configs_.end()) return;
    const auto value = [&](const char* name) {
      const auto found = config->second.find(name);
      return found == config->second.end() ? std::string() : found->second;
    };
    const std::string policy = value("cleanup.policy");
    if (policy.find("compact") != std::string::npos)
      report_.warn(
          "topic " + topic,
          "is compacted: of older changes only the newest record of each key is left, in which a large "
          "value may be missing (it is then asked of PostgreSQL), and deletes go after delete.retention.ms");
    const bool forgets = policy.find("delete") != std::string::npos &&
                         (value("retention.ms") != "-1" || value("retention.bytes") != "-1");
    if (forgets)
      report_.warn(
          "topic " + topic,
          fmt::format("records go after retention.ms={} or retention.bytes={}: an apply that was away longer "
                      "stops at the gap, and none can begin anew with them",
                      value("retention.ms"), value("retention.bytes")),
          fmt::format("keep them: kafka-configs --alter --entity-type topics --entity-name {} --add-config "
                      "retention.ms=-1,retention.bytes=-1; or have the connector load its tables again "
                      "when the pipeline begins anew",
                      topic));
  }

  void check_places() {
    Status continues = backbone::check_continues(found_.ends, checkpoint_.places);
    if (continues) continues = backbone::check_complete(found_.ends, checkpoint_.places);
    if (!continues) return report_.fail("offsets", continues.error().message, continues.error().remedy);
    report_.ok("offsets", checkpoint_.exists ? "go on in these topics" : "the pipeline never ran");
  }

  // The first records that are there, as `apply` reads them.
  Status read_first(const std::vector<TableTopics>& tables) {
    PENSTOCK_ASSIGN(const envelope::Options values, event_options(settings_));
    envelope::ReadOptions options;
    options.values = values;
    std::map<std::string, std::unique_ptr<backbone::TopicIntake>> intakes;
    for (const TableTopics& table : tables) {
      if (!tables_.contains(to_string(table.table))) continue;
      for (const std::string& topic : table.topics) {
        auto intake = std::make_unique<backbone::TopicIntake>(
            table.table, topic, options, [this](const TableName& name) { return describe(name); }, nullptr);
        PENSTOCK_TRY(intake->open());
        intakes.emplace(topic, std::move(intake));
      }
    }
    return read_records(intakes);
  }

  Result<backbone::CatalogTable> describe(const TableName& name) const {
    const auto& described = tables_.at(to_string(name));
    return backbone::CatalogTable{described.schema, described.identity, !described.leaves.empty()};
  }

  Status read_records(const std::map<std::string, std::unique_ptr<backbone::TopicIntake>>& intakes) {
    std::map<PartitionId, std::int64_t> offsets;
    for (const auto& [partition, end] : found_.ends)
      if (intakes.contains(partition.topic) && end.first < end.end) offsets[partition] = end.first;
    std::set<PartitionId> open;
    for (const auto& [partition, offset] : offsets) open.insert(partition);
    PENSTOCK_TRY(consumer_->assign(offsets));
    std::map<std::string, std::size_t> read;
    std::map<std::string, Error> errors;
    backbone::Consumer::Callbacks callbacks;
    callbacks.end = [&](const PartitionId& partition, std::int64_t) { open.erase(partition); };
    callbacks.record = [&](const backbone::ConsumedRecord& record) -> Result<bool> {
      const std::string topic(record.topic);
      if (++read[topic] > kRecords || errors.contains(topic)) {
        open.erase({topic, record.partition});
        return true;
      }
      EventBatch batch;
      Place place;
      auto taken = intakes.at(topic)->take(record, place, batch);
      if (!taken) errors.emplace(topic, std::move(taken).error());
      return true;
    };
    const auto until = Clock::now() + kPatience;
    while (!open.empty() && Clock::now() < until)
      PENSTOCK_TRY(consumer_->poll(kRecords, kPollPatience, callbacks));
    for (const auto& [topic, count] : read) say_read(topic, std::min(count, kRecords), errors);
    return {};
  }

  void say_read(const std::string& topic, std::size_t count, const std::map<std::string, Error>& errors) {
    const auto error = errors.find(topic);
    if (error == errors.end())
      return report_.ok("topic " + topic, fmt::format("its first {} records can be read", count));
    const std::string setting = setting_of(error->second.message);
    report_.fail(
        "topic " + topic, error->second.message,
        !error->second.remedy.empty() || setting.empty()
            ? error->second.remedy
            : fmt::format("say how the connector writes such values: kafka: {{ events: {{ {}: … }} }}, as in "
                          "the connector's own settings",
                          setting));
  }

  const Settings& settings_;
  const TableDescriptions& tables_;
  const Checkpoint& checkpoint_;
  Report& report_;
  backbone::ConsumerOptions options_;
  std::unique_ptr<backbone::Consumer> consumer_;
  backbone::TopicPartitions found_;
  backbone::TopicConfigs configs_;
};

}  // namespace

void check_topics(const Settings& settings, const TableDescriptions& tables, const Checkpoint& checkpoint,
                  Report& report) {
  const Status status = TopicCheck(settings, tables, checkpoint, report).run();
  if (!status) report.fail("Kafka", status.error().message, status.error().remedy);
}

}  // namespace penstock::app
