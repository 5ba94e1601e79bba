// The moments of an `apply` pipeline that documents can be compared at. Its offsets say no LSN: what a moment
// shows is PostgreSQL's LSN of before, and of what came after it, some.
#pragma once

#include <memory>

#include "app/apply/inclusion.h"
#include "app/verify/pipeline_moment.h"

namespace penstock::app {

// One thread.
class TopicMoment final : public PipelineMoment {
 public:
  using PipelineMoment::PipelineMoment;

  // A position that lies behind everything that the moment before has shown, and a moment that includes it,
  // once the topics and the pipeline have got there. A document may be newer: then it changed in PostgreSQL
  // before the next position. kCheckFailed when no process runs the pipeline and something is missing.
  Result<Position> take(std::stop_token stop) override;

 private:
  Status wait(Lsn lsn, std::stop_token stop);
  Result<bool> is_run_by_somebody();
  Result<bool> is_fed_by_spark();

  std::unique_ptr<Inclusion> inclusion_;
};

}  // namespace penstock::app
