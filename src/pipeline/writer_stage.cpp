#include "pipeline/writer_stage.h"

#include <utility>

#include "base/log.h"
#include "base/retry.h"

namespace penstock {
namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr std::size_t kQueuedBytes = 12U << 20;

// Writes of the stream wait for the chunks before them, and so do collections that are made or published; a
// mere position does not.
bool needs_order(const StagedGroup& staged) {
  const WriteGroup& group = staged.group();
  return group.rows > 0 || staged.writes() > 0 || group.prepare || group.publish;
}

bool only_records_chunk(const StagedGroup& staged) {
  const WriteGroup& group = staged.group();
  return group.chunk && staged.writes() == 0 && !group.prepare && !group.publish;
}

bool goes_beside(const WriteGroup& group) { return group.chunk && !group.prepare && !group.publish; }

}  // namespace

WriterStage::WriterStage(Source& source, DocumentSink& sink, Sweeper& sweeper, LegState& state,
                         std::size_t queued_groups, bool acknowledge)
    : source_(source),
      sink_(sink),
      sweeper_(sweeper),
      state_(state),
      stream_(queued_groups, kQueuedBytes),
      chunks_(1, kQueuedBytes),
      acknowledge_(acknowledge) {
  threads_.emplace_back([this] { run_stream(); });
  for (std::size_t lane = 1; lane < sink_.lanes(); ++lane)
    threads_.emplace_back([this, lane] { run_chunks(lane); });
}

WriterStage::~WriterStage() { finish(true); }

void WriterStage::put(StagedPtr group) {
  waiting_.fetch_add(1);
  if (!only_records_chunk(*group)) unwritten_.fetch_add(1);
  const std::size_t bytes = group->bytes();
  while (!stream_.push_for(group, bytes, kLook))
    if (state_.ended() || stream_.closed()) {
      waiting_.fetch_sub(1);
      written(*group);
      return;
    }
}

void WriterStage::written(const StagedGroup& group) {
  if (only_records_chunk(group)) return;
  const std::lock_guard lock(mutex_);
  unwritten_.fetch_sub(1);
  written_.notify_all();
}

void WriterStage::finish(bool hurry) {
  if (hurry) hurry_.request_stop();
  stream_.close();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

void WriterStage::run_stream() {
  while (!stream_.drained() && !state_.ended()) {
    auto group = stream_.pop_for(kLook);
    if (!group) continue;
    if (goes_beside((*group)->group()) && sink_.lanes() > 1) {
      {
        const std::lock_guard lock(mutex_);
        ++chunks_under_way_;
      }
      const std::size_t bytes = (*group)->bytes();
      while (!chunks_.push_for(*group, bytes, kLook) && !state_.ended()) {
      }
    } else {
      if (needs_order(**group)) wait_for_chunks();
      commit(sink_.lane(0), **group);
      written(**group);
    }
    waiting_.fetch_sub(1);
  }
  chunks_.close();
}

void WriterStage::run_chunks(std::size_t lane) {
  while (!chunks_.drained() && !state_.ended()) {
    auto group = chunks_.pop_for(kLook);
    if (!group) continue;
    commit(sink_.lane(lane), **group);
    written(**group);
    group->reset();
    const std::lock_guard lock(mutex_);
    --chunks_under_way_;
    chunk_done_.notify_all();
  }
}

bool WriterStage::drain() {
  std::unique_lock lock(mutex_);
  while (!drained() && !state_.ended()) written_.wait_for(lock, kLook);
  return !state_.ended();
}

void WriterStage::wait_for_chunks() {
  std::unique_lock lock(mutex_);
  while (chunks_under_way_ > 0 && !state_.ended()) chunk_done_.wait_for(lock, kLook);
}

void WriterStage::commit(DocumentLane& lane, StagedGroup& group) {
  Backoff backoff(std::chrono::milliseconds(10), std::chrono::milliseconds(2000));
  while (!state_.ended()) {
    auto result = lane.commit(group);
    if (result) {
      if (backoff.tries() > 3) log::info("writes are taken again");
      return report(group, *result);
    }
    if (result.error().kind != ErrorKind::kMongoUnavailable &&
        result.error().kind != ErrorKind::kKafkaUnavailable)
      return state_.fail_with(std::move(result).error());
    state_.count([](LegStats& stats) { ++stats.retries; });
    const auto pause = backoff.next();
    if (backoff.tries() > 3)
      log::warn("{}; trying again in {} ms, nothing is lost", result.error().message, pause.count());
    if (!sleep_unless_stopped(hurry_.get_token(), pause) && backoff.tries() > 2)
      return state_.fail_with(std::move(result).error());
  }
}

void WriterStage::report(const StagedGroup& staged, const CommitResult& result) {
  const WriteGroup& group = staged.group();
  // Before anybody may take the position for the end.
  if (!result.rereads.empty()) source_.reread(result.rereads);
  state_.count([&](LegStats& stats) {
    stats.writes += staged.writes();
    stats.dead_letters += result.dead_letters;
    if (group.chunk) {
      stats.chunks += group.chunk->table.empty() ? 0 : 1;
      stats.chunk_rows += group.chunk->done.rows;
      return;
    }
    stats.events += group.rows;
    stats.transactions += group.transactions;
    stats.split_parts += group.splits_transaction ? 1 : 0;
    if (group.position) stats.position = *group.position;
    if (group.last_commit_micros != 0) stats.last_commit_micros = group.last_commit_micros;
  });
  if (group.chunk && !group.chunk->table.empty()) {
    source_.chunk_committed(*group.chunk);
    sweeper_.answered(*group.chunk);
  }
  if (group.position && acknowledge_) source_.acknowledge(*group.position);
  if (group.step) {
    if (group.step->table.state == LoadState::kSweeping) sweeper_.begin(group.step->table.table);
    state_.step_ended();
  }
}

}  // namespace penstock
