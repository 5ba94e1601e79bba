#include "library/stream_start.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/apply/topics.h"
#include "backbone/topic_positions.h"
#include "backbone/topic_watch.h"
#include "library/json_writer.h"

namespace penstock::library {
namespace {

mongo::Shares shares_of(const backbone::TopicPartitions& found, const StreamBench::Topics& topics) {
  mongo::Shares shares;
  for (const auto& [partition, ends] : found.ends) shares[partition] = topics.at(partition.topic);
  return shares;
}

std::string answer_of(const StreamStart& start, const StreamBench::Topics& topics,
                      const backbone::TopicPartitions& found, const Places& stored, const Places& begun,
                      bool models) {
  JsonWriter out;
  out.begin().key("topics").begin_list();
  for (const auto& [topic, share] : topics) out.item(topic);
  out.end_list().key("missing").begin_list();
  for (const std::string& topic : found.missing) out.item(topic);
  out.end_list().key("starts").begin();
  for (auto at = found.ends.begin(); at != found.ends.end();) {
    const std::string topic = at->first.topic;
    out.key(topic).begin();
    for (; at != found.ends.end() && at->first.topic == topic; ++at)  // what is gone was accepted as a gap
      out.number(std::to_string(at->first.number), std::max(begun.at(at->first).next, at->second.first));
    out.end();
  }
  out.end();
  const bool applied =
      std::any_of(stored.begin(), stored.end(), [](const auto& one) { return one.second.next > 0; });
  out.truth("applied", applied).truth("models", models).key("options").begin();
  out.text("stream_generation", start.stream_generation).text("kept_generation", start.kept_generation);
  return out.end().end().finish();
}

}  // namespace

StreamBench::Topics with_generations(StreamBench::Topics topics, const mongo::KeptModels& models,
                                     const std::string& stream, const std::string& kept) {
  for (auto& [topic, share] : topics) {
    share.generation = stream;
    const bool is_kept = std::any_of(models.tables.begin(), models.tables.end(),
                                     [&of = share.table](const auto& table) { return table.name == of; });
    if (is_kept) share.definition += mongo::kKeptFor + kept + ": " + models.definition;
  }
  return topics;
}

Result<StreamStart> begin_stream(const Opened& opened, const StreamBench::Topics& topics,
                                 mongo::PartitionSink& sink, const mongo::KeptModels& models) {
  const app::Settings& settings = opened.chosen;
  PENSTOCK_TRY(app::check_brokers(settings));
  PENSTOCK_ASSIGN(const auto consumer, backbone::Consumer::open(app::consumer_options(settings)));
  PENSTOCK_ASSIGN(const std::string cluster, consumer->cluster_id());
  const backbone::TopicShare whole{backbone::ShareOptions{}};
  std::vector<std::string> names;
  for (const auto& [topic, share] : topics) names.push_back(topic);
  backbone::TopicWatch watch(names, "", settings.kafka.brokers, whole);
  PENSTOCK_TRY(watch.look(*consumer));
  const backbone::TopicPartitions& found = watch.found();
  PENSTOCK_TRY(sink.prepare(backbone::slot_of(cluster)));
  StreamStart start;
  PENSTOCK_ASSIGN(start.stream_generation, sink.generation());
  if (!models.definition.empty()) {
    PENSTOCK_ASSIGN(start.kept_generation, sink.kept_generation(models));
  }
  Places beginnings;
  for (const auto& [partition, ends] : found.ends) beginnings[partition] = watch.beginning(partition);
  // Everything is looked at before anything is emptied.
  const auto before =
      shares_of(found, with_generations(topics, models, start.stream_generation, start.kept_generation));
  PENSTOCK_TRY(sink.check_free(before, opened.options.take_over));
  PENSTOCK_ASSIGN(const Places stored, sink.stored(before));
  PENSTOCK_TRY(watch.check_ids(stored));
  if (!opened.options.accept_gap) {
    PENSTOCK_TRY(backbone::check_continues(found.ends, stored));
    PENSTOCK_TRY(backbone::check_complete(found.ends, stored));
  }
  if (!models.definition.empty()) {
    PENSTOCK_ASSIGN(start.kept_generation, sink.begin_models(models));
  }
  const auto own = with_generations(topics, models, start.stream_generation, start.kept_generation);
  PENSTOCK_ASSIGN(const Places begun,
                  sink.begin(shares_of(found, own), beginnings, opened.options.take_over));
  start.answer = answer_of(start, topics, found, stored, begun, !models.definition.empty());
  return start;
}

}  // namespace penstock::library
