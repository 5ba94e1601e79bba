// Where everything is in a journal, from its blocks' headers: what was read of it before is not needed again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/segment.h"

namespace penstock::journal {

struct OutlinedSegment {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;  // that count
  std::int64_t begun = 0;   // microseconds since 1970 UTC
  SegmentBegin begin;
  Position position;  // where the stream stood at its beginning
  // Why what lies before does not connect, as `begin.gap`, or as found: a segment in between is missing or
  // damaged.
  std::string gap;
};

struct OutlinedBlock {
  std::size_t segment = 0;  // index
  BlockPlace place;
};

struct Outline {
  std::string folder;
  std::vector<OutlinedSegment> segments;
  std::vector<OutlinedBlock> blocks;  // in their order, without the beginnings
  std::uint64_t bytes = 0;

  bool empty() const { return segments.empty(); }
  Position end() const;  // where the stream stands at the end
};

enum class Tail {
  kTrusted,   // what the headers of the last segment say is believed
  kVerified,  // its payloads are looked at: after the last whole block it is cut off
};
// A torn end of the last segment does not count. A folder without segments gives an empty outline. The
// journal may be written to meanwhile. kConfiguration: it cannot be read.
Result<Outline> outline(const std::string& folder, Tail tail);

}  // namespace penstock::journal
