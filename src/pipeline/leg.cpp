#include "pipeline/leg.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "pipeline/leg_state.h"
#include "pipeline/projector_stage.h"
#include "pipeline/sweeper.h"
#include "pipeline/writer_stage.h"

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;

// Ends the leg when its purpose is fulfilled.
bool purpose_fulfilled(const LegOptions& options, const Source& source, const LegState& state) {
  if (!options.until_current && !options.until_loaded) return false;
  if (state.steps_under_way() != 0 || !source.loads_done() || state.documents_pending()) return false;
  if (options.until_loaded && !options.until_current) return true;
  return source.caught_up(state.stats().position);
}

void pass_on_requests(DocumentSink& sink, Source& source, ProjectorStage& projector, LegState& state) {
  auto requests = sink.requests();
  if (!requests && requests.error().kind == ErrorKind::kFenced) {
    state.fail_with(std::move(requests).error());
    return;
  }
  if (!requests) {
    log::debug("requests of other commands could not be read: {}", requests.error().message);
    return;
  }
  for (const auto& table : requests->resyncs) {
    log::info("resync of {} was asked for", table);
    source.reload(table);
  }
  for (const auto& collection : requests->rebuilds) projector.ask_for_rebuild(collection);
  if (!requests->repairs.empty()) {
    log::info("repair of {} documents was asked for", requests->repairs.size());
    source.reread(std::move(requests->repairs));
  }
}

// The caller's thread: looks at the others until something ends the leg.
void watch_over(Source& source, DocumentSink& sink, ProjectorStage& projector, const LegOptions& options,
                std::stop_token stop, LegState& state) {
  auto next_report = Clock::now() + options.report_interval;
  auto next_requests = Clock::now() + std::chrono::seconds(2);
  while (!stop.stop_requested() && !state.ended()) {
    state.wait_for_end(std::chrono::milliseconds(20));
    if (purpose_fulfilled(options, source, state)) return;
    if (Clock::now() >= next_requests) {
      pass_on_requests(sink, source, projector, state);
      next_requests = Clock::now() + std::chrono::seconds(2);
    }
    if (options.report && Clock::now() >= next_report) {
      LegStats stats = state.stats();
      stats.loads = source.progress();
      options.report(stats);
      next_report = Clock::now() + options.report_interval;
    }
  }
}

// The state of read models may stand before the sink: the stream then starts there. One that PostgreSQL has
// no WAL for any more is begun anew.
Result<Source::Start> open_source(Source& source, Projector& projector, Checkpoint checkpoint) {
  const Position sink_position = checkpoint.position;
  if (!checkpoint.exists || checkpoint.restart) PENSTOCK_TRY(projector.forget());
  PENSTOCK_ASSIGN(const Position state_position, projector.open(checkpoint));
  if (checkpoint.places.empty()) checkpoint.position = state_position;
  if (projector.keeps_state()) checkpoint.state_places = projector.saved_places();
  auto start = source.open(checkpoint);
  if (start || start.error().kind != ErrorKind::kGap || checkpoint.position == sink_position) return start;
  log::warn(
      "the local state stands at {}, before what PostgreSQL still has: it is begun anew, its tables are "
      "loaded again",
      to_string(checkpoint.position));
  PENSTOCK_TRY(projector.forget());
  checkpoint.position = sink_position;
  return source.open(checkpoint);
}

struct Beginning {
  Checkpoint durable;    // what the sink has
  bool replays = false;  // the source begins with events that it has
};

Result<Beginning> prepare(Source& source, Projector& projector, DocumentSink& sink) {
  PENSTOCK_ASSIGN(Checkpoint checkpoint, sink.take_over());
  PENSTOCK_ASSIGN(const Source::Start start, open_source(source, projector, checkpoint));
  const bool goes_on = checkpoint.exists && !checkpoint.restart;
  if (!goes_on) checkpoint.position = start.position;
  if (!goes_on || start.identity.timeline != checkpoint.source.timeline ||
      start.identity.publication != checkpoint.source.publication)
    PENSTOCK_TRY(sink.store_source(start.identity, checkpoint.position));
  return Beginning{std::move(checkpoint), start.replays};
}

}  // namespace

Status run_leg(Source& source, Projector& projector, DocumentSink& sink, const LegOptions& options,
               std::stop_token stop) {
  PENSTOCK_ASSIGN(const Beginning start, prepare(source, projector, sink));
  LegState state;
  state.count([&](LegStats& stats) { stats.position = start.durable.position; });
  state.set_documents_pending(projector.has_pending());
  EventQueue events(256, options.queue_bytes);
  Sweeper sweeper(source, sink, state);
  WriterStage writer(source, sink, sweeper, state, options.queued_groups, !projector.keeps_state());
  ProjectorStage projector_stage(projector, source, sink, sweeper, options, events, writer, state,
                                 start.durable, start.replays);

  std::jthread source_thread([&](std::stop_token source_stop) {
    const auto outcome = source.run(source_stop, [&](EventBatchPtr& batch) {
      const bool step = batch->step.has_value();
      if (step) state.step_begun();
      if (events.push_for(batch, batch->bytes(), std::chrono::milliseconds(50))) return true;
      if (step) state.step_ended();
      return false;
    });
    const bool told_to =
        source_stop.stop_requested() && !outcome && outcome.error().kind == ErrorKind::kCancelled;
    if (!outcome && !told_to) state.fail_with(outcome.error());
  });
  watch_over(source, sink, projector_stage, options, stop, state);

  // In flow order: what was received is written, then the next stage ends.
  source_thread.request_stop();
  source_thread.join();
  sweeper.stop();
  events.close();
  projector_stage.finish();
  writer.finish(stop.stop_requested());
  if (options.report) {
    LegStats stats = state.stats();
    stats.loads = source.progress();
    options.report(stats);
  }
  return state.outcome();
}

}  // namespace penstock
