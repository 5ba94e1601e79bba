#include "backbone/joined_reading.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/log.h"

namespace penstock::backbone {

Lsn applied_before(const Places& places, const std::string& topic) {
  Lsn before;
  for (const auto& [partition, place] : places) {
    if (partition.topic == topic && place.next > 0) return Lsn{};
    before = std::max(before, place.last_commit);
  }
  return before;
}

void JoinedReading::take_record(const ConsumedRecord& record, const PartitionId& partition, Place& place) {
  place.next = record.offset + 1;
  place.last_millis = record.millis;
  if (!record.value) return join_.take_nothing(partition, place);
  const auto read = envelope::read_transaction_record(*record.value);
  if (read) return join_.take_transaction(*read, partition, place);
  if (!std::exchange(complained_, true))
    log::warn("{} offset {} is no record of a transaction: {}", to_string(partition), record.offset,
              read.error().message);
  join_.take_nothing(partition, place);
}

void JoinedReading::take(const EventBatchPtr& batch, const std::optional<envelope::RecordHead>& head,
                         const PartitionId& partition, const Place& behind) {
  if (batch && head) return join_.take_event(batch, *head, partition, behind);
  if (head) join_.count(*head, partition);
  join_.take_nothing(partition, behind);
}

Status JoinedReading::hand_on(Consumer& consumer, const Places& places, const TransactionJoin::Send& send) {
  read_.follow(places);
  PENSTOCK_TRY(join_.hand_on(send));
  std::set<PartitionId> ahead = join_.ahead();
  std::erase_if(ahead, [this](const PartitionId& partition) { return is_of(partition.topic); });
  std::vector<PartitionId> stop, go;
  std::set_difference(ahead.begin(), ahead.end(), still_.begin(), still_.end(), std::back_inserter(stop));
  std::set_difference(still_.begin(), still_.end(), ahead.begin(), ahead.end(), std::back_inserter(go));
  if (!stop.empty()) PENSTOCK_TRY(consumer.pause(stop));
  if (!go.empty()) PENSTOCK_TRY(consumer.resume(go));
  still_ = std::move(ahead);
  return {};
}

}  // namespace penstock::backbone
