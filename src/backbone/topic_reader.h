// Committed records of topics, from their beginning or near their end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backbone/producer.h"
#include "base/result.h"

struct rd_kafka_s;

namespace penstock::backbone {

// One thread.
class TopicReader {
 public:
  // No value: a tombstone. An error ends the reading.
  using Take = std::function<Status(std::string_view key, std::optional<std::string_view> value)>;

  // Null when there is none of these topics. `newest`: of each partition only the last so many records, the
  // marks of transactions among them; 0: all. Of the options' settings those of security alone are used.
  static Result<std::unique_ptr<TopicReader>> open(const ProducerOptions& options,
                                                   const std::vector<std::string>& topics,
                                                   std::int64_t newest = 0);
  ~TopicReader();
  TopicReader(const TopicReader&) = delete;
  TopicReader& operator=(const TopicReader&) = delete;

  // Until the end of every partition was seen. kKafkaUnavailable after the options' timeout.
  Status read_to_end(const Take& take);
  // What has come since then; waits no longer than `time` for the first of it.
  Status read_on(const Take& take, std::chrono::milliseconds time);

 private:
  // Owns `consumer`.
  TopicReader(rd_kafka_s* consumer, const ProducerOptions& options, std::string topic, int partitions)
      : options_(options), topic_(std::move(topic)), partitions_(partitions), consumer_(consumer) {}

  const ProducerOptions options_;
  const std::string topic_;  // the first
  const int partitions_;     // of all
  rd_kafka_s* const consumer_;
};

}  // namespace penstock::backbone
