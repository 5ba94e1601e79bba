// penstock capture.
#include "app/commands/commands.h"
#include "app/commands/run.h"
#include "app/connector/capture_factory.h"
#include "app/connector/capture_settings.h"
#include "app/connector/capture_tables.h"
#include "base/log.h"
#include "projection/event_projector.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

Result<CaptureSettings> read_capture(const CaptureOptions& options) {
  CaptureSettings capture;
  if (!options.connector.empty()) {
    PENSTOCK_ASSIGN(const ConnectorFile file, load_connector_file(options.connector));
    PENSTOCK_ASSIGN(ConnectorSettings made, capture_settings_of(file));
    for (const std::string& remark : made.remarks) log::warn("{}: {}", file.file, remark);
    capture = std::move(made.capture);
  } else if (!options.pipeline_file.empty()) {
    PENSTOCK_ASSIGN(const Settings pipeline, load_settings(options.pipeline_file));
    capture = capture_settings_of(pipeline);
  } else {
    return fail(ErrorKind::kUsage, "capture needs a pipeline file or --connector FILE",
                "penstock capture --help");
  }
  if (!options.brokers.empty()) capture.kafka.brokers = options.brokers;
  for (const std::string& setting : options.settings) {
    const std::size_t sign = setting.find('=');
    if (sign == std::string::npos)
      return fail(ErrorKind::kUsage, "-X " + setting + " is no name=value", "penstock capture --help");
    capture.kafka.settings.emplace_back(setting.substr(0, sign), setting.substr(sign + 1));
  }
  if (!capture.kafka.brokers.empty()) return capture;
  return fail(ErrorKind::kConfiguration, capture.file + ": capture writes to Kafka, and no broker is named",
              capture.by_choice ? "add --brokers 127.0.0.1:9092"
                                : "add kafka: { brokers: 127.0.0.1:9092 } or --brokers");
}

Status complete(CaptureSettings& capture) {
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(capture.source.postgres));
  PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
  capture.topics.values.database = server.database;
  if (!capture.by_choice) return {};
  PENSTOCK_ASSIGN(capture.tables, choose_tables(connection, capture));
  return {};
}

}  // namespace

Status capture_command(const CaptureOptions& options, std::stop_token stop) {
  PENSTOCK_ASSIGN(CaptureSettings capture, read_capture(options));
  PENSTOCK_TRY(complete(capture));
  const auto sink = make_capture_sink(capture);
  PENSTOCK_TRY(sink->lead(stop));
  EventProjector projector;
  const auto source = make_capture_source(capture, capture.tables);
  RunOptions run;
  run.until_current = options.until_current;
  run.until_loaded = capture.snapshot == SnapshotMode::kInitialOnly;
  return run_with_progress(capture.groups, run, *source, projector, *sink, stop);
}

}  // namespace penstock::app
