#include "model/places.h"

namespace penstock {

std::string to_string(const PartitionId& partition) {
  return partition.topic + "[" + std::to_string(partition.number) + "]";
}

void merge(Places& into, const Places& newer) {
  for (const auto& [partition, place] : newer) into.insert_or_assign(partition, place);
}

}  // namespace penstock
