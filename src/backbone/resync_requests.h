// Requests to read tables again, which commands leave in the state topic (penstock resync).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backbone/state_topic.h"
#include "backbone/topic_reader.h"
#include "base/result.h"
#include "model/event_batch.h"

namespace penstock::backbone {

// Any thread.
class ResyncRequests {
 public:
  ResyncRequests(ProducerOptions options, std::string topic)
      : options_(std::move(options)), topic_(std::move(topic)) {}

  // Those that were there before this run: their tables begin anew with it.
  void begin(CaptureState& state);
  // Tables that were asked for since the last call.
  Result<std::vector<std::string>> look();
  // Whether this step begins the load that was asked for; what is stored with it ends the request.
  bool answered_by(const TableCheckpoint& step);
  void stored(const TableCheckpoint& step);

 private:
  const ProducerOptions options_;
  const std::string topic_;
  std::unique_ptr<TopicReader> reader_;  // look() alone
  StateReader seen_;                     // likewise
  std::mutex mutex_;
  std::map<std::string, std::string> known_;       // newest request taken up, by table
  std::map<std::string, std::uint64_t> waiting_;   // the table's load when it was asked for
  std::map<std::string, std::uint64_t> load_ids_;  // the tables' newest
};

}  // namespace penstock::backbone
