#include "backbone/read_through.h"

#include <algorithm>
#include <utility>

namespace penstock::backbone {

void ReadThrough::reads(const std::map<PartitionId, PartitionEnds>& ends) {
  for (const auto& [partition, end] : ends) readings_.try_emplace(partition);
}

void ReadThrough::looked(const std::map<PartitionId, PartitionEnds>& ends, Clock::time_point moment) {
  if (moment == std::exchange(asked_, moment)) return;
  std::erase_if(readings_, [&](const auto& one) { return !ends.contains(one.first); });
  for (const auto& [partition, end] : ends) {
    Reading& reading = readings_[partition];
    if (reading.goal >= 0) continue;  // else a reading that lags would never be anywhere
    reading.goal = end.end;
    reading.asked = moment;
  }
}

void ReadThrough::follow(const Places& places) {
  for (auto& [partition, reading] : readings_) {
    if (reading.goal < 0) continue;
    const auto place = places.find(partition);
    const std::int64_t next = place == places.end() ? 0 : place->second.next;
    if (std::max(next, reading.end) < reading.goal) continue;
    reading.through = reading.asked;
    reading.goal = -1;
  }
}

}  // namespace penstock::backbone
