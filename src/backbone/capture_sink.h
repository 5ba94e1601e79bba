// The end of a leg that writes change events to Kafka: each group of source transactions is one Kafka
// transaction with the position in it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backbone/heartbeat.h"
#include "backbone/producer.h"
#include "backbone/topic_options.h"
#include "backbone/transaction_monitor.h"
#include "model/checkpoint.h"
#include "sink/document_sink.h"

namespace penstock::backbone {

// Where somebody else who wrote the same topics stands: a Debezium connector.
struct TakeOver {
  SourceIdentity source;
  Position position;  // all transactions that end before it are written
  WrittenBefore written;
  TransactionMonitor::Open open;
};

struct CaptureOptions {
  ProducerOptions producer;  // with a transactional id
  TopicOptions topics;
  std::string state_topic;
  HeartbeatOptions heartbeat;         // interval and action; the rest is filled in
  bool loads = true;                  // tables that are new are loaded
  bool load_again = false;            // what was loaded before is loaded anew
  std::optional<TakeOver> take_over;  // the position, whatever the state topic has
};

// While it cannot write because of a topic or a right, the state topic says why; it goes on once that is
// mended.
class CaptureSink : public DocumentSink {
 public:
  // Stored for `penstock status`. What cannot be stored any more is left.
  virtual void ended(const Status& outcome) = 0;
};

// No connection is made before lead(). Collections, documents and sweeps mean nothing to it.
std::unique_ptr<CaptureSink> make_capture_sink(CaptureOptions options);

}  // namespace penstock::backbone
