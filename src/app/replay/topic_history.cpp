#include "app/replay/topic_history.h"

#include <algorithm>
#include <set>

#include "app/apply/inclusion.h"
#include "app/apply/topics.h"
#include "app/apply_factory.h"
#include "app/connector/connector_source.h"
#include "backbone/history/history_source.h"

namespace penstock::app {
namespace {

constexpr std::chrono::seconds kPatience{10};

// Whether everything up to the LSN is in the topics, as far as a capture or a slot tells.
Result<bool> is_written(const Settings& settings, mongo::Reader& reader, Lsn lsn, std::stop_token stop) {
  auto inclusion = Inclusion::open(settings, reader, lsn);
  if (!inclusion && inclusion.error().kind == ErrorKind::kConfiguration) return false;
  if (!inclusion) return fail(std::move(inclusion).error());
  return (*inclusion)->wait_written(Inclusion::Clock::now() + kPatience, std::move(stop));
}

// By the connector's file, or what the pipeline file says of it.
bool loads_at_start(const Settings& settings) {
  static const std::set<std::string> kLoading{"initial", "always", "initial_only", "when_needed"};
  const auto mode = settings.kafka.events.find("snapshot.mode");
  if (mode != settings.kafka.events.end()) return kLoading.contains(mode->second);
  return !settings.source.connector.empty();
}

}  // namespace

Result<ReplaySource> open_topic_history(const Settings& settings, const std::vector<TableName>& tables,
                                        const journal::AsOf& as_of, journal::Loads loads,
                                        mongo::Reader& reader, std::stop_token stop) {
  PENSTOCK_TRY(check_brokers(settings));
  backbone::HistoryOptions options;
  options.consumer = consumer_options(settings);
  options.consumer.group = "penstock-replay-" + settings.pipeline;
  PENSTOCK_ASSIGN(options.values.values, event_options(settings));
  options.describe = describe_tables(settings);
  options.end = {as_of.lsn, as_of.micros};
  options.captures = capture_names(settings);
  options.loads_at_start = loads_at_start(settings);
  options.in_order = loads == journal::Loads::kInPlace;
  options.dead_letters = settings.errors == OnBadRow::kDeadLetter;
  if (as_of.lsn) {
    PENSTOCK_ASSIGN(options.written, is_written(settings, reader, *as_of.lsn, stop));
  }
  PENSTOCK_ASSIGN(const auto found, find_topics(settings));
  for (const TableTopics& table : found)
    if (std::find(tables.begin(), tables.end(), table.table) != tables.end())
      options.tables.push_back({table.table, table.topics, {}, nullptr});
    else
      options.other_topics.insert(options.other_topics.end(), table.topics.begin(), table.topics.end());
  PENSTOCK_ASSIGN(auto history, backbone::open_history(std::move(options), stop));
  return ReplaySource{std::move(history.source), std::move(history.tables), std::move(history.reach)};
}

}  // namespace penstock::app
