// Events, chunks, load steps and table shapes as bytes, lossless but for what follows from the rest: the
// texts of finite dates and timestamps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event_batch.h"

namespace penstock::journal {

// Numbers of table shapes, from 0 on, as one segment has them.
using ShapeNumbers = std::map<const TableSchema*, std::uint64_t>;

// Appends events of one block. What one event has in common with the one before it is not written again.
class EventEncoder {
 public:
  explicit EventEncoder(std::string& out) : out_(out) {}
  // `shape`: the number of event.schema; of an event without one, any.
  void add(const Event& event, std::uint64_t shape);

 private:
  std::string& out_;
  std::string row_;
  Event last_;
};

// What a reader knows of a segment's shapes: shape number -> table, and whether its rows are wanted.
struct KnownShape {
  std::shared_ptr<const TableSchema> schema;
  bool wanted = true;
};

// Appends to `batch` the events that `bytes` holds, but for rows of tables that are not wanted. `take` says
// of each event, in order, whether it is to be had; false from one on: the rest is left. False: the bytes are
// damaged.
[[nodiscard]] bool decode_events(std::string_view bytes, const std::vector<KnownShape>& shapes,
                                 const std::function<bool(const Event&)>& take, EventBatch& batch);

std::string encode_schema(const TableSchema& schema);
void encode_chunk(std::string& out, const ChunkResult& chunk);
std::string encode_step(const TableCheckpoint& table, bool has_schema);

// kInternal: the bytes are damaged.
Result<TableSchema> decode_schema(std::string_view bytes);
// Leaves in `bytes` what follows the chunk: its events.
Result<ChunkResult> decode_chunk(std::string_view& bytes);
struct StepRecord {
  TableCheckpoint table;
  // The load said so itself; otherwise only what the table was loaded with is written anew.
  bool of_load = false;
};
Result<StepRecord> decode_step(std::string_view bytes);

}  // namespace penstock::journal
