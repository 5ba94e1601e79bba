// Appends to a journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "journal/event_codec.h"
#include "journal/outline.h"
#include "journal/segment.h"
#include "model/event_batch.h"

namespace penstock::journal {

struct Options {
  std::string folder;
  std::string pipeline;
  // Whole segments beyond one of these go, the oldest first; 0: no bound.
  std::chrono::seconds keep{30LL * 24 * 3600};
  std::uint64_t keep_bytes = 10'000'000'000;
  std::uint64_t segment_bytes = 0;  // 0: by keep_bytes
};

// One thread. Errors: kConfiguration, a file cannot be written; kFenced, another process writes here.
// Everything that is there is found and checked by open(); nothing is written before begin(), and nothing is
// durable before sync().
class Writer {
 public:
  static Result<std::unique_ptr<Writer>> open(Options options);
  ~Writer();

  // What the journal holds when it is opened.
  bool empty() const { return begin_.previous == 0; }
  const SegmentBegin& last() const { return begin_; }  // source and loads
  const TableLoads& loads() const { return begin_.loads; }
  // Where the stream stands at the end of what was added.
  const Position& position() const { return position_; }

  // Begins a segment. With a `gap`, what lies before does not connect with what comes: from then on the
  // stream stands at `position`.
  Status begin(const SourceIdentity& source, const Position& position, const std::string& gap);
  // Something of the table is missing.
  Status broken(const std::string& table, const std::string& why);
  // In stream order. Events that are there already are left out.
  Status add(const EventBatch& batch);
  // Hands what was added to the system: it survives the end of this process.
  Status flush();
  // It survives the end of this machine. Begins another segment and drops old ones where that is due.
  Status sync();
  bool has_unwritten() const { return events_ > 0 || position_ != written_; }

 private:
  explicit Writer(Options options) : options_(std::move(options)) {}
  Status add_events(const EventBatch& batch);
  Status add_chunk(const EventBatch& batch);
  Status add_step(const EventBatch& batch);
  Result<std::uint64_t> shape_number(const EventBatch& batch, const TableSchema& schema,
                                     const Position& first_use);
  Status write(BlockKind kind, std::string_view raw, std::uint32_t events, std::int64_t newest,
               const Position& position);
  Status append(std::string_view bytes);
  Status rotate();
  Status prune();

  Options options_;
  SegmentBegin begin_;  // of the segment that is written, or would be next
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  int file_ = -1;
  std::int64_t begun_ = 0;
  Compressor compressor_;
  std::string stored_;

  Position position_;  // of what was added
  Position written_;   // of what was handed to the system
  // Events that are not yet a block.
  std::string raw_;
  std::unique_ptr<EventEncoder> encoder_;
  std::uint32_t events_ = 0;
  std::int64_t newest_ = 0;

  // Of this segment.
  struct Shape {
    std::shared_ptr<const TableSchema> schema;  // held so that its address cannot come to mean another one
    std::uint64_t number = 0;
  };
  std::map<const TableSchema*, Shape> shapes_;
  std::map<std::string, std::uint64_t> shape_bytes_;

  struct Kept {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::int64_t begun = 0;
  };
  std::vector<Kept> former_;  // segments before this one, the oldest first
};

// Whether a stream that stands at `position` has had the event.
bool has_had(const Position& position, const Event& event);

}  // namespace penstock::journal
