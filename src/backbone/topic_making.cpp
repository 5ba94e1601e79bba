#include "backbone/topic_making.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <thread>

#include "backbone/failure.h"
#include "backbone/owned.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

constexpr std::chrono::milliseconds kAgain{10};
constexpr std::chrono::seconds kLeaderLimit{5};
constexpr int kLookMillis = 1000;

Result<Owned<rd_kafka_NewTopic_t>> wanted(const NewTopic& topic) {
  std::array<char, 512> text{};
  Owned<rd_kafka_NewTopic_t> made(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                                        topic.replication, text.data(), text.size()));
  if (!made)
    return fail(ErrorKind::kConfiguration, "Kafka, making the topic " + topic.name + ": " + text.data());
  for (const auto& [name, value] : topic.config)
    rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  return made;
}

bool has_leaders(const rd_kafka_metadata_topic& topic) {
  for (int i = 0; i < topic.partition_cnt; ++i)
    if (topic.partitions[i].err != RD_KAFKA_RESP_ERR_NO_ERROR || topic.partitions[i].leader < 0) return false;
  return topic.partition_cnt > 0;
}

Status outcome_of(const rd_kafka_topic_result_t* result, const std::string& brokers) {
  const auto code = rd_kafka_topic_result_error(result);
  const std::string name = rd_kafka_topic_result_name(result);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) log::info("made topic {}", name);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
  if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
      code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
    log::debug("no right to make topic {}", name);
    return {};
  }
  const char* said = rd_kafka_topic_result_error_string(result);
  return fail(
      error_of(code, said != nullptr ? said : rd_kafka_err2str(code), "making the topic " + name, brokers));
}

// A topic that was made a moment ago has no leader yet; who uses it then waits for up to seconds for its next
// look.
void wait_for_leader(rd_kafka_t* handle, const std::string& topic,
                     std::chrono::steady_clock::time_point until) {
  const Owned<rd_kafka_topic_t> named(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  while (named && std::chrono::steady_clock::now() < until) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(handle, 0, named.get(), &found, kLookMillis);
    const Owned<const rd_kafka_metadata_t> metadata(found);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topic_cnt == 1 && has_leaders(metadata->topics[0]))
      return;
    std::this_thread::sleep_for(kAgain);
  }
}

}  // namespace

Result<std::size_t> make_topics(rd_kafka_s* handle, const std::vector<NewTopic>& topics,
                                const std::string& brokers, std::chrono::milliseconds timeout) {
  std::vector<Owned<rd_kafka_NewTopic_t>> owned;
  std::vector<rd_kafka_NewTopic_t*> list;
  for (const NewTopic& topic : topics) {
    PENSTOCK_ASSIGN(Owned<rd_kafka_NewTopic_t> made, wanted(topic));
    list.push_back(made.get());
    owned.push_back(std::move(made));
  }
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle));
  rd_kafka_CreateTopics(handle, list.data(), list.size(), nullptr, queue.get());
  const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), static_cast<int>(timeout.count())));
  if (!event) return fail(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", "making topics", brokers));
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(code, rd_kafka_event_error_string(event.get()), "making topics", brokers));
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const auto until = std::chrono::steady_clock::now() + kLeaderLimit;
  std::size_t made = 0;
  for (std::size_t i = 0; i < count; ++i) {
    PENSTOCK_TRY(outcome_of(results[i], brokers));
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    ++made;
    wait_for_leader(handle, rd_kafka_topic_result_name(results[i]), until);
  }
  return made;
}

}  // namespace penstock::backbone
