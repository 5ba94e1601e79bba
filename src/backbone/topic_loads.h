// How far the tables' topics are read for the first time: Kafka has no load of its own, a table counts as
// loaded once its topic was read up to what was its end at the start.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "backbone/topic_source.h"
#include "model/checkpoint.h"
#include "model/places.h"
#include "source/source.h"

namespace penstock::backbone {

// How a table's topic is begun.
enum class Beginning : std::uint8_t {
  kGoesOn,   // where its documents and its rows in the state stand
  kAnew,     // from its first record
  kRefills,  // documents go on, the state is filled from the first record
};

// The source's thread, but for progress() and done().
class TopicLoads {
 public:
  explicit TopicLoads(const std::vector<ReadTable>& tables) : tables_(tables) {}

  // What is stored of the tables against what they are made with now.
  std::map<std::string, Beginning> begin(const Checkpoint& checkpoint);
  // Any thread: the table is to be read anew. What was asked for since.
  void ask_anew(const std::string& table);
  std::vector<std::string> take_asked();
  // The same; takes the places of tables that begin anew out of `places` and `state`.
  void begin(const Checkpoint& checkpoint, Places& places, Places& state);
  // The table is read from its first record again.
  void begin_anew(const std::string& table);

  // Where reading ends for the first time. Topics that are not there are empty.
  void expect(const std::map<PartitionId, PartitionEnds>& ends);
  void reached(const PartitionId& partition, std::int64_t next);
  void reached_end(const PartitionId& partition);
  // Partitions that were expected are all read.
  bool all_reached() const { return open_.empty(); }

  // Steps that are due, in order: beginnings; ends only once `ends`, of tables that are read.
  std::vector<TableCheckpoint> take_steps(bool ends);

  bool done() const;
  std::vector<LoadProgress> progress() const;

 private:
  struct Table {
    TableCheckpoint stored;
    bool begins = false;  // its beginning is to be said
    bool loading = false;
    bool shown = false;                    // it was loading at some time
    std::uint64_t read = 0, expected = 0;  // records
  };
  bool is_read(const ReadTable& table) const;
  static std::string fingerprint(const ReadTable& table);

  const std::vector<ReadTable>& tables_;
  std::map<PartitionId, PartitionEnds> open_;
  mutable std::mutex mutex_;  // holds known_ and asked_
  std::vector<std::string> asked_;
  std::map<std::string, Table> known_;
};

}  // namespace penstock::backbone
