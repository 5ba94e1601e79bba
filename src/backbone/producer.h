// A Kafka producer: idempotent, acks=all, in transactions when it has a transactional id. librdkafka's
// introduction and API: rdkafka.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"

struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_vu_s;

namespace penstock::backbone {

struct Header {
  std::string name;
  std::optional<std::string> value;  // none: null
};

struct Record {
  std::string topic;
  std::optional<std::string> key;    // none: null
  std::optional<std::string> value;  // none: null, a tombstone
  std::vector<Header> headers;
  std::int32_t partition = -1;  // -1: by the key, as Java's clients place it (murmur2)
  std::int64_t timestamp = 0;   // milliseconds since 1970 UTC; 0: when it is sent
};

inline constexpr std::size_t kBatchBytes = 1000000;

struct ProducerOptions {
  std::string brokers;           // "host:port,…"
  std::string transactional_id;  // empty: no transactions
  std::chrono::milliseconds timeout{60000};
  std::size_t batch_bytes = kBatchBytes;  // of records that are sent together; a larger one goes alone
  // librdkafka's own settings: security.protocol, sasl.*, ssl.*, linger.ms, …
  std::vector<std::pair<std::string, std::string>> settings;
};

struct TooLarge {
  std::string topic;
  std::string key;
  std::size_t bytes = 0;
};

// One thread. Errors: kKafkaUnavailable when the brokers do not answer in time, kKafkaRefused for rights and
// settings and for what a topic does not take, kFenced when another producer with the id has begun,
// kRejectedDocument for a record that is larger than this producer sends.
class Producer {
 public:
  // kConfiguration for settings that librdkafka does not take.
  static Result<std::unique_ptr<Producer>> open(const ProducerOptions& options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Fences older producers of the transactional id; their open transactions are aborted.
  Status init_transactions();
  Status begin();
  // Queues the record; waits while the queue is full, or enough is under way.
  Status send(const Record& record);
  // Everything queued is acknowledged by the brokers' in-sync replicas, or there is an error: nothing is
  // queued afterwards.
  Status flush();
  Status commit();  // flushes
  // Also after an error; what was sent since begin() is read by nobody who reads committed records.
  Status abort();

  void wait_at_most(std::chrono::milliseconds time) { options_.timeout = time; }  // from now on

  rd_kafka_s* handle() { return handle_; }

  // Every call fails from now on: only another producer can go on.
  bool is_broken() const;

  // Since begin(): the largest of the records that the brokers found too large, alone or with others of its
  // batch. Null: none was.
  const TooLarge* too_large() const;

 private:
  struct Deliveries;
  explicit Producer(const ProducerOptions& options);
  Status failed_delivery();
  void look_for_topics();
  rd_kafka_topic_s* topic_of(const std::string& name);
  void hear();
  bool hear_of_failure();
  void wait_for_acknowledgements(std::size_t most, bool send_all);
  bool doomed() const;
  Status said(Status status) const;

  ProducerOptions options_;
  std::unique_ptr<Deliveries> deliveries_;
  rd_kafka_s* handle_ = nullptr;
  std::unordered_map<std::string, rd_kafka_topic_s*> topics_;
  std::vector<rd_kafka_vu_s> parts_;  // of the record that is being sent
  std::size_t sent_ = 0;
};

}  // namespace penstock::backbone
