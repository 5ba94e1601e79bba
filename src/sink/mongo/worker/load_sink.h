// Rows of a first load for writers that may be many, may be given the same rows twice, and may come too late:
// tasks of an engine (docs/spark.md).
//   penstock_positions  {_id: "<pipeline>/load <load>", kind: "outer load", open, begun_at}
//                       {_id: "<pipeline>/load <load> <uuid>", kind: "outer lane", load, session, …}: a
//                       writer's
// Each writer's transactions compare-and-set its own lane. Ending a load first closes it, then removes the
// lanes: from then on nobody writes for it, also who slept all the while.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sink/document_sink.h"
#include "sink/mongo/client.h"
#include "sink/mongo/context.h"
#include "sink/mongo/kept/kept_models.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {

// Any thread.
class LoadSink {
 public:
  // As mongo::make_sink().
  static Result<std::unique_ptr<LoadSink>> open(Options options);
  virtual ~LoadSink() = default;

  // Ends all loads of the pipeline before, makes the collections with their indexes, and opens a load. With
  // Options::begins_anew the collections' documents go first, and so does what is stored of the pipeline.
  virtual Result<std::string> begin() = 0;
  // After begin(): what read models keep is empty from then on. Gives its generation.
  virtual Result<std::string> begin_models(const KeptModels& models) = 0;
  virtual std::unique_ptr<KeptState> kept_state() = 0;
  // kFenced: the load was ended, or never begun.
  struct Writer {
    std::unique_ptr<DocumentLane> lane;  // lives no longer than the sink
    std::int64_t begun_micros = 0;       // when the load began, since 1970 UTC
  };
  virtual Result<Writer> writer(const std::string& load) = 0;
  virtual Status end(const std::string& load) = 0;
  // Of the pipeline's collections: the first one that holds documents; empty: none.
  virtual Result<std::string> occupied() = 0;
  // Whether records of topics were applied.
  virtual Result<bool> was_applied() = 0;

  // As DocumentSink::stage().
  virtual Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) = 0;
};

// kConfiguration: a load was begun and not ended.
Status check_no_load(Connection& connection, const Context& context);

}  // namespace penstock::mongo
