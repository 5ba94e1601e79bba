#include "app/connector/capture_target.h"

#include <utility>

#include "app/broker_options.h"
#include "base/log.h"

namespace penstock::app {

Result<CaptureSettings> read_capture(const CaptureTarget& target) {
  CaptureSettings capture;
  if (!target.connector.empty()) {
    PENSTOCK_ASSIGN(const ConnectorFile file, load_connector_file(target.connector));
    PENSTOCK_ASSIGN(ConnectorSettings made, capture_settings_of(file));
    for (const std::string& remark : made.remarks) log::warn("{}: {}", file.file, remark);
    capture = std::move(made.capture);
  } else if (!target.pipeline_file.empty()) {
    PENSTOCK_ASSIGN(const Settings pipeline, load_settings(target.pipeline_file));
    capture = capture_settings_of(pipeline);
  } else {
    return fail(ErrorKind::kUsage, "neither a pipeline file nor --connector FILE is given",
                "penstock capture --help");
  }
  PENSTOCK_TRY(override_brokers(target.kafka, capture.kafka));
  if (!capture.kafka.brokers.empty()) return capture;
  return fail(ErrorKind::kConfiguration, capture.file + ": capture writes to Kafka, and no broker is named",
              capture.by_choice ? "add --brokers 127.0.0.1:9092"
                                : "add kafka: { brokers: 127.0.0.1:9092 } or --brokers");
}

}  // namespace penstock::app
