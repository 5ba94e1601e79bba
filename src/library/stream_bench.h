// Records of topic partitions to documents: what that needs and is worth keeping between calls.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backbone/topic_intakes.h"
#include "backbone/topic_share.h"
#include "backbone/topic_source.h"
#include "base/result.h"
#include "library/counts.h"
#include "library/opened.h"
#include "library/patience.h"
#include "model/kept_state.h"
#include "projection/projector.h"
#include "projection/shared/shared_views.h"
#include "sink/mongo/worker/partition_sink.h"

namespace penstock::library {

// One thread at a time. A bench is good for all partitions; of several each has readers and connections of
// its own.
class StreamBench {
 public:
  using Topics = std::map<std::string, mongo::Share>;

  // Asks PostgreSQL's catalog. `sink` and `topics` outlive it.
  static Result<std::unique_ptr<StreamBench>> make(const Opened& opened, const Topics& topics,
                                                   mongo::PartitionSink& sink);

  // As penstock_apply(). The records are all of this partition, in their order.
  Status apply(const PartitionId& partition, const std::vector<backbone::ConsumedRecord>& records,
               Counts& counts);

 private:
  struct Work;

  StreamBench(const Opened& opened, const Topics& topics, mongo::PartitionSink& sink);
  Status open_intakes();
  mongo::PartitionLane& lane_of(const PartitionId& partition, const mongo::Share& share);
  void prime(const std::vector<backbone::ConsumedRecord>& records, backbone::TopicIntake& intake);

  Status run(Work& work);
  Status skip_applied(Work& work);
  Status write_next(Work& work);
  Status take(Work& work, const backbone::ConsumedRecord& record, EventBatch& batch);
  Status answer(Work& work, const std::vector<Reread>& rows);
  Result<bool> truncates(const Work& work, const backbone::ConsumedRecord& record);
  Status project(const EventBatch& batch, WriteGroup& group);
  Result<CommitResult> commit(Work& work, WriteGroup group);

  const app::Settings settings_;
  const bool dead_letters_;
  const Patience patience_;
  const Topics& topics_;
  mongo::PartitionSink& sink_;
  const backbone::TopicShare share_;
  const backbone::DescribeTable describe_;
  const backbone::ReadRows read_rows_;
  std::map<std::string, backbone::ReadTable> tables_;  // by topic
  std::unique_ptr<Projector> projector_;               // of plain collections
  std::unique_ptr<KeptState> kept_;
  std::unique_ptr<SharedViews> views_;  // null: no read models
  backbone::TopicIntakes intakes_;
  std::map<PartitionId, std::unique_ptr<mongo::PartitionLane>> lanes_;
  std::map<std::string, bool> primed_;  // intakes that have read a record
};

}  // namespace penstock::library
