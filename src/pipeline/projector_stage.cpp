#include "pipeline/projector_stage.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/log.h"

namespace penstock {
namespace {

// A position without writes waits this long for company: an idle pipeline must not write 1000 times a second.
constexpr std::chrono::milliseconds kPositionPause{100};
constexpr std::chrono::milliseconds kIdle{20};
constexpr std::chrono::milliseconds kAccumulate{1};
// Chunks that wait for one save of the state; each save waits for the writer and for the disk.
constexpr std::size_t kHeldBytes = 8U << 20;
// Under load the writer must run empty before state is saved; when it is empty anyway, this is often enough.
constexpr std::chrono::milliseconds kSaveIdle{250};

bool reaches(const Position& position, const Position& end) {
  return std::tie(position.commit_lsn, position.ordinal) >= std::tie(end.commit_lsn, end.ordinal);
}

bool stands_before(const Projector& projector, const Position& sink) {
  return projector.keeps_state() && projector.saved() && !reaches(*projector.saved(), sink);
}

bool has_rows(const EventBatch& batch) {
  return std::any_of(batch.events.begin(), batch.events.end(), [](const Event& event) {
    return event.kind != EventKind::kCommit && event.kind != EventKind::kProgress;
  });
}

bool covered(const Event& event, const Position& by) {
  if (event.kind == EventKind::kProgress) return event.position.through_lsn <= by.through_lsn;
  return std::tie(event.position.commit_lsn, event.position.ordinal) <= std::tie(by.commit_lsn, by.ordinal);
}

}  // namespace

ProjectorStage::ProjectorStage(Projector& projector, Source& source, DocumentSink& sink, Sweeper& sweeper,
                               const LegOptions& options, EventQueue& events, WriterStage& writer,
                               LegState& state, const Checkpoint& durable, bool replays)
    : projector_(projector),
      source_(source),
      sink_(sink),
      sweeper_(sweeper),
      events_(events),
      writer_(writer),
      state_(state),
      builder_(projector, options.limits),
      save_interval_(options.save_interval),
      durable_(durable.position),
      replaying_(replays || stands_before(projector, durable.position)),
      position_(durable.position),
      places_(durable.places),
      thread_([this] { run(); }) {}

void ProjectorStage::finish() {
  if (thread_.joinable()) thread_.join();
}

void ProjectorStage::run() {
  while (!events_.drained() && !state_.ended()) {
    if (Status outcome = turn(); !outcome) state_.fail_with(std::move(outcome).error());
  }
  if (state_.ended()) return;
  Status outcome = release_chunks();
  if (outcome && !builder_.empty()) outcome = emit();
  if (outcome) outcome = save();
  if (!outcome && !state_.ended()) state_.fail_with(outcome.error());
}

// With something in hand and the writer busy, more may still join the group.
std::chrono::milliseconds ProjectorStage::patience() const {
  if (projector_.has_pending()) return std::chrono::milliseconds(0);
  return builder_.empty() ? kIdle : kAccumulate;
}

Status ProjectorStage::turn() {
  auto batch = events_.pop_for(patience());
  if (batch) PENSTOCK_TRY(handle(*batch));
  if (events_.empty()) {
    PENSTOCK_TRY(release_chunks());
    PENSTOCK_TRY(emit_if_idle());
  }
  if (!projector_.keeps_state()) return {};
  PENSTOCK_TRY(rebuild_if_asked());
  PENSTOCK_TRY(step_if_pending());
  PENSTOCK_TRY(save_if_due());
  state_.set_documents_pending(projector_.has_pending() || !projector_.pending().building.empty() ||
                               !writer_.drained());
  return {};
}

Status ProjectorStage::handle(const EventBatchPtr& batch) {
  if (batch->step) return handle_step(batch);
  if (batch->chunk) return handle_chunk(batch);
  if (has_rows(*batch) || !batch->rejected.empty()) PENSTOCK_TRY(release_chunks());
  std::size_t next = 0;
  if (replaying_) {
    PENSTOCK_ASSIGN(next, replay(*batch));
  }
  unsaved_ = true;
  while (next < batch->events.size() || !batch->rejected.empty()) {
    PENSTOCK_ASSIGN(next, builder_.add(batch, next));
    if (builder_.full()) PENSTOCK_TRY(emit());
  }
  return {};
}

// Returns the first event that the sink does not have.
Result<std::size_t> ProjectorStage::replay(EventBatch& batch) {
  if (batch.replay != EventBatch::Replay::kNo) {
    PENSTOCK_TRY(projector_.replay(batch, 0, batch.events.size()));
    replaying_ = batch.replay != EventBatch::Replay::kLast;
    return batch.events.size();
  }
  std::size_t last = 0;
  while (last < batch.events.size() && covered(batch.events[last], durable_)) ++last;
  if (last > 0) PENSTOCK_TRY(projector_.replay(batch, 0, last));
  const Event* end = last > 0 ? &batch.events[last - 1] : nullptr;
  const bool at_end = end != nullptr && reaches(end->position, durable_) &&
                      (end->kind == EventKind::kCommit || durable_.inside_transaction());
  replaying_ = last == batch.events.size() && !at_end;
  if (last > 0 && last == batch.events.size()) batch.rejected.clear();  // the sink has them, too
  return last;
}

// A chunk comes after everything of the stream before it, and before everything after it. One whose rows are
// kept in the state is recorded once the state and the documents made from it are durable.
Status ProjectorStage::handle_chunk(const EventBatchPtr& batch) {
  if (!builder_.empty() && !builder_.position_only()) PENSTOCK_TRY(emit());
  WriteGroup group;
  group.chunk = batch->chunk;
  group.rejected_records = std::move(batch->rejected);
  PENSTOCK_TRY(projector_.project(*batch, 0, batch->events.size(), group));
  if (!group.writes.empty() || !group.events.empty() || !group.rejected.empty()) {
    group.bytes = batch->bytes();
    group.batches.push_back(batch);
  }
  if (!projector_.keeps(batch->chunk->table)) return hand_on(std::move(group));
  unsaved_ = true;
  held_bytes_ += batch->bytes();
  held_.push_back(std::move(group));
  return held_bytes_ >= kHeldBytes || projector_.documents_due() > 0 ? release_chunks() : Status();
}

Status ProjectorStage::release_chunks() {
  if (held_.empty()) return {};
  PENSTOCK_TRY(write_documents());
  PENSTOCK_TRY(save());
  held_bytes_ = 0;
  for (WriteGroup& group : std::exchange(held_, {})) PENSTOCK_TRY(hand_on(std::move(group)));
  return {};
}

Status ProjectorStage::handle_step(const EventBatchPtr& batch) {
  PENSTOCK_TRY(release_chunks());
  if (!builder_.empty()) PENSTOCK_TRY(emit());
  if (!batch->schemas.empty())
    sweeper_.know(batch->step->table.table, projector_.shapes(*batch->schemas.front()));
  PENSTOCK_TRY(projector_.load_step(*batch->step));
  if (projector_.keeps(batch->step->table.table)) {
    unsaved_ = true;
    PENSTOCK_TRY(write_documents());
    PENSTOCK_TRY(save());
  }
  state_.set_documents_pending(projector_.keeps_state());  // until the next look
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
  WriteGroup group = builder_.take();
  PENSTOCK_TRY(projector_.close(group));
  if (group.position) position_ = *group.position;
  merge(places_, group.places);
  unsaved_ = true;  // the position, if nothing else
  return hand_on(std::move(group));
}

void ProjectorStage::ask_for_rebuild(const std::string& collection) {
  const std::lock_guard lock(mutex_);
  rebuilds_.push_back(collection);
}

Status ProjectorStage::rebuild_if_asked() {
  std::vector<std::string> asked;
  {
    const std::lock_guard lock(mutex_);
    asked.swap(rebuilds_);
  }
  for (const std::string& collection : asked) {
    PENSTOCK_ASSIGN(const bool begun, projector_.rebuild(collection));
    if (begun) log::info("collection {} is built anew beside the present one", collection);
    unsaved_ = true;
    PENSTOCK_TRY(save());
    PENSTOCK_TRY(sink_.rebuild_begun(collection));
  }
  return {};
}

// One bounded step. The state must show nothing that the sink is not told of before: the open group goes
// first.
Status ProjectorStage::step_if_pending() {
  if (replaying_ || !projector_.has_pending() || !writer_.has_room()) return {};
  if (!builder_.empty()) PENSTOCK_TRY(emit());
  WriteGroup group;
  PENSTOCK_TRY(projector_.step(position_, group));
  unsaved_ = true;
  return hand_on(std::move(group));
}

// Documents that a chunk or a load step changed.
Status ProjectorStage::write_documents() {
  if (projector_.documents_due() == 0) return {};
  WriteGroup group;
  PENSTOCK_TRY(projector_.close(group));
  return hand_on(std::move(group));
}

// The state stands at a position only once the sink does. A position reached without rows may come later: the
// state is the same there.
Status ProjectorStage::save() {
  last_save_ = Clock::now();
  if (!projector_.keeps_state() || !unsaved_ || replaying_) return {};
  if (!builder_.without_rows()) PENSTOCK_TRY(emit());
  if (!writer_.drain()) return {};
  PENSTOCK_TRY(projector_.save(position_, places_));
  unsaved_ = false;
  source_.acknowledge(position_);
  return {};
}

Status ProjectorStage::save_if_due() {
  const auto since = Clock::now() - last_save_;
  const bool at_rest = since >= kSaveIdle && builder_.empty() && events_.empty() && writer_.drained();
  return at_rest || since >= save_interval_ ? save() : Status{};
}

Status ProjectorStage::hand_on(WriteGroup group) {
  if (!group.chunk && projector_.keeps_state()) group.pending = projector_.pending();
  PENSTOCK_ASSIGN(auto staged, sink_.stage(std::move(group)));
  writer_.put(std::move(staged));
  return {};
}

}  // namespace penstock
