#include "source/postgres/load/change_log.h"

#include <algorithm>
#include <string>

#include "source/postgres/load/value_copy.h"

namespace penstock::postgres {
namespace {

constexpr std::size_t kSegmentChanges = 4096;

}  // namespace

bool ChangeLog::map_columns(const TableSchema& sent) {
  columns_.resize(schema_.columns.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& wanted = schema_.columns[i];
    std::optional<std::uint16_t> at;
    if (i < sent.columns.size() && sent.columns[i].name == wanted.name) {
      at = static_cast<std::uint16_t>(i);
    } else {
      at = sent.find(wanted.name);
    }
    if (!at || sent.columns[*at].type_oid != wanted.type_oid) return false;
    columns_[i] = *at;
  }
  return true;
}

// A key column of `first`, or of `second` where `first` does not have it.
std::string_view ChangeLog::key_of_row(const Value* first, const Value* second) {
  std::string key;
  for (const std::uint16_t column : schema_.key) {
    const Value* value = &first[columns_[column]];
    if (value->is_unchanged() && second != nullptr) value = &second[columns_[column]];
    append_key(*value, key);
  }
  return segments_.back().arena.copy(key);
}

RowChange& ChangeLog::append() {
  if (segments_.empty() || segments_.back().changes.size() >= kSegmentChanges) segments_.emplace_back();
  ++count_;
  ++uncommitted_;
  return segments_.back().changes.emplace_back();
}

bool ChangeLog::note(const Event& event) {
  if (event.kind != EventKind::kTruncate && !map_columns(*event.schema)) return false;
  RowChange& change = append();
  change.kind = event.kind;
  if (event.kind == EventKind::kTruncate) return true;
  if (event.kind == EventKind::kDelete) {
    change.key = key_of_row(event.before, nullptr);
    return true;
  }
  change.key = key_of_row(event.after, event.before);
  if (event.before != nullptr) {
    const std::string_view previous = key_of_row(event.before, event.after);
    if (previous != change.key) change.previous_key = previous;
  }
  change.whole = std::none_of(columns_.begin(), columns_.end(),
                              [&](std::uint16_t column) { return event.after[column].is_unchanged(); });
  if (change.whole && !keep_values_) return true;
  Arena& arena = segments_.back().arena;
  Value* values = arena.array<Value>(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) values[i] = copy_value(event.after[columns_[i]], arena);
  change.values = values;
  return true;
}

void ChangeLog::commit(std::uint32_t xid) {
  for (auto segment = segments_.rbegin(); segment != segments_.rend() && uncommitted_ > 0; ++segment) {
    for (auto change = segment->changes.rbegin(); change != segment->changes.rend() && uncommitted_ > 0;
         ++change) {
      change->xid = xid;
      --uncommitted_;
    }
  }
}

void ChangeLog::trim(std::uint64_t number) {
  number = std::min(number, end());
  while (!segments_.empty() && first_ + segments_.front().changes.size() <= number) {
    first_ += segments_.front().changes.size();
    count_ -= segments_.front().changes.size();
    segments_.pop_front();
  }
  uncommitted_ = std::min(uncommitted_, count_);
}

void ChangeLog::visit(std::uint64_t from, std::uint64_t to,
                      const std::function<void(const RowChange&)>& visitor) const {
  std::uint64_t start = first_;
  for (const Segment& segment : segments_) {
    const std::uint64_t stop = start + segment.changes.size();
    for (std::uint64_t number = std::max(from, start); number < std::min(to, stop); ++number)
      visitor(segment.changes[number - start]);
    start = stop;
  }
}

std::size_t ChangeLog::bytes() const {
  std::size_t total = 0;
  for (const Segment& segment : segments_)
    total += segment.arena.bytes() + segment.changes.size() * sizeof(RowChange);
  return total;
}

}  // namespace penstock::postgres
