#include <librdkafka/rdkafka.h>

#include "backbone/client.h"
#include "backbone/failure.h"
#include "backbone/owned.h"
#include "backbone/state_topic.h"
#include "backbone/topic_making.h"

namespace penstock::backbone {
namespace {

constexpr int kPollMillis = 500;

Result<Owned<rd_kafka_t>> open_consumer(const ProducerOptions& options) {
  ClientSettings all{
      {"bootstrap.servers", options.brokers}, {"group.id", "penstock-state"},
      {"isolation.level", "read_committed"},  {"enable.auto.commit", "false"},
      {"enable.partition.eof", "true"},       {"topic.metadata.refresh.fast.interval.ms", "20"},
      {"auto.offset.reset", "error"}};
  for (const auto& [name, value] : options.settings) {
    if (name.starts_with("security.") || name.starts_with("sasl.") || name.starts_with("ssl."))
      all.emplace_back(name, value);
  }
  PENSTOCK_ASSIGN(rd_kafka_t * handle, open_client(RD_KAFKA_CONSUMER, all));
  return Owned<rd_kafka_t>(handle);
}

}  // namespace

Result<CaptureState> read_state(const ProducerOptions& options, const std::string& topic, int replication) {
  PENSTOCK_ASSIGN(const Owned<rd_kafka_t> consumer, open_consumer(options));
  const NewTopic wanted{topic, 1, replication, {{"cleanup.policy", "compact"}}};
  PENSTOCK_TRY(make_topics(consumer.get(), {wanted}, options.brokers, options.timeout));
  const Owned<rd_kafka_topic_partition_list_t> partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer.get(), partitions.get());
  rd_kafka_poll_set_consumer(consumer.get());
  StateReader state;
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  while (std::chrono::steady_clock::now() < deadline) {
    const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer.get(), kPollMillis));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      rd_kafka_consumer_close(consumer.get());
      return state.state();
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // the topic may be new to the broker
    const std::string_view key(static_cast<const char*>(message->key), message->key_len);
    std::optional<std::string_view> value;
    if (message->payload != nullptr) value.emplace(static_cast<const char*>(message->payload), message->len);
    PENSTOCK_TRY(state.take(key, value));
  }
  return fail(
      error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", "reading the topic " + topic, options.brokers));
}

}  // namespace penstock::backbone
