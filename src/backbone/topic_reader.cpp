#include "backbone/topic_reader.h"

#include <librdkafka/rdkafka.h>

#include <set>
#include <utility>

#include "backbone/client.h"
#include "backbone/failure.h"
#include "backbone/owned.h"

namespace penstock::backbone {
namespace {

constexpr int kPollMillis = 500;

Result<Owned<rd_kafka_t>> open_consumer(const ProducerOptions& options) {
  // What is kept here is small: so may be what waits to be taken.
  ClientSettings all{
      {"bootstrap.servers", options.brokers}, {"group.id", "penstock-state"},
      {"isolation.level", "read_committed"},  {"enable.auto.commit", "false"},
      {"enable.partition.eof", "true"},       {"topic.metadata.refresh.fast.interval.ms", "20"},
      {"auto.offset.reset", "earliest"},      {"queued.min.messages", "1000"},
      {"queued.max.messages.kbytes", "2048"}, {"fetch.wait.max.ms", "100"}};
  for (const auto& [name, value] : options.settings) {
    if (name.starts_with("security.") || name.starts_with("sasl.") || name.starts_with("ssl."))
      all.emplace_back(name, value);
  }
  PENSTOCK_ASSIGN(rd_kafka_t * handle, open_client(RD_KAFKA_CONSUMER, all));
  return Owned<rd_kafka_t>(handle);
}

// 0: there is no such topic.
Result<int> partitions_of(rd_kafka_t* consumer, const ProducerOptions& options, const std::string& topic) {
  const Owned<rd_kafka_topic_t> named(rd_kafka_topic_new(consumer, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const auto code =
      rd_kafka_metadata(consumer, 0, named.get(), &found, static_cast<int>(options.timeout.count()));
  const Owned<const rd_kafka_metadata_t> metadata(found);
  const std::string what = "looking for the topic " + topic;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(code, rd_kafka_err2str(code), what, options.brokers));
  if (metadata->topic_cnt != 1 || metadata->topics[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    return 0;
  if (const auto topic_code = metadata->topics[0].err;
      topic_code != RD_KAFKA_RESP_ERR_NO_ERROR && topic_code != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    return fail(error_of(topic_code, rd_kafka_err2str(topic_code), what, options.brokers));
  return metadata->topics[0].partition_cnt;
}

Status hand_on(const rd_kafka_message_t& message, const TopicReader::Take& take) {
  const std::string_view key(static_cast<const char*>(message.key), message.key_len);
  std::optional<std::string_view> value;
  if (message.payload != nullptr) value.emplace(static_cast<const char*>(message.payload), message.len);
  return take(key, value);
}

}  // namespace

Result<std::unique_ptr<TopicReader>> TopicReader::open(const ProducerOptions& options,
                                                       const std::vector<std::string>& topics,
                                                       std::int64_t newest) {
  PENSTOCK_ASSIGN(Owned<rd_kafka_t> consumer, open_consumer(options));
  const Owned<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const std::string& topic : topics) {
    PENSTOCK_ASSIGN(const int partitions, partitions_of(consumer.get(), options, topic));
    for (int partition = 0; partition < partitions; ++partition)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
          newest > 0 ? RD_KAFKA_OFFSET_TAIL(newest) : RD_KAFKA_OFFSET_BEGINNING;
  }
  if (list->cnt == 0) return std::unique_ptr<TopicReader>();
  rd_kafka_assign(consumer.get(), list.get());
  rd_kafka_poll_set_consumer(consumer.get());
  return std::unique_ptr<TopicReader>(
      new TopicReader(consumer.release(), options, topics.front(), list->cnt));
}

TopicReader::~TopicReader() {
  rd_kafka_consumer_close(consumer_);
  rd_kafka_destroy(consumer_);
}

Status TopicReader::read_to_end(const Take& take) {
  std::set<std::pair<std::string, std::int32_t>> ended;
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  while (std::chrono::steady_clock::now() < deadline) {
    const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer_, kPollMillis));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ended.emplace(rd_kafka_topic_name(message->rkt), message->partition);
      if (static_cast<int>(ended.size()) == partitions_) return {};
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // the topic may be new to the broker
    PENSTOCK_TRY(hand_on(*message, take));
  }
  return fail(
      error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", "reading the topic " + topic_, options_.brokers));
}

Status TopicReader::read_on(const Take& take, std::chrono::milliseconds time) {
  for (int wait = static_cast<int>(time.count());; wait = 0) {
    const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer_, wait));
    if (!message) return {};
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) PENSTOCK_TRY(hand_on(*message, take));
  }
}

}  // namespace penstock::backbone
