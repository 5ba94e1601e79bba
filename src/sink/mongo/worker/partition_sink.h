// Topic partitions for writers that may be given the same records at the same time: tasks of an engine that
// runs them again, or twice at once (docs/spark.md, docs/adr/0003-spark-delivery-position.md).
//   penstock_offsets    {_id: {pipeline, topic, partition, shared: true}, owner: "<pipeline>/spark
//   <partition>",
//                       worker: "spark", taken_over_at, definition, generation, sequence, group, and
//                       model/places.h}
//   penstock_positions  {_id: "<owner> <random>", kind: "task", owner, session, begun_at}: a session that may
//                       hold the partition; whoever is held up by a transaction for long ends those of others
// Each transaction compares-and-sets the partition's own document, which rises its sequence: of two writers
// one commits, the other one reads where the partition stands now. The documents are those of workers
// (claims.h): a worker that takes a partition over becomes its owner, and ends this with it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/places.h"
#include "sink/document_sink.h"
#include "sink/mongo/kept/kept_models.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/worker/shares.h"

namespace penstock::mongo {

// One partition as one writer sees it. One thread at a time.
class PartitionLane {
 public:
  virtual ~PartitionLane() = default;
  // Where the partition stands now, of what is durable; a partition that nobody applied begins with offset 0.
  // Before the first commit, and after each that was lost. kFenced: a worker of `penstock apply` has it;
  // kConfiguration: it was begun with other definitions, or the share's generation is over.
  virtual Result<Place> look() = 0;
  // Rows that were to be read again for the partition, by whomever, and were not yet.
  virtual Result<std::vector<Reread>> open_rereads() = 0;
  // As DocumentLane::commit. kFenced: lost, the partition is not as look() found it, and nothing was written.
  virtual Result<CommitResult> commit(StagedGroup& group) = 0;
};

// Any thread.
class PartitionSink {
 public:
  // As mongo::make_sink().
  static Result<std::unique_ptr<PartitionSink>> open(Options options);
  virtual ~PartitionSink() = default;

  // Makes the collections with their indexes; the pipeline is one that several share from now on, from the
  // source `slot` (backbone::slot_of). kConfiguration: one writer has applied it until now; kDivergence: it
  // comes from another source.
  virtual Status prepare(const std::string& slot) = 0;
  // That of streams, which shares are to have (generation.h).
  virtual Result<std::string> generation() = 0;
  // What is stored of the partitions: those that were applied, by whomever, with these definitions.
  virtual Result<Places> stored(const Shares& shares) = 0;
  // kConfiguration: a load is under way, or a worker of `penstock apply` owns one of the partitions, unless
  // `take_over`.
  virtual Status check_free(const Shares& shares, bool take_over) = 0;
  // Before the partitions are read: they are ours, and stand where they did, else at `beginnings`, which has
  // all of them. `take_over` ends the worker of `penstock apply` that owns one.
  virtual Result<Places> begin(const Shares& shares, const Places& beginnings, bool take_over) = 0;

  // As mongo::kept_generation() and begin_models(): once before a stream of read models begins.
  virtual Result<std::string> kept_generation(const KeptModels& models) = 0;
  virtual Result<std::string> begin_models(const KeptModels& models) = 0;
  virtual Result<std::vector<std::string>> lanes_to_settle() = 0;
  // Lives no longer than the sink.
  virtual std::unique_ptr<KeptState> kept_state() = 0;

  // As DocumentSink::stage().
  virtual Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) = 0;
  // Lives no longer than the sink.
  virtual std::unique_ptr<PartitionLane> lane(const PartitionId& partition, const Share& share) = 0;
};

}  // namespace penstock::mongo
