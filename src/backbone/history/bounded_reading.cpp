#include "backbone/history/bounded_reading.h"

#include <algorithm>

namespace penstock::backbone {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience{20};
// Brokers end a transaction after transaction.timeout.ms, a minute unless its producer says otherwise.
constexpr std::chrono::minutes kSilence{2};

Status silent(const PartitionId& partition, std::int64_t end) {
  return fail(
      ErrorKind::kKafkaUnavailable,
      to_string(partition) + " was not read up to its end at offset " + std::to_string(end) +
          ": a transaction is open in it, or its broker is away",
      "whoever writes there ends the transaction, or the brokers do after transaction.timeout.ms; then "
      "replay again");
}

}  // namespace

Status read_all(const BoundedReading& reading, std::stop_token stop) {
  std::map<PartitionId, std::int64_t> from;
  std::map<PartitionId, std::int64_t> open;  // where each was read to
  for (const auto& [partition, ends] : reading.ends) {
    if (ends.first >= ends.end) continue;
    from[partition] = open[partition] = ends.first;
  }
  PENSTOCK_TRY(reading.consumer.assign(from));
  Clock::duration silence{};
  const auto reached = [&](const PartitionId& partition, std::int64_t next) {
    const auto found = open.find(partition);
    if (found == open.end()) return;
    const std::int64_t end = reading.ends.at(partition).end;
    const std::int64_t to = std::min(next, end);
    if (to > found->second) {
      silence = {};
      reading.read(static_cast<std::uint64_t>(to - found->second));
      found->second = to;
    }
    if (to >= end) open.erase(found);
  };
  Consumer::Callbacks callbacks;
  callbacks.end = reached;
  callbacks.record = [&](const ConsumedRecord& record) -> Result<bool> {
    const PartitionId partition{std::string(record.topic), record.partition};
    bool goes_on = true;
    if (open.contains(partition) && record.offset < reading.ends.at(partition).end) {
      PENSTOCK_ASSIGN(goes_on, reading.record(partition, record));
    }
    reached(partition, record.offset + 1);
    return goes_on;
  };
  while (!open.empty()) {
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    const auto asked = Clock::now();
    silence += kPatience;
    PENSTOCK_TRY(reading.consumer.poll(reading.batch_records, kPatience, callbacks));
    if (silence > kPatience) silence += Clock::now() - asked - kPatience;
    PENSTOCK_TRY(reading.turn());
    if (silence > kSilence) return silent(open.begin()->first, reading.ends.at(open.begin()->first).end);
  }
  return {};
}

}  // namespace penstock::backbone
