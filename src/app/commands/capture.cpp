// penstock capture.
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/run.h"
#include "app/connector/capture_factory.h"
#include "app/connector/capture_tables.h"
#include "app/connector/capture_target.h"
#include "app/connector/take_over.h"
#include "projection/event_projector.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

Status complete(CaptureSettings& capture, postgres::Connection& connection) {
  PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
  capture.topics.values.database = server.database;
  if (!capture.by_choice) return {};
  PENSTOCK_ASSIGN(capture.tables, choose_tables(connection, capture));
  return {};
}

Status print_offsets(const CaptureSettings& capture) {
  PENSTOCK_ASSIGN(const std::string offsets, hand_back(capture));
  std::printf("%s\n", offsets.c_str());
  return {};
}

}  // namespace

Status capture_command(const CaptureOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(CaptureSettings capture, read_capture(options.target));
  if (options.offsets) return print_offsets(capture);
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(capture.source.postgres));
  PENSTOCK_TRY(complete(capture, connection));
  std::optional<backbone::TakeOver> take_over;
  if (!options.take_over.empty()) {
    PENSTOCK_ASSIGN(take_over, read_take_over(capture, options.take_over, connection));
  }
  const auto sink = make_capture_sink(capture, std::move(take_over));
  PENSTOCK_TRY(sink->lead(stop));
  EventProjector projector;
  const auto source = make_capture_source(capture, capture.tables);
  RunOptions run;
  run.until_current = options.until_current;
  run.small_queues = true;
  run.until_loaded = capture.snapshot == SnapshotMode::kInitialOnly;
  const Status outcome = run_with_progress(capture.groups, run, *source, projector, *sink, stop);
  sink->ended(outcome);
  return outcome;
}

}  // namespace penstock::app
