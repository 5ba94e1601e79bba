#include "source/postgres/load/window_merge.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "source/postgres/load/value_copy.h"

namespace penstock::postgres {
namespace {

constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

// One key that the window touched.
struct Slot {
  std::size_t row = kNoRow;  // event of the chunk that is now the row of this key
  bool whole = false;        // the stream wrote the whole row within the window
};

class Merge {
 public:
  Merge(const TableSchema& schema, ChunkRows& rows) : schema_(schema), rows_(rows) {
    dropped_.resize(rows.batch->events.size());
  }

  void run(const ChangeLog& log, std::uint64_t from, std::uint64_t to) {
    log.visit(from, to, [this](const RowChange& change) { touch(change); });
    find_rows();
    log.visit(from, to, [this](const RowChange& change) { apply(change); });
    for (const auto& [key, slot] : slots_)
      if (slot.whole && slot.row != kNoRow) drop(slot.row);
  }

  // The rows that stay.
  void finish() {
    auto& events = rows_.batch->events;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (dropped_[i]) continue;
      events[kept] = events[i];
      if (!rows_.request_of.empty()) rows_.request_of[kept] = rows_.request_of[i];
      ++kept;
    }
    events.resize(kept);
    if (!rows_.request_of.empty()) rows_.request_of.resize(kept);
    rows_.key_hashes.clear();
  }

  void drop(std::size_t event) { dropped_[event] = 1; }
  bool dropped(std::size_t event) const { return dropped_[event] != 0; }

 private:
  void touch(const RowChange& change) {
    if (change.kind == EventKind::kTruncate) return;
    slots_.try_emplace(change.key);
    if (!change.previous_key.empty()) slots_.try_emplace(change.previous_key);
  }

  void find_rows() {
    std::unordered_set<std::uint64_t> hashes;
    for (const auto& [key, slot] : slots_) hashes.insert(hash_key(key));
    if (hashes.empty()) return;
    const auto& events = rows_.batch->events;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].kind != EventKind::kLoad || !hashes.contains(rows_.key_hashes[i])) continue;
      const auto slot = slots_.find(key_of(schema_, events[i].after));
      if (slot != slots_.end()) slot->second.row = i;
    }
  }

  void apply(const RowChange& change) {
    const bool seen = change.xid != 0 && rows_.snapshot.sees(change.xid);
    switch (change.kind) {
      case EventKind::kTruncate:
        truncate(seen);
        break;
      case EventKind::kDelete:
        remove(slots_[change.key], seen);
        break;
      default:
        write(change, seen);
        break;
    }
  }

  void truncate(bool seen) {
    for (auto& [key, slot] : slots_) slot.whole = false;
    if (seen) return;
    for (auto& [key, slot] : slots_) slot.row = kNoRow;
    for (std::size_t i = 0; i < dropped_.size(); ++i)
      if (rows_.batch->events[i].kind == EventKind::kLoad) drop(i);
  }

  void remove(Slot& slot, bool seen) {
    slot.whole = false;
    if (seen || slot.row == kNoRow) return;
    drop(slot.row);
    slot.row = kNoRow;
  }

  void write(const RowChange& change, bool seen) {
    Slot& slot = slots_[change.key];
    if (!change.previous_key.empty()) move(slots_[change.previous_key], slot, seen);
    if (change.whole) {
      slot.whole = true;
      if (seen || slot.row == kNoRow) return;
      drop(slot.row);
      slot.row = kNoRow;
    } else if (!seen && slot.row != kNoRow) {
      lay_over(rows_.batch->events[slot.row], change.values);
    }
  }

  // A change that the snapshot sees has moved the row already: a row read under the old key is a newer one.
  void move(Slot& from, Slot& to, bool seen) {
    to.whole = from.whole;
    from.whole = false;
    if (seen) return;
    to.row = from.row;
    from.row = kNoRow;
  }

  void lay_over(Event& event, const Value* values) {
    Arena& arena = rows_.batch->arena;
    const std::size_t count = schema_.columns.size();
    Value* row = arena.array<Value>(count);
    for (std::size_t i = 0; i < count; ++i)
      row[i] = values[i].is_unchanged() ? event.after[i] : copy_value(values[i], arena);
    event.after = row;
  }

  const TableSchema& schema_;
  ChunkRows& rows_;
  std::vector<char> dropped_;
  std::unordered_map<std::string_view, Slot> slots_;
};

std::string values_at(const Value* row, const std::vector<std::uint16_t>& columns) {
  std::string key;
  for (const std::uint16_t column : columns) append_key(row[column], key);
  return key;
}

enum class Written : char { kNo, kWhole, kPartly };

// What the last write unseen by the snapshot did, for each request whose values it had.
std::vector<Written> writes_of_requests(const ChunkRows& rows, const ChangeLog& log, std::uint64_t from,
                                        std::uint64_t to) {
  std::vector<Written> written(rows.requests.size(), Written::kNo);
  std::unordered_map<std::string_view, std::size_t> by_value;
  for (std::size_t i = 0; i < rows.requests.size(); ++i) by_value.emplace(rows.requests[i].wanted, i);
  log.visit(from, to, [&](const RowChange& change) {
    if (change.values == nullptr || (change.xid != 0 && rows.snapshot.sees(change.xid))) return;
    const auto request = by_value.find(values_at(change.values, rows.request_columns));
    if (request != by_value.end())
      written[request->second] = change.whole ? Written::kWhole : Written::kPartly;
  });
  return written;
}

std::vector<std::uint32_t> settle_requests(const ChunkRows& rows, const std::vector<Written>& written,
                                           Merge& merge) {
  std::vector<char> loaded(rows.requests.size(), 0);
  const auto& events = rows.batch->events;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::uint32_t request = rows.request_of[i];
    if (events[i].kind == EventKind::kAbsent && written[request] != Written::kNo) merge.drop(i);
    if (events[i].kind == EventKind::kLoad && !merge.dropped(i)) loaded[request] = 1;
  }
  std::vector<std::uint32_t> again;
  std::vector<char> answered(rows.requests.size(), 1);
  for (const std::uint32_t request : rows.unanswered) answered[request] = 0;
  for (std::uint32_t i = 0; i < rows.requests.size(); ++i)
    if (answered[i] == 0 ||
        (written[i] == Written::kPartly && loaded[i] == 0 && !rows.requests[i].only_absent))
      again.push_back(i);
  return again;
}

}  // namespace

std::vector<std::uint32_t> merge_window(const TableSchema& schema, ChunkRows& rows, const ChangeLog& log,
                                        std::uint64_t from, std::uint64_t to) {
  if (from == to) return rows.unanswered;
  Merge merge(schema, rows);
  merge.run(log, from, to);
  std::vector<std::uint32_t> again;
  if (!rows.requests.empty()) again = settle_requests(rows, writes_of_requests(rows, log, from, to), merge);
  merge.finish();
  return again;
}

}  // namespace penstock::postgres
