// What a history is made of: the topics with their ends of one moment, and what is known of them beside their
// records.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "backbone/history/history_plan.h"
#include "backbone/history/history_source.h"
#include "backbone/topic_intakes.h"
#include "base/result.h"

namespace penstock::backbone {

struct HistoryGround {
  std::unique_ptr<Consumer> consumer;
  std::string cluster;
  TopicIntakes intakes;
  HistoryFacts facts;
  std::map<PartitionId, PartitionEnds> other_ends;  // of other topics

  // kCheckFailed: a topic is compacted. kKafka…, kPostgres….
  static Result<HistoryGround> open(const HistoryOptions& options);
  // All records, for the scan; of the other topics where they are needed.
  Status read(const HistoryOptions& options, HistoryScan& scan, std::stop_token stop);

  Status read_others(HistoryScan& scan, std::stop_token stop);
  std::uint64_t offsets() const;  // between the first and the last record there
};

}  // namespace penstock::backbone
