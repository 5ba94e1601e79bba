#include "journal/table_loads.h"

#include <algorithm>
#include <functional>

namespace penstock::journal {
namespace {

std::uint64_t hash_of(const DoneChunk& chunk) {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(chunk.number);
  out.byte(chunk.from ? 1 : 0);
  for (const std::string& part : chunk.from.value_or(KeyText{})) out.text(part);
  for (const std::string& part : chunk.to) out.text(part);
  // FNV-1a: stored, so it must not change with the library.
  std::uint64_t sum = 0xCBF29CE484222325U;
  for (const char byte : bytes) sum = (sum ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
  return sum;
}

}  // namespace

TableLoads::Change TableLoads::step(const StepRecord& step) {
  const TableCheckpoint& stored = step.table;
  TableLoad& load = tables_[stored.table];
  const bool same = load.load_id == stored.load_id && load.state != LoadState::kPending;
  switch (stored.state) {
    case LoadState::kPending:
      return Change::kNone;
    case LoadState::kLoading:
      load = {stored.load_id, LoadState::kLoading, {}};
      return Change::kBegun;
    case LoadState::kSweeping:
    case LoadState::kLoaded:
      break;
  }
  // A load of an empty table has no beginning of its own. A table whose load was read has an upper key, or
  // says nothing of a load.
  if (!same && (stored.upper || !step.of_load)) return Change::kNone;
  const bool read_before = same && load.state != LoadState::kLoading;
  load.load_id = stored.load_id;
  load.state = stored.state;
  load.chunks.clear();
  if (read_before) return Change::kNone;
  return same ? Change::kRead : Change::kEmpty;
}

void TableLoads::chunk(const ChunkResult& chunk) {
  const auto found = tables_.find(chunk.table);
  if (found == tables_.end() || chunk.by_key || found->second.load_id != chunk.load_id) return;
  if (found->second.state == LoadState::kLoading) found->second.chunks.insert(hash_of(chunk.done));
}

std::optional<std::string> TableLoads::missing(const TableCheckpoint& stored) const {
  if (stored.state == LoadState::kPending) return std::nullopt;
  const auto found = tables_.find(stored.table);
  const std::string load = "load " + std::to_string(stored.load_id) + " of " + stored.table;
  if (found == tables_.end() || found->second.state == LoadState::kPending) return load + " is not in it";
  const TableLoad& ours = found->second;
  if (ours.load_id > stored.load_id) return std::nullopt;  // begun again, and not yet known to the sink
  if (ours.load_id < stored.load_id) return load + " is not in it";
  if (ours.state >= stored.state && ours.state != LoadState::kLoading) return std::nullopt;
  if (stored.state != LoadState::kLoading) return "the end of " + load + " is not in it";
  const bool all = std::all_of(stored.done.begin(), stored.done.end(),
                               [&](const DoneChunk& chunk) { return ours.chunks.contains(hash_of(chunk)); });
  if (all) return std::nullopt;
  return "chunks of " + load + " are not in it";
}

void TableLoads::write(ByteWriter& out) const {
  out.number(tables_.size());
  for (const auto& [name, load] : tables_) {
    out.text(name);
    out.number(load.load_id);
    out.byte(static_cast<std::uint8_t>(load.state));
    out.number(load.chunks.size());
    for (const std::uint64_t chunk : load.chunks) out.number(chunk);
  }
}

TableLoads TableLoads::read(ByteReader& in) {
  TableLoads loads;
  const std::uint64_t count = in.number();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string name(in.text());
    TableLoad& load = loads.tables_[name];
    load.load_id = in.number();
    load.state = static_cast<LoadState>(std::min<std::uint8_t>(in.byte(), 3));
    const std::uint64_t chunks = in.number();
    for (std::uint64_t n = 0; n < chunks && in.ok(); ++n) load.chunks.insert(in.number());
  }
  return loads;
}

}  // namespace penstock::journal
