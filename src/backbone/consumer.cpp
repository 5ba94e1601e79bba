#include "backbone/consumer.h"

#include <librdkafka/rdkafka.h>

#include "backbone/client.h"
#include "backbone/failure.h"
#include "backbone/owned.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

// A record is handed out as soon as it is there; what is fetched ahead is bounded, and as soon as there is
// room again it is fetched (librdkafka would wait a second).
const ClientSettings kOwn{
    {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"},        {"isolation.level", "read_committed"},
    {"enable.partition.eof", "true"},      {"fetch.wait.max.ms", "20"},
    {"fetch.error.backoff.ms", "50"},      {"queued.max.messages.kbytes", "4096"},
    {"queued.min.messages", "20000"},      {"topic.metadata.refresh.fast.interval.ms", "100"},
    {"allow.auto.create.topics", "false"}, {"fetch.queue.backoff.ms", "5"}};

using TopicPartitions = Owned<rd_kafka_topic_partition_list_t>;

TopicPartitions list_of(const std::vector<PartitionId>& partitions) {
  TopicPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const PartitionId& one : partitions)
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.number);
  return list;
}

void read_headers(rd_kafka_message_t* message, ConsumedRecord& record) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record.headers.emplace_back(name, value == nullptr
                                          ? std::string_view()
                                          : std::string_view(static_cast<const char*>(value), size));
}

ConsumedRecord record_of(rd_kafka_message_t* message) {
  ConsumedRecord record;
  record.topic = rd_kafka_topic_name(message->rkt);
  record.partition = message->partition;
  record.offset = message->offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.millis = rd_kafka_message_timestamp(message, &type);
  if (message->key != nullptr) record.key.emplace(static_cast<const char*>(message->key), message->key_len);
  if (message->payload != nullptr)
    record.value.emplace(static_cast<const char*>(message->payload), message->len);
  read_headers(message, record);
  return record;
}

PartitionId partition_of(const rd_kafka_message_t* message) {
  return {message->rkt == nullptr ? "" : rd_kafka_topic_name(message->rkt), message->partition};
}

Status offset_gone(const rd_kafka_message_t* message) {
  return fail(ErrorKind::kDivergence,
              "the offset to go on from in " + to_string(partition_of(message)) +
                  " is not there: the topic was made anew, or its oldest records were removed (" +
                  rd_kafka_message_errstr(message) + ")",
              "have the topics loaded again and begin anew with them: penstock teardown PIPELINE --yes, then "
              "penstock apply PIPELINE; the documents stay until their rows come");
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::open(const ConsumerOptions& options) {
  std::unique_ptr<Consumer> consumer(new Consumer(options));
  ClientSettings all{{"bootstrap.servers", options.brokers}, {"group.id", options.group}};
  all.insert(all.end(), kOwn.begin(), kOwn.end());
  all.insert(all.end(), options.settings.begin(), options.settings.end());
  PENSTOCK_ASSIGN(consumer->handle_, open_client(RD_KAFKA_CONSUMER, all));
  rd_kafka_poll_set_consumer(consumer->handle_);
  consumer->queue_ = rd_kafka_queue_get_consumer(consumer->handle_);
  return consumer;
}

Consumer::~Consumer() {
  drop_fetched();
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
  if (handle_ == nullptr) return;
  rd_kafka_consumer_close(handle_);
  rd_kafka_destroy(handle_);
}

Result<std::int32_t> Consumer::partitions(const std::string& topic) {
  const Owned<rd_kafka_topic_t> handle(rd_kafka_topic_new(handle_, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(handle_, 0, handle.get(), &found, static_cast<int>(timeout_.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(error, rd_kafka_err2str(error), "asking about topic " + topic, options_.brokers));
  const Owned<const rd_kafka_metadata_t> metadata(found);
  if (metadata->topic_cnt == 0) return 0;
  const rd_kafka_metadata_topic& one = metadata->topics[0];
  if (one.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || one.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    return 0;
  if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(
        error_of(one.err, rd_kafka_err2str(one.err), "asking about topic " + topic, options_.brokers));
  return one.partition_cnt;
}

Result<PartitionEnds> Consumer::ends(const PartitionId& partition) {
  PartitionEnds ends;
  const rd_kafka_resp_err_t error =
      rd_kafka_query_watermark_offsets(handle_, partition.topic.c_str(), partition.number, &ends.first,
                                       &ends.end, static_cast<int>(timeout_.count()));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return ends;
  return fail(error_of(error, rd_kafka_err2str(error), "asking for the ends of " + to_string(partition),
                       options_.brokers));
}

Result<std::map<PartitionId, std::int64_t>> Consumer::offsets_at(const std::vector<PartitionId>& partitions,
                                                                 std::int64_t millis) {
  const TopicPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const PartitionId& one : partitions)
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.number)->offset = millis;
  const rd_kafka_resp_err_t error =
      rd_kafka_offsets_for_times(handle_, list.get(), static_cast<int>(timeout_.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(error_of(error, rd_kafka_err2str(error), "asking for offsets by time", options_.brokers));
  std::map<PartitionId, std::int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    const PartitionId partition{one.topic, one.partition};
    offsets[partition] = one.offset;
    if (one.offset >= 0) continue;
    PENSTOCK_ASSIGN(const PartitionEnds ends, this->ends(partition));
    offsets[partition] = ends.end;
  }
  return offsets;
}

Result<std::string> Consumer::cluster_id() {
  char* id = rd_kafka_clusterid(handle_, static_cast<int>(timeout_.count()));
  if (id == nullptr)
    return fail(
        error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer", "asking which cluster it is", options_.brokers));
  std::string known = id;
  rd_kafka_mem_free(handle_, id);
  return known;
}

void Consumer::drop_fetched() {
  for (; next_ < messages_.size(); ++next_) rd_kafka_message_destroy(messages_[next_]);
}

Status Consumer::assign(const std::map<PartitionId, std::int64_t>& offsets) {
  drop_fetched();
  const TopicPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset = offset;
  const rd_kafka_resp_err_t error = rd_kafka_assign(handle_, list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail(error_of(error, rd_kafka_err2str(error), "beginning to read", options_.brokers));
}

Status Consumer::pause(const std::vector<PartitionId>& partitions) {
  const rd_kafka_resp_err_t error = rd_kafka_pause_partitions(handle_, list_of(partitions).get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail(error_of(error, rd_kafka_err2str(error), "pausing partitions", options_.brokers));
}

Status Consumer::resume(const std::vector<PartitionId>& partitions) {
  const rd_kafka_resp_err_t error = rd_kafka_resume_partitions(handle_, list_of(partitions).get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail(error_of(error, rd_kafka_err2str(error), "resuming partitions", options_.brokers));
}

void Consumer::commit_to_group(const Places& places) { commit_places(handle_, places); }

Status Consumer::poll(std::size_t limit, std::chrono::milliseconds patience, const Callbacks& callbacks) {
  if (next_ == messages_.size()) {
    messages_.resize(limit);
    next_ = 0;
    messages_.resize(fetch(patience));
  }
  bool goes_on = true;
  while (goes_on && next_ < messages_.size()) {
    rd_kafka_message_t* message = messages_[next_++];
    const Status handed = hand_out(message, callbacks, goes_on);
    rd_kafka_message_destroy(message);
    PENSTOCK_TRY(handed);
  }
  return {};
}

// librdkafka fills the whole batch or waits to the end of its time: for the first message alone it comes back
// with it.
std::size_t Consumer::fetch(std::chrono::milliseconds patience) {
  const auto take = [&](std::size_t from, std::size_t limit, std::chrono::milliseconds wait) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_, static_cast<int>(wait.count()), messages_.data() + from, limit);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  };
  const std::size_t limit = messages_.size();
  if (const std::size_t there = take(0, limit, {}); there > 0) return there;
  const std::size_t first = take(0, 1, patience);
  return first == 0 || limit == 1 ? first : first + take(first, limit - first, {});
}

Status Consumer::hand_out(rd_kafka_message_t* message, const Callbacks& callbacks, bool& goes_on) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return said(message, callbacks);
  if (!outage_.empty()) {
    log::info("Kafka's records come again");
    outage_.clear();
  }
  PENSTOCK_ASSIGN(goes_on, callbacks.record(record_of(message)));
  return {};
}

Status Consumer::said(const rd_kafka_message_t* message, const Callbacks& callbacks) {
  switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (callbacks.end) callbacks.end(partition_of(message), message->offset);
      return {};
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return offset_gone(message);
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return {};  // whoever assigned it looks for topics that are gone
    default:
      break;
  }
  const std::string where = message->rkt == nullptr ? "" : to_string(partition_of(message));
  const Error error = error_of(message->err, rd_kafka_message_errstr(message),
                               where.empty() ? "reading" : "reading " + where, options_.brokers);
  if (error.kind == ErrorKind::kKafkaRefused) return fail(error);
  if (outage_ != error.message) log::warn("{}; trying again, nothing is lost", error.message);
  outage_ = error.message;
  return {};
}

}  // namespace penstock::backbone
