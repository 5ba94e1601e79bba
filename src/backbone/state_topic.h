// How far a capture is, kept in a compacted topic beside the events: the position with which source, the
// loads of tables and their finished chunks. Written in the transaction of the events that it speaks of.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "backbone/producer.h"
#include "backbone/transaction_monitor.h"
#include "base/result.h"
#include "model/checkpoint.h"

namespace penstock::backbone {

// Records of the topic: keys are "position", "source", "writer", "transaction", "table NAME", "chunk NAME
// LOAD NUMBER"; values JSON.
Record position_record(const std::string& topic, const Position& position);
Record source_record(const std::string& topic, const SourceIdentity& source);
Record table_record(const std::string& topic, const TableCheckpoint& table);
Record chunk_record(const std::string& topic, const std::string& table, std::uint64_t load_id,
                    const DoneChunk& chunk);
Record no_chunk_record(const std::string& topic, const std::string& table, std::uint64_t load_id,
                       std::uint64_t number);  // a tombstone

// Who writes; a run's own name.
Record writer_record(const std::string& topic, const std::string& run);
// How much of a transaction that is written in parts has been numbered; none is open: a tombstone.
Record transaction_record(const std::string& topic, const TransactionMonitor::Open& open);

struct CaptureState {
  Checkpoint checkpoint;
  TransactionMonitor::Open open;
  std::string writer;  // the run that took over last
};

// Takes the records of the topic in their order and keeps what they add up to.
class StateReader {
 public:
  // kDivergence for a record that is none of ours.
  Status take(std::string_view key, std::optional<std::string_view> value);
  // Chunks of finished or older loads are left out.
  CaptureState state() const { return {checkpoint(), open_, writer_}; }
  Checkpoint checkpoint() const;

 private:
  Checkpoint checkpoint_;
  TransactionMonitor::Open open_;
  std::string writer_;
  bool has_position_ = false;
  std::map<std::string, std::map<std::pair<std::uint64_t, std::uint64_t>, DoneChunk>> chunks_;
};

// Makes the topic when it is missing: one partition, compacted. Reads all its committed records.
Result<CaptureState> read_state(const ProducerOptions& options, const std::string& topic, int replication);

}  // namespace penstock::backbone
