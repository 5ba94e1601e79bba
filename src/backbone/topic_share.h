// The part of a source's topics that this process reads, where several processes share them.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "backbone/consumer.h"
#include "backbone/topic_positions.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

// What reading one share asks for beside reading all. Without partitions: all are read.
struct ShareOptions {
  std::optional<std::set<PartitionId>> partitions;
  bool skip_truncates = false;
};

class TopicShare {
 public:
  explicit TopicShare(ShareOptions options) : options_(std::move(options)) {}

  bool is_part() const { return options_.partitions.has_value(); }
  // Leaves out what others read; what is not there yet is no concern of this share.
  void keep_own(TopicPartitions& found) const;
  // What to do with a TRUNCATE in a topic of which others read a part. True: nothing of the topic lies in
  // other partitions, it is carried out at once. False: it is left out, as asked for. kConfiguration: it
  // would have to be ordered among the workers, which they cannot. kKafkaUnavailable.
  Result<bool> truncates(Consumer& consumer, const PartitionId& partition, std::int64_t offset) const;

 private:
  const ShareOptions options_;
};

}  // namespace penstock::backbone
