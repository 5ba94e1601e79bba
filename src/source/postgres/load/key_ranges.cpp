#include "source/postgres/load/key_ranges.h"

#include <map>

namespace penstock::postgres {
namespace {

// Follows the chunks from `from` on and takes them out of `next`.
KeyText follow(std::map<KeyText, KeyText>& next, KeyText from) {
  for (auto chunk = next.find(from); chunk != next.end(); chunk = next.find(from)) {
    from = chunk->second;
    next.erase(chunk);
  }
  return from;
}

}  // namespace

std::vector<KeyRange> joined(const std::vector<DoneChunk>& done) {
  std::optional<KeyText> first;
  std::map<KeyText, KeyText> next;  // beginning of a chunk -> its end
  std::map<KeyText, bool> is_an_end;
  for (const DoneChunk& chunk : done) {
    is_an_end[chunk.to] = true;
    if (chunk.from) {
      next[*chunk.from] = chunk.to;
    } else {
      first = chunk.to;
    }
  }
  std::vector<KeyRange> runs;
  if (first) runs.push_back({std::nullopt, follow(next, *first)});
  std::vector<KeyText> heads;
  for (const auto& [from, to] : next)
    if (!is_an_end.contains(from)) heads.push_back(from);
  for (const KeyText& head : heads) runs.push_back({head, follow(next, head)});
  return runs;
}

std::vector<KeyRange> gaps(const std::vector<KeyRange>& runs, const KeyText& upper) {
  std::vector<KeyRange> missing;
  std::optional<KeyText> reached;
  for (const KeyRange& run : runs) {
    if (run.from && run.from != reached) missing.push_back({reached, *run.from});
    reached = run.to;
  }
  if (reached != upper) missing.push_back({reached, upper});
  return missing;
}

}  // namespace penstock::postgres
