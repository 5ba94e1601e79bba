// What others leave in the state topic: requests to read tables again (penstock resync), and that they have
// taken over.
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

Error taken_over(const std::string& state_topic);

// Any thread.
class ResyncRequests {
 public:
  // `run`: the writer's own name.
  ResyncRequests(ProducerOptions options, std::string topic, std::string run);

  // Those that were there before this run: their tables begin anew with it.
  void begin(CaptureState& state);
  // Tables that were asked for since the last call. kFenced: another run writes the topics now. Who has
  // nothing to write would not hear of it from Kafka.
  Result<std::vector<std::string>> look();
  // Whether this step begins the load that was asked for; what is stored with it ends the request.
  bool answered_by(const TableCheckpoint& step);
  void stored(const TableCheckpoint& step);

 private:
  const ProducerOptions options_;
  const std::string topic_;
  const std::string run_;
  std::unique_ptr<TopicReader> reader_;  // look() alone
  StateReader seen_;                     // likewise
  bool begun_ = false;                   // likewise: our own beginning was seen
  std::mutex mutex_;
  std::map<std::string, std::string> known_;       // newest request taken up, by table
  std::map<std::string, std::uint64_t> waiting_;   // the table's load when it was asked for
  std::map<std::string, std::uint64_t> load_ids_;  // the tables' newest
};

}  // namespace penstock::backbone
