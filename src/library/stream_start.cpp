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

std::string answer_of(const std::map<std::string, mongo::Share>& topics,
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
  return out.truth("applied", applied).truth("models", models).end().finish();
}

}  // namespace

Result<std::string> begin_stream(const Opened& opened, const std::map<std::string, mongo::Share>& topics,
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
  PENSTOCK_TRY(sink.prepare(backbone::slot_of(cluster)));
  if (!models.definition.empty()) PENSTOCK_TRY(sink.begin_models(models));
  const backbone::TopicPartitions& found = watch.found();
  mongo::Shares shares;
  Places beginnings;
  for (const auto& [partition, ends] : found.ends) {
    shares[partition] = topics.at(partition.topic);
    beginnings[partition] = watch.beginning(partition);
  }
  PENSTOCK_ASSIGN(const Places stored, sink.stored(shares));
  PENSTOCK_TRY(watch.check_ids(stored));
  if (!opened.options.accept_gap) {
    PENSTOCK_TRY(backbone::check_continues(found.ends, stored));
    PENSTOCK_TRY(backbone::check_complete(found.ends, stored));
  }
  PENSTOCK_ASSIGN(const Places begun, sink.begin(shares, beginnings, opened.options.take_over));
  return answer_of(topics, found, stored, begun, !models.definition.empty());
}

}  // namespace penstock::library
