// A Kafka consumer whose offsets are kept elsewhere: partitions are assigned by hand, or by a group that only
// says who reads what. Reads committed records only. librdkafka's introduction and API: rdkafka.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backbone/client_settings.h"
#include "base/result.h"
#include "model/places.h"

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;

namespace penstock::backbone {

struct ConsumerOptions {
  std::string brokers;                       // "host:port,…"
  std::string group;                         // group.id
  std::chrono::milliseconds timeout{30000};  // for questions to the brokers
  ClientSettings settings;                   // librdkafka's own
};

// Borrows from the consumer until the callback returns.
struct ConsumedRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t millis = -1;  // its timestamp, milliseconds since 1970; -1: it has none
  std::optional<std::string_view> key, value;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

struct PartitionEnds {
  std::int64_t first = 0;  // offset of the oldest record there is
  std::int64_t end = 0;    // offset that the next record will have
};

// One thread.
class Consumer {
 public:
  // kConfiguration for settings that librdkafka does not take.
  static Result<std::unique_ptr<Consumer>> open(const ConsumerOptions& options);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Questions to the brokers from now on; nothing: as the options say.
  void wait_at_most(std::optional<std::chrono::milliseconds> time) {
    timeout_ = time.value_or(options_.timeout);
  }
  std::chrono::milliseconds timeout() const { return timeout_; }

  // How many partitions the topic has; 0: there is no such topic. kKafkaUnavailable, kKafkaRefused.
  Result<std::int32_t> partitions(const std::string& topic);
  Result<PartitionEnds> ends(const PartitionId& partition);
  // The first offset of each whose record is not older, or its end.
  Result<std::map<PartitionId, std::int64_t>> offsets_at(const std::vector<PartitionId>& partitions,
                                                         std::int64_t millis);
  Result<std::string> cluster_id();

  // From now on exactly these, each from its offset on; what was fetched and not handed out is dropped.
  Status assign(const std::map<PartitionId, std::int64_t>& offsets);
  // Stops and goes on fetching. What was fetched is handed out all the same.
  Status pause(const std::vector<PartitionId>& partitions);
  Status resume(const std::vector<PartitionId>& partitions);
  // For those who watch the group's lag. Does not wait, and what goes wrong is no matter.
  void commit_to_group(const Places& places);

  struct Callbacks {
    // False ends the poll early: the rest is handed out by the next one.
    std::function<Result<bool>(const ConsumedRecord&)> record;
    // Everything committed before this offset was handed out.
    std::function<void(const PartitionId&, std::int64_t offset)> end;
  };
  // Hands out what is there, of up to `limit` records, after waiting for the first one for up to `patience`.
  // What the brokers' outage or a topic that was deleted lead to is said in the log and comes to an end by
  // itself. kDivergence: the offset asked for is not there (any more). Errors of `record` are passed on.
  Status poll(std::size_t limit, std::chrono::milliseconds patience, const Callbacks& callbacks);

  // Why no records come, as far as the brokers' silence was noticed; empty: they come.
  const std::string& outage() const { return outage_; }

  rd_kafka_s* handle() { return handle_; }

 private:
  explicit Consumer(ConsumerOptions options) : options_(std::move(options)), timeout_(options_.timeout) {}
  void drop_fetched();
  // Into messages_, up to its size: how many.
  std::size_t fetch(std::chrono::milliseconds patience);
  Status hand_out(rd_kafka_message_s* message, const Callbacks& callbacks, bool& goes_on);
  Status said(const rd_kafka_message_s* message, const Callbacks& callbacks);

  const ConsumerOptions options_;
  std::chrono::milliseconds timeout_;
  rd_kafka_s* handle_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  std::vector<rd_kafka_message_s*> messages_;  // fetched, from next_ on not handed out
  std::size_t next_ = 0;
  std::string outage_;  // said last
};

}  // namespace penstock::backbone
