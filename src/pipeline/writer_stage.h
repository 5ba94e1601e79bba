// The threads that commit: one for the stream, one for each chunk lane, in the order the rules ask for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "pipeline/leg_state.h"
#include "pipeline/sweeper.h"
#include "sink/document_sink.h"
#include "source/source.h"

namespace penstock {

using StagedPtr = std::unique_ptr<StagedGroup>;

// A chunk is committed after all stream groups put before it and before all stream groups with writes put
// after it; chunks next to each other are committed at the same time. An outage of the sink is waited out,
// for ever.
class WriterStage {
 public:
  // `acknowledge`: each durable position is reported to the source; false: somebody else holds it back.
  WriterStage(Source& source, DocumentSink& sink, Sweeper& sweeper, LegState& state,
              std::size_t queued_groups, bool acknowledge);
  ~WriterStage();

  // By the projector's thread; waits while the queue is full. Drops the group once the leg has ended.
  void put(StagedPtr group);
  // Nothing queued or being committed on the stream's lane.
  bool idle() const { return waiting_.load() == 0; }
  // All that was put is durable, but for chunks without documents: nothing that is saved speaks of those.
  bool drained() const { return unwritten_.load() == 0; }
  bool has_room() const { return waiting_.load() <= 2; }  // put() would not wait long
  // Waits until drained(). False: the leg has ended.
  bool drain();
  // Drains and joins. `hurry`: an outage is not waited out any more (a stop was asked for).
  void finish(bool hurry);

 private:
  void run_stream();
  void run_chunks(std::size_t lane);
  void commit(DocumentLane& lane, StagedGroup& group);
  void report(const StagedGroup& group, const CommitResult& result);
  void wait_for_chunks();
  void written(const StagedGroup& group);

  Source& source_;
  DocumentSink& sink_;
  Sweeper& sweeper_;
  LegState& state_;
  BoundedQueue<StagedPtr> stream_;
  BoundedQueue<StagedPtr> chunks_;
  const bool acknowledge_;
  std::atomic<int> waiting_{0};
  std::atomic<int> unwritten_{0};
  std::stop_source hurry_;
  std::mutex mutex_;
  std::condition_variable chunk_done_;
  std::condition_variable written_;
  std::size_t chunks_under_way_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace penstock
