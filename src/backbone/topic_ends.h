// What of topics is not read yet. The offsets between two ends are not all records: transactions have records
// of their own, which nobody gets, and those of aborted ones are left out.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>

#include "backbone/consumer.h"
#include "backbone/topic_positions.h"
#include "base/result.h"
#include "model/places.h"

namespace penstock::backbone {

// The options of a consumer whose ends() count records of transactions that are not committed yet: whoever
// has read up to there has everything that was sent before.
ConsumerOptions reading_uncommitted(ConsumerOptions options);

// For each partition of `ends` the offset behind its last committed record before the end; that of `from`, or
// the first one, where no record lies between. So `from` is at its end where it is not below. Reads a few
// records of each partition where it is. Waits for transactions that are open in between: kKafkaUnavailable
// when one is still open at `until`, or brokers do not answer; kCancelled.
Result<std::map<PartitionId, std::int64_t>> ends_of_records(Consumer& consumer,
                                                            const std::map<PartitionId, PartitionEnds>& ends,
                                                            const Places& from,
                                                            std::chrono::steady_clock::time_point until,
                                                            std::stop_token stop);

}  // namespace penstock::backbone
