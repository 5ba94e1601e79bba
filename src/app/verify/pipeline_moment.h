// Where the pipeline stands in MongoDB, at a moment that can be compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "sink/mongo/compare/comparer.h"
#include "sink/mongo/reader.h"

namespace penstock::app {

// Why documents are not what the rows up to `lsn`, or up to the position, make of them. Empty: they are.
std::string why_not_whole(const Checkpoint& checkpoint, Lsn lsn);

// One thread.
class PipelineMoment {
 public:
  // `lsn`: what the read model must include.
  PipelineMoment(const Settings& settings, mongo::Comparer& comparer, Lsn lsn);
  virtual ~PipelineMoment() = default;

  // Looks until everything up to the LSN is there and nothing is on its way; says what it waits for.
  // kCheckFailed when no process runs the pipeline and something is missing.
  virtual Result<Position> take(std::stop_token stop);

  // Documents of the collections, about.
  Result<std::uint64_t> estimate(const std::vector<std::string>& collections);

 protected:
  Status connect();

  const Settings& settings_;
  mongo::Comparer& comparer_;
  const Lsn lsn_;
  std::unique_ptr<mongo::Reader> reader_;  // after connect()

 private:
  // Whether the documents are those of the LSN all the same: the pipeline is not running, and nothing was
  // published between its position and the LSN.
  Result<bool> rests(const Checkpoint& checkpoint);
};

}  // namespace penstock::app
