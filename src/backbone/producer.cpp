#include "backbone/producer.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "backbone/client.h"
#include "backbone/failure.h"

namespace penstock::backbone {
namespace {

constexpr std::size_t kErrorText = 512;
constexpr std::size_t kQueueBytes = 8U << 20;
constexpr std::size_t kQueueSlack = 64U << 10;
constexpr std::size_t kLargestMessage = 8000000;
constexpr std::size_t kShownKey = 200;
constexpr int kFlushMillis = 100;
// What is sent and not acknowledged: more of it takes memory and is no faster.
constexpr std::size_t kUnacknowledgedBatches = 4;
constexpr std::size_t kHearEvery = 64;  // records
constexpr int kNewsMillis = 10;
constexpr std::chrono::seconds kNewsOfFailure{1};
constexpr int kMetadataMillis = 1000;
constexpr std::chrono::seconds kLookForTopicsEvery{1};

std::string shown(const std::string& key) {
  return key.size() <= kShownKey ? key : key.substr(0, kShownKey) + "…";
}

}  // namespace

// What the brokers said of records, heard while polling.
struct Producer::Deliveries {
  rd_kafka_resp_err_t first = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string topic;
  TooLarge largest;
  std::size_t unacknowledged = 0;  // bytes

  static void heard(rd_kafka_t* handle, const rd_kafka_message_t* message, void* self) {
    static_cast<void>(handle);
    auto& deliveries = *static_cast<Deliveries*>(self);
    deliveries.unacknowledged -= std::min(deliveries.unacknowledged, message->len + message->key_len);
    if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
        message->err == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE)
      deliveries.note_too_large(*message);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || deliveries.first != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    deliveries.first = message->err;
    deliveries.topic = rd_kafka_topic_name(message->rkt);
  }

  void note_too_large(const rd_kafka_message_t& message) {
    const std::size_t bytes = message.len + message.key_len;
    if (bytes <= largest.bytes) return;
    largest = {rd_kafka_topic_name(message.rkt),
               std::string(static_cast<const char*>(message.key), message.key_len), bytes};
  }
};

Producer::Producer(const ProducerOptions& options)
    : options_(options), deliveries_(std::make_unique<Deliveries>()) {}

Producer::~Producer() {
  if (handle_ == nullptr) return;
  rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(handle_, 1000);
  for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(handle_);
}

// In bytes: the given setting, or our own.
static std::size_t largest_message(const ProducerOptions& options) {
  std::size_t bytes = kLargestMessage;
  for (const auto& [name, value] : options.settings)
    if (name == "message.max.bytes") bytes = std::strtoull(value.c_str(), nullptr, 10);
  return bytes;
}

Result<std::unique_ptr<Producer>> Producer::open(const ProducerOptions& options) {
  std::unique_ptr<Producer> producer(new Producer(options));
  ClientSettings all{
      {"bootstrap.servers", options.brokers},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"compression.codec", "lz4"},
      // Nobody waits for it: full batches go at once, and what is waited for is flushed. While a
      // request is under way, librdkafka (2.12) polls without a pause for records older than this.
      {"linger.ms", "1000"},
      {"batch.size", std::to_string(options.batch_bytes)},
      {"topic.metadata.refresh.fast.interval.ms", "20"},
      {"retry.backoff.ms", "20"},
      {"partitioner", "murmur2_random"},
      {"queue.buffering.max.messages", "100000"},
      // What does not fit in the queue could never be sent.
      {"queue.buffering.max.kbytes",
       std::to_string(std::max(kQueueBytes, largest_message(options) + kQueueSlack) / 1024)},
      // Of records alone; what a topic takes is the brokers' to say.
      {"message.max.bytes", std::to_string(kLargestMessage)},
      {"message.timeout.ms", std::to_string(options.timeout.count())}};
  if (!options.transactional_id.empty()) {
    all.emplace_back("transactional.id", options.transactional_id);
    all.emplace_back("transaction.timeout.ms", std::to_string(options.timeout.count()));
  }
  all.insert(all.end(), options.settings.begin(), options.settings.end());
  PENSTOCK_ASSIGN(producer->handle_, open_client(RD_KAFKA_PRODUCER, all, [&](rd_kafka_conf_t* conf) {
                    rd_kafka_conf_set_opaque(conf, producer->deliveries_.get());
                    rd_kafka_conf_set_dr_msg_cb(conf, Deliveries::heard);
                  }));
  return producer;
}

// A producer that was fenced says so of its first call alone; later ones fail in other words.
Status Producer::said(Status status) const {
  if (status) return status;
  std::array<char, kErrorText> text{};
  const auto fatal = rd_kafka_fatal_error(handle_, text.data(), text.size());
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return status;
  return fail(error_of(fatal, text.data(), "writing", options_.brokers));
}

bool Producer::is_broken() const {
  return rd_kafka_fatal_error(handle_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

Status Producer::init_transactions() {
  return said(status_of(rd_kafka_init_transactions(handle_, static_cast<int>(options_.timeout.count())),
                        "becoming the only producer of " + options_.transactional_id, options_.brokers));
}

Status Producer::begin() {
  deliveries_->first = RD_KAFKA_RESP_ERR_NO_ERROR;
  deliveries_->largest = {};
  deliveries_->unacknowledged = 0;
  if (options_.transactional_id.empty()) return {};
  return said(status_of(rd_kafka_begin_transaction(handle_), "beginning a transaction", options_.brokers));
}

// librdkafka takes a record as a list of tagged parts.
static rd_kafka_vu_t part_of(rd_kafka_vtype_t type) {
  rd_kafka_vu_t part{};
  part.vtype = type;
  return part;
}

static rd_kafka_vu_t bytes_part(rd_kafka_vtype_t type, const std::optional<std::string>& bytes) {
  rd_kafka_vu_t part = part_of(type);
  part.u.mem.ptr = bytes ? const_cast<char*>(bytes->data()) : nullptr;  // copied: RD_KAFKA_MSG_F_COPY
  part.u.mem.size = bytes ? bytes->size() : 0;
  return part;
}

static void put_parts(const Record& record, rd_kafka_topic_t* topic, std::vector<rd_kafka_vu_t>& parts) {
  parts.assign({part_of(RD_KAFKA_VTYPE_RKT), part_of(RD_KAFKA_VTYPE_PARTITION),
                part_of(RD_KAFKA_VTYPE_MSGFLAGS), bytes_part(RD_KAFKA_VTYPE_KEY, record.key),
                bytes_part(RD_KAFKA_VTYPE_VALUE, record.value)});
  parts[0].u.rkt = topic;
  parts[1].u.i32 = record.partition;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  if (record.timestamp != 0) {
    parts.push_back(part_of(RD_KAFKA_VTYPE_TIMESTAMP));
    parts.back().u.i64 = record.timestamp;
  }
  for (const Header& header : record.headers) {
    rd_kafka_vu_t part = part_of(RD_KAFKA_VTYPE_HEADER);
    part.u.header.name = header.name.c_str();
    part.u.header.val = header.value ? header.value->data() : nullptr;
    part.u.header.size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
    parts.push_back(part);
  }
}

static Error larger_than_sent(const Record& record) {
  const std::size_t bytes = (record.value ? record.value->size() : 0) + (record.key ? record.key->size() : 0);
  return make_error(
      ErrorKind::kRejectedDocument,
      fmt::format("the record with key {} of topic {} has {} bytes, more than message.max.bytes lets "
                  "this producer send",
                  shown(record.key.value_or("null")), record.topic, bytes),
      fmt::format("start again with -X message.max.bytes={} (and as much max.message.bytes of the "
                  "topic), or exclude the column",
                  bytes + kQueueSlack));
}

// Null: librdkafka does not take the name.
rd_kafka_topic_s* Producer::topic_of(const std::string& name) {
  if (const auto known = topics_.find(name); known != topics_.end()) return known->second;
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle_, name.c_str(), nullptr);
  if (topic != nullptr) topics_.emplace(name, topic);
  return topic;
}

// Waits until less than `most` is not acknowledged. Batches that are not full wait for company, so that
// there may be no news for long: then all are sent. A delivery that fails ends the wait.
void Producer::wait_for_acknowledgements(std::size_t most, bool send_all) {
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  while (deliveries_->unacknowledged >= most && deliveries_->first == RD_KAFKA_RESP_ERR_NO_ERROR &&
         std::chrono::steady_clock::now() < deadline) {
    if (rd_kafka_poll(handle_, kNewsMillis) > 0) continue;
    if (!send_all) return;
    rd_kafka_flush(handle_, kNewsMillis);
  }
}

// Of a transaction that a record before has failed nothing more is taken. What the brokers said of that
// record comes with its delivery. False: nothing comes.
bool Producer::hear_of_failure() {
  const auto deadline = std::chrono::steady_clock::now() + kNewsOfFailure;
  while (deliveries_->first == RD_KAFKA_RESP_ERR_NO_ERROR && std::chrono::steady_clock::now() < deadline)
    rd_kafka_poll(handle_, kNewsMillis);
  return deliveries_->first != RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Producer::hear() {
  if (++sent_ % kHearEvery == 0) rd_kafka_poll(handle_, 0);
  const std::size_t most = kUnacknowledgedBatches * options_.batch_bytes;
  if (deliveries_->unacknowledged >= most) wait_for_acknowledgements(most, true);
}

Status Producer::send(const Record& record) {
  rd_kafka_topic_t* topic = topic_of(record.topic);
  if (topic == nullptr)
    return said(fail(record_error_of(rd_kafka_last_error(), record.topic, options_.brokers)));
  put_parts(record, topic, parts_);
  for (;;) {
    rd_kafka_error_t* error = rd_kafka_produceva(handle_, parts_.data(), parts_.size());
    if (error == nullptr) break;
    if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      rd_kafka_error_destroy(error);
      return fail(larger_than_sent(record));
    }
    if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__STATE && hear_of_failure()) {
      rd_kafka_error_destroy(error);
      return flush();
    }
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return said(fail(record_error_of(code, record.topic, options_.brokers)));
    rd_kafka_flush(handle_, kNewsMillis);
  }
  deliveries_->unacknowledged +=
      (record.value ? record.value->size() : 0) + (record.key ? record.key->size() : 0);
  hear();
  return {};
}

static Error larger_than_taken(const TooLarge& record) {
  return make_error(
      ErrorKind::kKafkaRefused,
      fmt::format(
          "topic {} does not take the record with key {}: it has {} bytes, more than max.message.bytes of "
          "the topic (or message.max.bytes of the brokers)",
          record.topic, shown(record.key), record.bytes),
      fmt::format("kafka-configs.sh --alter --entity-type topics --entity-name {} --add-config "
                  "max.message.bytes={}; or exclude the column",
                  record.topic, record.bytes + kQueueSlack));
}

const TooLarge* Producer::too_large() const {
  return deliveries_->largest.bytes > 0 ? &deliveries_->largest : nullptr;
}

Status Producer::failed_delivery() {
  const rd_kafka_resp_err_t code = deliveries_->first;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (const TooLarge* record = too_large()) return fail(larger_than_taken(*record));
  return said(fail(record_error_of(code, deliveries_->topic, options_.brokers)));
}

Status Producer::flush() {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + options_.timeout;
  auto look_at = Clock::now() + kLookForTopicsEvery;
  // librdkafka's flush polls without a pause as long as a batch waits for the one before.
  if (deliveries_->unacknowledged >= options_.batch_bytes)
    wait_for_acknowledgements(options_.batch_bytes, false);
  auto code = rd_kafka_flush(handle_, kFlushMillis);
  while (code == RD_KAFKA_RESP_ERR__TIMED_OUT && !doomed() && Clock::now() < deadline) {
    if (Clock::now() >= look_at) {
      look_for_topics();
      look_at = Clock::now() + kLookForTopicsEvery;
    }
    code = rd_kafka_flush(handle_, kFlushMillis);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return failed_delivery();
  Status failed = failed_delivery();  // before the purge, which reports all that it takes away as failed
  rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(handle_, 1000);
  if (!failed) return failed;
  return said(fail(
      error_of(code, rd_kafka_err2str(code), "waiting for records to be acknowledged", options_.brokers)));
}

// librdkafka (2.12) asks for a deleted topic's place in a transaction again and again, with what it knows of
// the topic. What it learns here makes it give up the topic's records.
void Producer::look_for_topics() {
  const rd_kafka_metadata_t* known = nullptr;
  if (rd_kafka_metadata(handle_, 0, nullptr, &known, kMetadataMillis) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(known);
}

// A transaction of which one record was refused can only be aborted, and librdkafka sends nothing more of it:
// what waits behind that record would be waited for until the timeout.
bool Producer::doomed() const {
  return !options_.transactional_id.empty() && deliveries_->first != RD_KAFKA_RESP_ERR_NO_ERROR;
}

Status Producer::commit() {
  if (options_.transactional_id.empty()) return flush();
  PENSTOCK_TRY(flush());
  return said(status_of(rd_kafka_commit_transaction(handle_, static_cast<int>(options_.timeout.count())),
                        "committing a transaction", options_.brokers));
}

Status Producer::abort() {
  if (options_.transactional_id.empty()) return {};
  return status_of(rd_kafka_abort_transaction(handle_, static_cast<int>(options_.timeout.count())),
                   "aborting a transaction", options_.brokers);
}

}  // namespace penstock::backbone
