// Partitions from their oldest records up to the ends of one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>

#include "backbone/consumer.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

struct BoundedReading {
  Consumer& consumer;
  const std::map<PartitionId, PartitionEnds>& ends;
  std::size_t batch_records = 1000;
  // False: enough for this turn.
  std::function<Result<bool>(const PartitionId&, const ConsumedRecord&)> record = {};
  std::function<Status()> turn = {};  // behind each turn's records
  std::function<void(std::uint64_t offsets)> read = [](std::uint64_t) {};
};

// kKafkaUnavailable when nothing comes for longer than the brokers let a transaction be open; kCancelled.
Status read_all(const BoundedReading& reading, std::stop_token stop);

}  // namespace penstock::backbone
