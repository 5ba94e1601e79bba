// Marks of a lane to documents: what that needs and is worth keeping between calls.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "library/counts.h"
#include "library/opened.h"
#include "library/patience.h"
#include "library/step_size.h"
#include "model/kept_state.h"
#include "projection/shared/settlement.h"
#include "sink/mongo/worker/partition_sink.h"

namespace penstock::library {

// One thread at a time. A bench is good for all lanes.
class SettleBench {
 public:
  // `sink` outlives it. `share`: what lanes are made with.
  SettleBench(const Opened& opened, mongo::Share share, mongo::PartitionSink& sink)
      : settings_(opened.chosen),
        share_(std::move(share)),
        patience_(opened.options.outage),
        sink_(sink),
        kept_(sink.kept_state()),
        size_(settings_.groups.bytes) {}

  // As penstock_settle().
  Status settle(const std::string& lane, Counts& counts);

 private:
  Status run(mongo::PartitionLane& lane, const std::string& name, Counts& counts);
  Result<bool> step(mongo::PartitionLane& lane, const std::string& name, Counts& counts);
  // None: it is too much for one transaction, and less of it can be tried.
  Result<std::optional<CommitResult>> commit(mongo::PartitionLane& lane, StagedGroup& group);
  Status make_anew();

  const app::Settings settings_;
  const mongo::Share share_;
  const Patience patience_;
  mongo::PartitionSink& sink_;
  const std::unique_ptr<KeptState> kept_;
  std::unique_ptr<Settlement> settlement_;
  StepSize size_;
  bool anew_ = false;  // made by the present call
};

}  // namespace penstock::library
