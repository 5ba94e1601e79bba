// How far partitions are read, told in time: what is waited for counts as never coming only once everything
// that the brokers had by then was read, however long that took.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "backbone/consumer.h"
#include "model/places.h"

namespace penstock::backbone {

// One thread.
class ReadThrough {
 public:
  using Clock = std::chrono::steady_clock;

  // These are read from now on: of new ones nothing is known.
  void reads(const std::map<PartitionId, PartitionEnds>& ends);
  // It is read from its first record again.
  void begin_anew(const PartitionId& partition) { readings_[partition] = {}; }
  // The brokers were asked at this moment, or later, where the partitions end. Those that they do not have
  // (any more) are waited for no longer. The same look may be told of again.
  void looked(const std::map<PartitionId, PartitionEnds>& ends, Clock::time_point moment);
  // There is nothing to read before this offset that was not read; the marks of Kafka's transactions take
  // offsets too.
  void at_end(const PartitionId& partition, std::int64_t offset) { readings_[partition].end = offset; }
  // Where reading stands.
  void follow(const Places& places);

  // By partition the last moment of which it is known that everything written before it was read; the clock's
  // beginning: none is.
  struct Reading {
    Clock::time_point through{};
    std::int64_t end = 0;    // as at_end() said
    std::int64_t goal = -1;  // an end that is not reached yet; -1: none
    Clock::time_point asked{};
  };
  const std::map<PartitionId, Reading>& readings() const { return readings_; }

 private:
  Clock::time_point asked_{};
  std::map<PartitionId, Reading> readings_;
};

}  // namespace penstock::backbone
