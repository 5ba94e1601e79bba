#include "backbone/topic_share.h"

#include "base/log.h"

namespace penstock::backbone {

void TopicShare::keep_own(TopicPartitions& found) const {
  if (!options_.partitions) return;
  std::erase_if(found.ends, [&](const auto& one) { return !options_.partitions->contains(one.first); });
  found.missing.clear();
}

Result<bool> TopicShare::truncates(Consumer& consumer, const PartitionId& partition,
                                   std::int64_t offset) const {
  // Asked now: rows in partitions that come later are later than the TRUNCATE.
  PENSTOCK_ASSIGN(const std::int32_t count, consumer.partitions(partition.topic));
  if (count == 1) return true;
  const std::string where = to_string(partition) + " offset " + std::to_string(offset);
  if (options_.skip_truncates) {
    log::warn("{}: a TRUNCATE is left out: the documents of its table's rows of before stay", where);
    return false;
  }
  return fail(
      ErrorKind::kConfiguration,
      where + ": a TRUNCATE of a topic with " + std::to_string(count) +
          " partitions: workers that share them cannot tell which rows of the others' partitions it empties",
      "apply such a table from a topic of one partition, or start the workers with --skip-truncates, which "
      "leaves its documents, and remove them by hand");
}

}  // namespace penstock::backbone
