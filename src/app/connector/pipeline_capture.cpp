#include "app/connector/capture_settings.h"

namespace penstock::app {

CaptureSettings capture_settings_of(const Settings& pipeline) {
  CaptureSettings capture;
  capture.file = pipeline.file;
  capture.name = pipeline.pipeline;
  capture.source = pipeline.source;
  capture.tables = pipeline.tables();
  capture.kafka = pipeline.kafka;
  capture.load = pipeline.load;
  capture.groups = pipeline.groups;
  capture.topics.values.server = pipeline.kafka.prefix;
  capture.topics.delimiter = pipeline.kafka.delimiter;
  capture.topics.skipped.clear();  // an `apply` follows truncates too
  return capture;
}

}  // namespace penstock::app
