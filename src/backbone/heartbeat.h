// A record every so often, also when nothing else is written (Debezium documentation 3.5:
// "heartbeat.interval.ms").
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "backbone/producer.h"
#include "envelope/options.h"

namespace penstock::backbone {

struct HeartbeatOptions {
  ProducerOptions producer;  // of its own: without a transactional id
  std::string topic;
  envelope::Options values;  // its server is the key
  std::chrono::milliseconds interval{0};
  std::function<Status()> action;  // with each; may be empty
};

// Has a thread of its own until it ends. What fails is said in the log and tried again at the next beat.
class Heartbeat {
 public:
  explicit Heartbeat(HeartbeatOptions options);

 private:
  void run(std::stop_token stop);
  Status beat();

  const HeartbeatOptions options_;
  std::unique_ptr<Producer> producer_;
  std::jthread thread_;
};

}  // namespace penstock::backbone
