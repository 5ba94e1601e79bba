// The transaction topic beside the tables' topics.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "backbone/consumer.h"
#include "backbone/read_through.h"
#include "backbone/transaction_join.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

// Transactions before it were applied without being joined; unset: none were. `places`: at the first look at
// the transaction topic, which has no place among them then.
Lsn applied_before(const Places& places, const std::string& topic);

// One thread.
class JoinedReading {
 public:
  JoinedReading(std::string topic, std::function<bool(const std::string& table)> is_read, Lsn before)
      : topic_(std::move(topic)), join_(topic_, std::move(is_read), before, read_) {}

  bool is_of(std::string_view topic) const { return topic == topic_; }
  // A record of the transaction topic.
  void take_record(const ConsumedRecord& record, const PartitionId& partition, Place& place);
  // A record of a table's topic: the last event of the batch; null: it is handed out by no event. `head`:
  // what it says of itself, if anything.
  void take(const EventBatchPtr& batch, const std::optional<envelope::RecordHead>& head,
            const PartitionId& partition, const Place& behind);
  // One that was handed out beside the join.
  void count(const envelope::RecordHead& head, const PartitionId& partition) { join_.count(head, partition); }

  // As of ReadThrough.
  void at_end(const PartitionId& partition, std::int64_t offset) { read_.at_end(partition, offset); }
  void looked(const std::map<PartitionId, PartitionEnds>& ends, ReadThrough::Clock::time_point moment) {
    read_.looked(ends, moment);
  }
  // Whether a look at the brokers is worth more than the next one that is due; true once for each reason.
  bool wants_look() {
    const auto now = ReadThrough::Clock::now();
    const bool wants = join_.wants_look(wanted_, now);
    if (wants) wanted_ = now;
    return wants;
  }
  void begin_anew(const PartitionId& partition) { read_.begin_anew(partition); }

  // What is complete; partitions that are ahead stand still. `places`: where reading stands.
  Status hand_on(Consumer& consumer, const Places& places, const TransactionJoin::Send& send);
  Status give_up(const TransactionJoin::Send& send) { return join_.give_up(send); }
  // The consumer was assigned these anew: nothing stands still.
  void assigned(const std::map<PartitionId, PartitionEnds>& ends) {
    still_.clear();
    read_.reads(ends);
  }
  bool empty() const { return join_.empty(); }
  const JoinCounts& counts() const { return join_.counts(); }

 private:
  const std::string topic_;
  ReadThrough read_;
  TransactionJoin join_;
  std::set<PartitionId> still_;
  ReadThrough::Clock::time_point wanted_{};
  bool complained_ = false;
};

}  // namespace penstock::backbone
