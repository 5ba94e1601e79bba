#include "journal/outline.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace penstock::journal {
namespace {

struct Opened {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;  // of the file
  BlockPlace first;
  SegmentBegin begin;
};

// Nothing: its beginning was never whole, so that nobody has written to it.
Result<std::optional<Opened>> open_segment(const std::string& folder, std::uint64_t number) {
  auto file = SegmentFile::open(segment_path(folder, number));
  if (!file && !std::filesystem::exists(segment_path(folder, number)))
    return std::optional<Opened>();  // pruned
  if (!file) return fail(std::move(file).error());
  const auto first = file->block_at(0, file->bytes());
  if (!first || first->header.kind != BlockKind::kBegin) return std::optional<Opened>();
  const auto payload = file->payload(*first);
  if (!payload) return std::optional<Opened>();
  PENSTOCK_ASSIGN(SegmentBegin begin, decode_begin(*payload));
  return std::optional<Opened>(Opened{number, file->bytes(), *first, std::move(begin)});
}

// Appends the blocks of a segment up to `limit`; gives where the last whole one ends.
Result<std::uint64_t> add_blocks(const Opened& segment, std::uint64_t limit, Tail tail, Outline& to) {
  std::uint64_t end = segment.first.end();
  PENSTOCK_ASSIGN(SegmentFile file, SegmentFile::open(segment_path(to.folder, segment.number)));
  for (;;) {
    const auto place = file.block_at(end, limit);
    if (!place) return end;
    if (tail == Tail::kVerified && !file.payload(*place)) return end;
    to.blocks.push_back({to.segments.size() - 1, *place});
    end = place->end();
  }
}

std::string gap_before(const Opened& segment, const Outline& so_far) {
  if (!segment.begin.gap.empty() || so_far.segments.empty()) return segment.begin.gap;
  const OutlinedSegment& before = so_far.segments.back();
  if (segment.begin.previous != before.number)
    return fmt::format("segment {} of it is missing", segment.begin.previous);
  if (before.bytes != segment.begin.previous_bytes)
    return fmt::format("segment {} of it is damaged after {} bytes", before.number, before.bytes);
  return {};
}

}  // namespace

Position Outline::end() const {
  for (auto block = blocks.rbegin(); block != blocks.rend() && block->segment + 1 == segments.size(); ++block)
    if (block->place.header.kind != BlockKind::kShape) return block->place.header.position;
  return segments.empty() ? Position() : segments.back().position;
}

Result<Outline> outline(const std::string& folder, Tail tail) {
  PENSTOCK_ASSIGN(const auto numbers, list_segments(folder));
  std::vector<Opened> opened;
  for (const std::uint64_t number : numbers) {
    PENSTOCK_ASSIGN(auto segment, open_segment(folder, number));
    if (segment) opened.push_back(std::move(*segment));
  }
  Outline result;
  result.folder = folder;
  for (std::size_t i = 0; i < opened.size(); ++i) {
    const Opened& segment = opened[i];
    const bool last = i + 1 == opened.size();
    const std::string gap = gap_before(segment, result);
    const BlockHeader& header = segment.first.header;
    result.segments.push_back({segment.number, 0, header.written, segment.begin, header.position, gap});
    const bool sealed = !last && opened[i + 1].begin.previous == segment.number;
    const std::uint64_t limit = sealed ? opened[i + 1].begin.previous_bytes : segment.bytes;
    PENSTOCK_ASSIGN(const std::uint64_t end,
                    add_blocks(segment, limit, last ? tail : Tail::kTrusted, result));
    result.segments.back().bytes = end;
    result.bytes += end;
  }
  return result;
}

}  // namespace penstock::journal
