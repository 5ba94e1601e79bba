// The thread between source and writer: events to writes, writes to groups, groups encoded.
#pragma once

#include <chrono>
#include <thread>

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
  ProjectorStage(Projector& projector, DocumentSink& sink, Sweeper& sweeper, GroupLimits limits,
                 EventQueue& events, WriterStage& writer, LegState& state);
  // After events.close(): drains it, hands on the last whole transactions, and joins.
  void finish();

 private:
  void run();
  Status handle(const EventBatchPtr& batch);
  Status handle_chunk(const EventBatchPtr& batch);
  Status handle_step(const EventBatchPtr& batch);
  Status emit();
  Status emit_if_idle();
  Status hand_on(WriteGroup group);

  Projector& projector_;
  DocumentSink& sink_;
  Sweeper& sweeper_;
  EventQueue& events_;
  WriterStage& writer_;
  LegState& state_;
  GroupBuilder builder_;
  std::chrono::steady_clock::time_point last_position_{};
  std::jthread thread_;
};

}  // namespace penstock
