#include "backbone/topic_watch.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "backbone/failure.h"
#include "backbone/owned.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kEvery{5};
constexpr std::chrono::seconds kPatience{2};  // so long nothing is read where the brokers are away

}  // namespace

#if RD_KAFKA_VERSION >= 0x02030000
namespace {

struct FreeTopics {
  void operator()(rd_kafka_TopicCollection_t* topics) const { rd_kafka_TopicCollection_destroy(topics); }
};

std::map<std::string, TopicId> ids_in(rd_kafka_event_t* event) {
  std::map<std::string, TopicId> ids;
  std::size_t count = 0;
  const auto** topics =
      rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_error_code(rd_kafka_TopicDescription_error(topics[i])) != RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;
    const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(topics[i]);
    ids[rd_kafka_TopicDescription_name(topics[i])] = {
        static_cast<std::uint64_t>(rd_kafka_Uuid_most_significant_bits(id)),
        static_cast<std::uint64_t>(rd_kafka_Uuid_least_significant_bits(id))};
  }
  return ids;
}

}  // namespace

Result<std::map<std::string, TopicId>> topic_ids(Consumer& consumer, const std::vector<std::string>& topics,
                                                 const std::string& brokers) {
  std::vector<const char*> names;
  for (const std::string& topic : topics) names.push_back(topic.c_str());
  const std::unique_ptr<rd_kafka_TopicCollection_t, FreeTopics> asked(
      rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(consumer.handle()));
  rd_kafka_DescribeTopics(consumer.handle(), asked.get(), nullptr, queue.get());
  const Owned<rd_kafka_event_t> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(consumer.timeout().count())));
  const std::string what = "asking for the topics' ids";
  if (!event) return fail(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", what, brokers));
  const auto code = rd_kafka_event_error(event.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return ids_in(event.get());
  Error error = error_of(code, rd_kafka_event_error_string(event.get()), what, brokers);
  if (error.kind == ErrorKind::kKafkaUnavailable) return fail(std::move(error));
  log::debug("{}", error.message);
  return std::map<std::string, TopicId>();
}
#else
Result<std::map<std::string, TopicId>> topic_ids(Consumer&, const std::vector<std::string>&,
                                                 const std::string&) {
  return std::map<std::string, TopicId>();
}
#endif

Status TopicWatch::look(Consumer& consumer) {
  const auto begun = Clock::now();
  PENSTOCK_ASSIGN(found_, look_up(consumer, topics_));
  share_.keep_own(found_);
  PENSTOCK_ASSIGN(ids_, topic_ids(consumer, topics_, brokers_));
  say_missing({});
  looked_ = begun;
  next_ = Clock::now() + kEvery;
  return {};
}

Result<std::vector<PartitionId>> TopicWatch::look_again(Consumer& consumer, const Places& places) {
  std::vector<PartitionId> come;
  const auto begun = Clock::now();
  if (begun < next_) return come;
  consumer.wait_at_most(kPatience);
  auto now = look_up(consumer, topics_);
  auto ids = now ? topic_ids(consumer, topics_, brokers_) : tl::unexpected<Error>(now.error());
  consumer.wait_at_most({});
  next_ = Clock::now() + kEvery;
  if (!ids) {
    if (outage_.empty()) log::warn("{}; trying again, nothing is lost", ids.error().message);
    outage_ = ids.error().message;
    return come;
  }
  outage_.clear();
  share_.keep_own(*now);
  ids_ = std::move(*ids);
  PENSTOCK_TRY(check_ids(places));
  for (const auto& [partition, end] : now->ends)
    if (!found_.ends.contains(partition)) come.push_back(partition);
  found_ = std::move(*now);
  looked_ = begun;
  say_missing(places);
  return come;
}

void TopicWatch::say_missing(const Places& places) {
  if (share_.is_part()) return;
  for (const std::string& topic : found_.missing) {
    if (topic == told_ || !missing_said_.insert(topic).second) continue;
    const bool was_read = std::any_of(places.begin(), places.end(), [&](const auto& one) {
      return one.first.topic == topic && one.second.next > 0;
    });
    if (was_read) {
      log::warn("the topic {} is gone: its documents stay as they are", topic);
    } else {
      log::warn("there is no topic {} yet: its table counts as empty until it is there", topic);
    }
  }
  std::erase_if(missing_said_, [&](const std::string& topic) { return !found_.missing.contains(topic); });
}

Status TopicWatch::check_ids(const Places& places) const {
  for (const auto& [partition, place] : places) {
    const auto id = ids_.find(partition.topic);
    if (id == ids_.end() || !id->second.is_set() || !place.topic.is_set() || id->second == place.topic)
      continue;
    return fail(ErrorKind::kDivergence,
                "the topic " + partition.topic +
                    " was made anew: what was applied comes from the one with the id " +
                    to_string(place.topic) + ", this one has the id " + to_string(id->second),
                begin_anew());
  }
  return {};
}

void TopicWatch::name_topics(Places& places) const {
  for (auto& [partition, place] : places) {
    const auto id = ids_.find(partition.topic);
    if (id != ids_.end()) place.topic = id->second;
  }
}

Place TopicWatch::beginning(const PartitionId& partition) const {
  Place place;
  place.next = found_.ends.at(partition).first;
  if (const auto id = ids_.find(partition.topic); id != ids_.end()) place.topic = id->second;
  return place;
}

}  // namespace penstock::backbone
