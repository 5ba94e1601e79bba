// The transaction topic beside the tables' topics.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "backbone/consumer.h"
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
      : topic_(std::move(topic)), join_(std::move(is_read), before) {}

  bool is_of(std::string_view topic) const { return topic == topic_; }
  // A record of the transaction topic.
  void take_record(const ConsumedRecord& record, const PartitionId& partition, Place& place);
  // The last event of the batch, or nothing that a record meant.
  void take(const EventBatchPtr& batch, const std::optional<envelope::RecordHead>& head,
            const PartitionId& partition, const Place& behind);
  void at_end(const PartitionId& partition) {
    if (is_of(partition.topic)) join_.at_end_of_transactions();
  }
  // What is complete; partitions that are ahead stand still.
  Status hand_on(Consumer& consumer, const TransactionJoin::Send& send);
  Status give_up(const TransactionJoin::Send& send) { return join_.give_up(send); }
  // The consumer was assigned anew: nothing stands still.
  void assigned() { still_.clear(); }
  bool empty() const { return join_.empty(); }
  const JoinCounts& counts() const { return join_.counts(); }

 private:
  const std::string topic_;
  TransactionJoin join_;
  std::set<PartitionId> still_;
  bool complained_ = false;
};

}  // namespace penstock::backbone
