#include "app/connector/capture_factory.h"

#include "app/source_options.h"
#include "backbone/capture_sink.h"
#include "source/postgres/connection.h"

namespace penstock::app {

static std::string take_over_command(const CaptureSettings& capture) {
  if (!capture.by_choice)
    return "penstock capture --connector FILE --take-over OFFSETS, with the connector's file";
  return "penstock capture --connector " + capture.file +
         " --take-over OFFSETS, where OFFSETS is the worker's offset.storage.file.filename or topic:NAME of "
         "its "
         "offset.storage.topic";
}

std::unique_ptr<Source> make_capture_source(const CaptureSettings& capture,
                                            const std::vector<Settings::Table>& tables) {
  postgres::SourceOptions options = source_options(capture.source, capture.load);
  options.keyless = true;
  options.take_over = take_over_command(capture);
  options.messages = true;
  if (capture.by_choice)
    options.follow = [choice = capture.choice](const TableName& table) { return choice.takes(table); };
  options.load_nothing = capture.snapshot == SnapshotMode::kNoData;
  for (const auto& table : tables) options.tables.push_back({table.name, table.key, {}, {}, {}});
  return postgres::make_source(std::move(options));
}

backbone::ProducerOptions producer_options(const CaptureSettings& capture) {
  backbone::ProducerOptions options;
  options.brokers = capture.kafka.brokers;
  options.settings = capture.kafka.settings;
  return options;
}

std::string state_topic(const CaptureSettings& capture) { return "penstock." + capture.name + ".state"; }

std::unique_ptr<backbone::CaptureSink> make_capture_sink(const CaptureSettings& capture,
                                                         std::optional<backbone::TakeOver> take_over) {
  backbone::CaptureOptions options;
  options.producer = producer_options(capture);
  options.producer.transactional_id = "penstock-capture-" + capture.name;
  options.topics = capture.topics;
  options.state_topic = state_topic(capture);
  options.take_over = std::move(take_over);
  options.heartbeat.interval = capture.heartbeat;
  if (!capture.heartbeat_query.empty()) {
    options.heartbeat.action = [url = capture.source.postgres, query = capture.heartbeat_query]() -> Status {
      PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(url));
      return connection.execute(query);
    };
  }
  options.loads = capture.snapshot != SnapshotMode::kNoData;
  options.load_again = capture.snapshot == SnapshotMode::kAlways;
  return backbone::make_capture_sink(std::move(options));
}

}  // namespace penstock::app
