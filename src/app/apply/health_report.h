// What a running `apply` says of itself in MongoDB, for `status`.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "app/settings.h"
#include "backbone/topic_health.h"
#include "base/result.h"
#include "sink/mongo/reader.h"

namespace penstock::app {

// A thread of its own, until the end of its life. What MongoDB does not take is left: it only informs.
class HealthReport {
 public:
  // Of the pipeline that this process leads: nothing is known to trouble it now.
  static Result<std::unique_ptr<HealthReport>> begin(const Settings& settings);
  ~HealthReport();
  HealthReport(const HealthReport&) = delete;
  HealthReport& operator=(const HealthReport&) = delete;

  const std::shared_ptr<backbone::TopicHealth>& health() const { return health_; }
  // Says with what it ended. No report comes after that.
  void ended(const Status& outcome);

 private:
  explicit HealthReport(std::unique_ptr<mongo::Reader> reader) : reader_(std::move(reader)) {}
  void report(const std::stop_token& stop);
  void tell(const std::string& trouble, const std::string& remedy);
  void end_thread();

  const std::shared_ptr<backbone::TopicHealth> health_ = std::make_shared<backbone::TopicHealth>();
  const std::unique_ptr<mongo::Reader> reader_;  // one thread at a time
  backbone::TopicCounts told_;
  bool is_told_ = true;  // MongoDB has it
  std::string trouble_;
  std::int64_t trouble_millis_ = 0;
  std::jthread thread_;
};

}  // namespace penstock::app
