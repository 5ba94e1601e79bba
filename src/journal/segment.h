// The files of a journal: segments, numbered from 1 on, each a beginning and then blocks. Whoever writes
// begins a segment of its own, which says how far the one before it counts: what a writer that lost its place
// still appends to the old one is not part of the journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "journal/block.h"
#include "journal/table_loads.h"
#include "model/checkpoint.h"

namespace penstock::journal {

struct SegmentBegin {
  std::string pipeline;
  SourceIdentity source;
  std::uint64_t previous = 0;        // number of the segment before; 0: none
  std::uint64_t previous_bytes = 0;  // of it that count
  std::string gap;                   // why what lies before does not connect with this; empty: it does
  TableLoads loads;                  // as they are at the beginning
};
std::string encode_begin(const SegmentBegin& begin);
Result<SegmentBegin> decode_begin(std::string_view bytes);

std::string segment_path(const std::string& folder, std::uint64_t number);
// Their numbers, rising. A folder that does not exist has none.
Result<std::vector<std::uint64_t>> list_segments(const std::string& folder);
// kConfiguration: what could not be done to which file, and the system's reason.
Error file_error(const std::string& doing, const std::string& path);

// One block at its place.
struct BlockPlace {
  std::uint64_t offset = 0;
  BlockHeader header;
  std::uint64_t end() const { return offset + kHeaderBytes + header.stored_bytes; }
};

// Reads one segment. One thread.
class SegmentFile {
 public:
  static Result<SegmentFile> open(const std::string& path);
  SegmentFile(SegmentFile&& other) noexcept;
  SegmentFile& operator=(SegmentFile&&) = delete;
  ~SegmentFile();

  std::uint64_t bytes() const { return bytes_; }
  // The block that begins at `offset`; nothing: no whole header, or it ends beyond `limit`.
  std::optional<BlockPlace> block_at(std::uint64_t offset, std::uint64_t limit) const;
  // Its payload; nothing: damaged.
  std::optional<std::string> payload(const BlockPlace& place);

 private:
  SegmentFile(int file, std::uint64_t bytes) : file_(file), bytes_(bytes) {}
  int file_;
  std::uint64_t bytes_;
  Decompressor decompressor_;
};

}  // namespace penstock::journal
