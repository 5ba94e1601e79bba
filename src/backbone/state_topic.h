// How far a capture is, kept in a compacted topic beside the events: the position with which source, the
// loads of tables and their finished chunks. Written in the transaction of the events that it speaks of.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backbone/producer.h"
#include "backbone/transaction_monitor.h"
#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::backbone {

// Records of the topic: keys are "position", "source", "written", "writer", "trouble", "transaction", "table
// NAME", "chunk LOAD NUMBER NAME", "resync NAME"; values JSON.
struct PositionTimes {
  std::int64_t last_commit_micros = 0;  // of the newest transaction, since 1970 UTC; 0: not known
  std::int64_t updated_millis = 0;      // when the position was written, since 1970 UTC
};
// `loading`: tables of which not all rows are written, so that the position does not speak of them.
Record position_record(const std::string& topic, const Position& position, const PositionTimes& times = {},
                       const std::set<std::string>& loading = {});
Record written_record(const std::string& topic, const WrittenBefore& written);
Record source_record(const std::string& topic, const SourceIdentity& source);
// `begun`: where the stream stood when the table's load began; unset: not known.
Record table_record(const std::string& topic, const TableCheckpoint& table, Lsn begun = {});
Record chunk_record(const std::string& topic, const std::string& table, std::uint64_t load_id,
                    const DoneChunk& chunk);
Record no_chunk_record(const std::string& topic, const std::string& table, std::uint64_t load_id,
                       std::uint64_t number);  // a tombstone

// Who writes.
struct WriterView {
  std::string run;  // its own name
  std::string host;
  std::int64_t pid = 0;
  std::int64_t since_millis = 0;  // since 1970 UTC
  bool ended = false;             // in good order or with an error: `trouble` says which
};
Record writer_record(const std::string& topic, const WriterView& writer);

// What keeps the writer from writing, or ended it. A tombstone when it is over.
struct Trouble {
  std::string message;
  std::string remedy;
  std::int64_t since_millis = 0;
  bool exists() const { return !message.empty(); }
};
Record trouble_record(const std::string& topic, const Trouble& trouble);

// Asks the next start for a new position and all loads anew.
Record restart_record(const std::string& topic, bool wanted);
// Asks for a table to be read again; `id` tells requests apart. None: it was taken up, a tombstone.
Record resync_record(const std::string& topic, const std::string& table,
                     const std::optional<std::string>& id);

// How much of a transaction that is written in parts has been numbered; none is open: a tombstone.
Record transaction_record(const std::string& topic, const TransactionMonitor::Open& open);

struct CaptureState {
  Checkpoint checkpoint;
  PositionTimes times;
  std::set<std::string> loading;  // as of the position
  TransactionMonitor::Open open;
  WriterView writer;  // that took over last
  Trouble trouble;
  std::map<std::string, Lsn> loads_begun;      // by table, of its newest load; absent: not known
  std::map<std::string, std::string> resyncs;  // asked for and not taken up: ids by table
  // Recorded, by table: load and number; also those of loads that are over.
  std::map<std::string, std::set<std::pair<std::uint64_t, std::uint64_t>>> chunks;
};

// Takes the records of the topic in their order and keeps what they add up to.
class StateReader {
 public:
  // kDivergence for a record that is none of ours.
  Status take(std::string_view key, std::optional<std::string_view> value);
  // Chunks of finished or older loads are left out.
  CaptureState state() const;
  Checkpoint checkpoint() const { return state().checkpoint; }
  const std::map<std::string, std::string>& resyncs() const { return state_.resyncs; }
  const std::string& run() const { return state_.writer.run; }  // the newest writer's

 private:
  Status forget(std::string_view key);

  CaptureState state_;
  std::map<std::string, std::map<std::pair<std::uint64_t, std::uint64_t>, DoneChunk>> chunks_;
};

// Reads all its committed records. No such topic: the state of a capture that never ran.
Result<CaptureState> read_state(const ProducerOptions& options, const std::string& topic);

}  // namespace penstock::backbone
