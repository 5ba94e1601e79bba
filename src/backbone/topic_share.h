// The part of a source's topics that this process reads, where several processes share them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "backbone/consumer.h"
#include "backbone/topic_positions.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

struct ReadTable;

// What reading one share asks for beside reading all. Without partitions: all are read.
struct ShareOptions {
  std::optional<std::set<PartitionId>> partitions;
  bool skip_truncates = false;
};

// What becomes of a TRUNCATE, which is a record of one partition.
enum class Truncation : std::uint8_t {
  kAtOnce,   // nothing of the table lies in other partitions
  kInTurn,   // once the others are read up to it (truncate_order.h)
  kLeftOut,  // it does not say which rows went, or was not wanted
};

// In the log: source transactions, which the topic tells of, are not put together by workers.
void say_apart(const std::string& transaction_topic);

class TopicShare {
 public:
  explicit TopicShare(ShareOptions options) : options_(std::move(options)) {}

  bool is_part() const { return options_.partitions.has_value(); }
  // Leaves out what others read.
  void keep_own(TopicPartitions& found) const;
  // kConfiguration: the truncate would have to be ordered among several workers, which they cannot.
  // kKafkaUnavailable.
  Result<Truncation> truncation(Consumer& consumer, const ReadTable& table,
                                const std::map<PartitionId, PartitionEnds>& ends,
                                const PartitionId& partition, std::int64_t offset) const;

 private:
  Result<Truncation> among_workers(Consumer& consumer, const PartitionId& partition,
                                   std::int64_t offset) const;

  const ShareOptions options_;
};

}  // namespace penstock::backbone
