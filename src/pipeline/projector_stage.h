// The thread between source and writer: events to writes, writes to groups, groups encoded.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "model/event_batch.h"
#include "pipeline/group_builder.h"
#include "pipeline/leg_state.h"
#include "pipeline/sweeper.h"
#include "pipeline/writer_stage.h"

namespace penstock {

using EventQueue = BoundedQueue<EventBatchPtr>;

class ProjectorStage {
 public:
  // `durable`: what the sink has; events of the stream up to it only change the projector's state.
  ProjectorStage(Projector& projector, Source& source, DocumentSink& sink, Sweeper& sweeper,
                 const LegOptions& options, EventQueue& events, WriterStage& writer, LegState& state,
                 const Checkpoint& durable, bool replays);
  // Any thread. Taken up soon.
  void ask_for_rebuild(const std::string& collection);
  // After events.close(): drains it, hands on the last whole transactions, and joins.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  std::chrono::milliseconds patience() const;
  Status turn();
  Status handle(const EventBatchPtr& batch);
  Result<std::size_t> replay(EventBatch& batch);
  Status handle_chunk(const EventBatchPtr& batch);
  Status release_chunks();
  Status handle_step(const EventBatchPtr& batch);
  Status emit();
  Status emit_if_idle();
  Status rebuild_if_asked();
  Status step_if_pending();
  Status write_documents();
  Status save();
  Status save_if_due();
  Status hand_on(WriteGroup group);

  Projector& projector_;
  Source& source_;
  DocumentSink& sink_;
  Sweeper& sweeper_;
  EventQueue& events_;
  WriterStage& writer_;
  LegState& state_;
  GroupBuilder builder_;
  const std::chrono::milliseconds save_interval_;
  const Position durable_;  // of the sink at the start
  bool replaying_;
  std::vector<WriteGroup> held_;  // chunks that the state has and is yet to be saved with
  std::size_t held_bytes_ = 0;
  Position position_;     // of the last group handed on
  Places places_;         // likewise
  bool unsaved_ = false;  // state was changed since the last save
  Clock::time_point last_position_{};
  Clock::time_point last_save_ = Clock::now();
  std::mutex mutex_;  // holds rebuilds_
  std::vector<std::string> rebuilds_;
  std::jthread thread_;
};

}  // namespace penstock
