#include "pipeline/projector_stage.h"

#include <utility>

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;
// A position without writes waits this long for company: an idle pipeline must not write 1000 times a second.
constexpr std::chrono::milliseconds kPositionPause{100};
constexpr std::chrono::milliseconds kIdle{20};
constexpr std::chrono::milliseconds kAccumulate{1};

}  // namespace

ProjectorStage::ProjectorStage(Projector& projector, DocumentSink& sink, Sweeper& sweeper, GroupLimits limits,
                               EventQueue& events, WriterStage& writer, LegState& state)
    : projector_(projector),
      sink_(sink),
      sweeper_(sweeper),
      events_(events),
      writer_(writer),
      state_(state),
      builder_(projector, limits),
      thread_([this] { run(); }) {}

void ProjectorStage::finish() {
  if (thread_.joinable()) thread_.join();
}

void ProjectorStage::run() {
  while (!events_.drained() && !state_.ended()) {
    // With something in hand and the writer busy, more may still join the group.
    auto batch = events_.pop_for(builder_.empty() ? kIdle : kAccumulate);
    Status outcome = batch ? handle(*batch) : Status{};
    if (outcome && events_.empty()) outcome = emit_if_idle();
    if (!outcome) state_.fail_with(std::move(outcome).error());
  }
  if (state_.ended() || builder_.empty()) return;
  if (const auto outcome = emit(); !outcome) state_.fail_with(outcome.error());
}

Status ProjectorStage::handle(const EventBatchPtr& batch) {
  if (batch->step) return handle_step(batch);
  if (batch->chunk) return handle_chunk(batch);
  std::size_t next = 0;
  while (next < batch->events.size()) {
    PENSTOCK_ASSIGN(next, builder_.add(batch, next));
    if (builder_.full()) PENSTOCK_TRY(emit());
  }
  return {};
}

// A chunk comes after everything of the stream before it, and before everything after it.
Status ProjectorStage::handle_chunk(const EventBatchPtr& batch) {
  if (!builder_.empty() && !builder_.position_only()) PENSTOCK_TRY(emit());
  WriteGroup group;
  group.chunk = batch->chunk;
  PENSTOCK_TRY(projector_.project(*batch, 0, batch->events.size(), group));
  group.bytes = batch->bytes();
  group.batches.push_back(batch);
  return hand_on(std::move(group));
}

Status ProjectorStage::handle_step(const EventBatchPtr& batch) {
  if (!builder_.empty()) PENSTOCK_TRY(emit());
  if (!batch->schemas.empty())
    sweeper_.know(batch->step->table.table, projector_.shapes(*batch->schemas.front()));
  WriteGroup group;
  group.step = batch->step;
  return hand_on(std::move(group));
}

Status ProjectorStage::emit_if_idle() {
  if (builder_.empty() || !writer_.idle()) return {};
  if (builder_.position_only() && Clock::now() - last_position_ < kPositionPause) return {};
  return emit();
}

Status ProjectorStage::emit() {
  last_position_ = Clock::now();
  return hand_on(builder_.take());
}

Status ProjectorStage::hand_on(WriteGroup group) {
  PENSTOCK_ASSIGN(auto staged, sink_.stage(std::move(group)));
  writer_.put(std::move(staged));
  return {};
}

}  // namespace penstock
