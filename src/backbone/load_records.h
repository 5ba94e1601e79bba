// What the state topic knows of loads: which tables are being loaded, which chunks are written.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backbone/producer.h"
#include "backbone/resync_requests.h"
#include "backbone/state_topic.h"
#include "model/checkpoint.h"
#include "model/document_write.h"

namespace penstock::backbone {

// One thread, but for what `requests` shares.
class LoadRecords {
 public:
  // `loads`: tables that are new are loaded. `requests` outlives it.
  LoadRecords(std::string state_topic, bool loads, ResyncRequests& requests)
      : topic_(std::move(state_topic)), loads_(loads), requests_(requests) {}

  void begin(const CaptureState& state);
  // Which tables load is known with the first step only: before it, that they will.
  void expect(const Checkpoint& checkpoint);
  // Tables, as of what of() was given last.
  const std::set<std::string>& loading() const { return loading_; }

  // The records that are written with the group. `at`: where the stream stands.
  std::vector<Record> of(const WriteGroup& group, Lsn at);
  // Whether the state has the chunk or the step of the group.
  static bool has(const CaptureState& state, const WriteGroup& group);
  // The group's records are durable.
  void stored(const WriteGroup& group);

 private:
  void note(const TableCheckpoint& table);
  Lsn begun(const TableCheckpoint& table, Lsn at);

  const std::string topic_;
  const bool loads_;
  ResyncRequests& requests_;
  std::set<std::string> loading_;
  std::map<std::string, std::pair<std::uint64_t, Lsn>> begun_;  // by table: the load, and where
  std::map<std::string, std::set<std::pair<std::uint64_t, std::uint64_t>>> chunks_;  // recorded: load, number
};

}  // namespace penstock::backbone
