// The end of a leg that writes change events to Kafka: each group of source transactions is one Kafka
// transaction with the position in it.
#pragma once

#include <memory>
#include <string>

#include "backbone/heartbeat.h"
#include "backbone/producer.h"
#include "backbone/topic_options.h"
#include "sink/document_sink.h"

namespace penstock::backbone {

struct CaptureOptions {
  ProducerOptions producer;  // with a transactional id
  TopicOptions topics;
  std::string state_topic;
  HeartbeatOptions heartbeat;  // interval and action; the rest is filled in
  bool load_again = false;     // what was loaded before is loaded anew
};

// No connection is made before lead(). Collections, documents and sweeps mean nothing to it.
std::unique_ptr<DocumentSink> make_capture_sink(CaptureOptions options);

}  // namespace penstock::backbone
