#include "backbone/topic_share.h"

#include <algorithm>
#include <string>

#include "backbone/topic_source.h"
#include "base/log.h"

namespace penstock::backbone {

void TopicShare::keep_own(TopicPartitions& found) const {
  if (!options_.partitions) return;
  std::erase_if(found.ends, [&](const auto& one) { return !options_.partitions->contains(one.first); });
}

void say_apart(const std::string& transaction_topic) {
  log::info(
      "{} tells of source transactions; workers do not put them together: readers may see what one worker "
      "has "
      "of a transaction before what another has",
      transaction_topic);
}

Result<Truncation> TopicShare::truncation(Consumer& consumer, const ReadTable& table,
                                          const std::map<PartitionId, PartitionEnds>& ends,
                                          const PartitionId& partition, std::int64_t offset) const {
  if (table.topics.size() > 1) {  // a leaf's rows alone cannot be told from the others'
    log::warn(
        "{}: TRUNCATE of one partition of {}: the documents of its rows stay until they are removed by "
        "penstock verify PIPELINE --repair",
        to_string(partition), to_string(table.name));
    return Truncation::kLeftOut;
  }
  if (is_part()) return among_workers(consumer, partition, offset);
  const auto partitions = std::count_if(ends.begin(), ends.end(),
                                        [&](const auto& one) { return one.first.topic == partition.topic; });
  return partitions == 1 ? Truncation::kAtOnce : Truncation::kInTurn;
}

Result<Truncation> TopicShare::among_workers(Consumer& consumer, const PartitionId& partition,
                                             std::int64_t offset) const {
  // Asked now: rows in partitions that come later are later than the TRUNCATE.
  PENSTOCK_ASSIGN(const std::int32_t count, consumer.partitions(partition.topic));
  if (count == 1) return Truncation::kAtOnce;
  const std::string where = to_string(partition) + " offset " + std::to_string(offset);
  if (options_.skip_truncates) {
    log::warn("{}: a TRUNCATE is left out: the documents of its table's rows of before stay", where);
    return Truncation::kLeftOut;
  }
  return fail(
      ErrorKind::kConfiguration,
      where + ": a TRUNCATE of a topic with " + std::to_string(count) +
          " partitions: workers that share them cannot tell which rows of the others' partitions it empties",
      "apply such a table from a topic of one partition, or start the workers with --skip-truncates, which "
      "leaves its documents, and remove them by hand");
}

}  // namespace penstock::backbone
