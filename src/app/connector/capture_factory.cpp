#include "app/connector/capture_factory.h"

#include "app/source_options.h"
#include "backbone/capture_sink.h"
#include "source/postgres/connection.h"

namespace penstock::app {

std::unique_ptr<Source> make_capture_source(const CaptureSettings& capture,
                                            const std::vector<Settings::Table>& tables) {
  postgres::SourceOptions options = source_options(capture.source, capture.load);
  options.keyless = true;
  options.messages = true;
  options.load_nothing = capture.snapshot == SnapshotMode::kNoData;
  for (const auto& table : tables) options.tables.push_back({table.name, table.key, {}, {}, {}});
  return postgres::make_source(std::move(options));
}

std::unique_ptr<DocumentSink> make_capture_sink(const CaptureSettings& capture) {
  backbone::CaptureOptions options;
  options.producer.brokers = capture.kafka.brokers;
  options.producer.transactional_id = "penstock-capture-" + capture.name;
  options.producer.settings = capture.kafka.settings;
  options.topics = capture.topics;
  options.state_topic = "penstock." + capture.name + ".state";
  options.heartbeat.interval = capture.heartbeat;
  if (!capture.heartbeat_query.empty()) {
    options.heartbeat.action = [url = capture.source.postgres, query = capture.heartbeat_query]() -> Status {
      PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(url));
      return connection.execute(query);
    };
  }
  options.load_again = capture.snapshot == SnapshotMode::kAlways;
  return backbone::make_capture_sink(std::move(options));
}

}  // namespace penstock::app
