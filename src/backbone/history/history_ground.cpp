#include "backbone/history/history_ground.h"

#include <algorithm>
#include <utility>

#include "backbone/capture_position.h"
#include "backbone/history/bounded_reading.h"
#include "backbone/topic_configs.h"
#include "backbone/topic_ends.h"
#include "backbone/topic_positions.h"

namespace penstock::backbone {
namespace {

constexpr std::size_t kScratchBytes = 8U << 20;

Status check_kept_whole(Consumer& consumer, const std::vector<std::string>& topics,
                        const ConsumerOptions& options) {
  PENSTOCK_ASSIGN(const TopicConfigs configs, describe_topics(consumer, topics, options));
  for (const std::string& topic : topics) {
    const auto found = configs.find(topic);
    const auto policy = found == configs.end() ? std::map<std::string, std::string>::const_iterator{}
                                               : found->second.find("cleanup.policy");
    if (found == configs.end() || policy == found->second.end())
      return fail(ErrorKind::kCheckFailed, "the brokers do not say whether topic " + topic + " is compacted",
                  "give the account of kafka.settings DESCRIBE_CONFIGS on the topic");
    if (policy->second.find("compact") == std::string::npos) continue;
    return fail(ErrorKind::kCheckFailed,
                "topic " + topic + " is compacted (cleanup.policy=" + policy->second +
                    "): older events of a row go, so that it has no history",
                "keep history in topics with cleanup.policy=delete and retention.ms=-1, or in a journal "
                "(docs/replay.md)");
  }
  return {};
}

ProducerOptions asking(const ConsumerOptions& options) {
  ProducerOptions asking;
  asking.brokers = options.brokers;
  asking.settings = options.settings;
  asking.timeout = options.timeout;
  return asking;
}

Status ask_captures(const HistoryOptions& options, HistoryFacts& facts) {
  for (const std::string& name : options.captures) {
    PENSTOCK_ASSIGN(const CaptureState state, read_state(asking(options.consumer), state_topic_of(name)));
    if (!state.checkpoint.exists) continue;
    facts.captured_position = state.checkpoint.position;
    for (const auto& [table, stored] : state.checkpoint.tables) {
      if (state.checkpoint.written.tables.contains(table)) continue;  // by a connector before
      CaptureLoad& load = facts.captured[table];
      load.whole = stored.state == LoadState::kLoaded;
      load.problem = stored.problem;
      const auto begun = state.loads_begun.find(table);
      if (begun != state.loads_begun.end()) load.begun = begun->second;
    }
  }
  return {};
}

}  // namespace

Result<HistoryGround> HistoryGround::open(const HistoryOptions& options) {
  HistoryGround ground;
  PENSTOCK_ASSIGN(ground.consumer, Consumer::open(options.consumer));
  // It tells the ends of transactions that are open, too: what was written before now lies before them. All
  // questions go over its connection, while the other one connects.
  PENSTOCK_ASSIGN(const auto uncommitted, Consumer::open(reading_uncommitted(options.consumer)));
  PENSTOCK_ASSIGN(ground.cluster, uncommitted->cluster_id());
  std::vector<std::string> topics;
  for (const ReadTable& table : options.tables) {
    for (const std::string& topic : table.topics) {
      topics.push_back(topic);
      auto& intake = ground.intakes[topic];
      intake = std::make_unique<TopicIntake>(table.name, topic, options.values, options.describe, nullptr);
      PENSTOCK_TRY(intake->open());
    }
  }
  PENSTOCK_ASSIGN(auto found, look_up(*uncommitted, topics));
  ground.facts.ends = std::move(found.ends);
  PENSTOCK_ASSIGN(auto others, look_up(*uncommitted, options.other_topics));
  ground.other_ends = std::move(others.ends);
  std::erase_if(topics, [&](const std::string& topic) { return found.missing.contains(topic); });
  PENSTOCK_TRY(check_kept_whole(*uncommitted, topics, options.consumer));
  ground.facts.end = options.end;
  ground.facts.loads_at_start = options.loads_at_start;
  ground.facts.written = options.written;
  ground.facts.in_order = options.in_order;
  PENSTOCK_TRY(ask_captures(options, ground.facts));
  return ground;
}

Status HistoryGround::read(const HistoryOptions& options, HistoryScan& scan, std::stop_token stop) {
  auto scratch = std::make_shared<EventBatch>();
  Places places;
  BoundedReading reading{*consumer, facts.ends};
  reading.record = [&](const PartitionId& partition, const ConsumedRecord& record) -> Result<bool> {
    TopicIntake& intake = *intakes.at(partition.topic);
    auto head = intake.take(record, places[partition], *scratch);
    if (!head && (head.error().kind != ErrorKind::kBadValue || !options.dead_letters))
      return fail(std::move(head).error());
    if (head && *head) scan.take(to_string(intake.table()), partition, **head);
    return scratch->bytes() < kScratchBytes;
  };
  reading.turn = [&]() -> Status {
    if (scratch->bytes() >= kScratchBytes / 2) scratch = std::make_shared<EventBatch>();
    return {};
  };
  PENSTOCK_TRY(read_all(reading, stop));
  const bool all_loaded =
      std::all_of(options.tables.begin(), options.tables.end(), [&](const ReadTable& table) {
        const std::string name = to_string(table.name);
        const auto seen = scan.tables().find(name);
        return (seen != scan.tables().end() && seen->second.has_rows) || facts.captured.contains(name) ||
               facts.loads_at_start;
      });
  if (facts.end.lsn || facts.end.micros || !all_loaded) PENSTOCK_TRY(read_others(scan, std::move(stop)));
  scan.finish();
  return {};
}

Status HistoryGround::read_others(HistoryScan& scan, std::stop_token stop) {
  BoundedReading reading{*consumer, other_ends};
  reading.record = [&](const PartitionId& partition, const ConsumedRecord& record) -> Result<bool> {
    const auto head = record.value ? envelope::read_record_head(*record.value) : std::nullopt;
    if (head) scan.take(to_string(head->table), partition, *head);
    return true;
  };
  reading.turn = [] { return Status(); };
  return read_all(reading, std::move(stop));
}

std::uint64_t HistoryGround::offsets() const {
  std::uint64_t sum = 0;
  for (const auto& [partition, ends] : facts.ends) sum += static_cast<std::uint64_t>(ends.end - ends.first);
  return sum;
}

}  // namespace penstock::backbone
