// The smallest thing a journal holds: a header of fixed size, then a compressed payload. All numbers are
// little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "model/position.h"

namespace penstock::journal {

// Stored: only to be added to.
enum class BlockKind : std::uint8_t {
  kBegin = 1,   // the first of a segment: SegmentBegin
  kShape = 2,   // a TableSchema and the number that rows of this segment name it by
  kEvents = 3,  // of the stream; none: only the position moved on
  kChunk = 4,   // a ChunkResult and its events
  kStep = 5,    // a LoadStep
  kBroken = 6,  // a table of which something is missing from here back: its name, and why
};

inline constexpr std::size_t kHeaderBytes = 72;

struct BlockHeader {
  BlockKind kind = BlockKind::kEvents;
  std::uint32_t stored_bytes = 0;  // of the payload as it lies in the file
  std::uint32_t raw_bytes = 0;     // of the payload uncompressed
  Position position;               // where the stream stands after the block; of a shape: of its first use
  std::int64_t newest_commit = 0;  // the latest commit time in it, microseconds since 1970 UTC; 0: none
  std::int64_t written = 0;        // when it was written, likewise
  std::uint32_t events = 0;
};

std::string encode_header(const BlockHeader& header);
// Nothing: these bytes are no header, or not whole. `bytes` may be longer than one.
std::optional<BlockHeader> decode_header(std::string_view bytes);

// zstd frames with a checksum (RFC 8878): what is decompressed is what was compressed. One thread each.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  // Replaces `out`.
  Status compress(std::string_view raw, std::string& out);

 private:
  void* context_;
};

class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(Decompressor&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  // Nothing: damaged, or not of `raw_bytes` bytes.
  std::optional<std::string> decompress(std::string_view stored, std::size_t raw_bytes);

 private:
  void* context_;
};

}  // namespace penstock::journal
