#include "app/replay/replay_projector.h"

#include <algorithm>

namespace penstock::app {

std::optional<Reread> ReplayProjector::unresolved() const {
  if (lacking_.empty()) return std::nullopt;
  return lacking_.begin()->second;
}

Status ReplayProjector::project(const EventBatch& batch, std::size_t first, std::size_t last,
                                WriteGroup& group) {
  if (!inner_->keeps_state()) return chosen(inner_->project(batch, first, last, group), group);
  if (batch.chunk) {
    PENSTOCK_TRY(inner_->project(batch, first, last, group));
    for (std::size_t i = first; i < last && !lacking_.empty(); ++i) resolve(batch.events[i]);
    return chosen({}, group);
  }
  for (std::size_t i = first; i < last; ++i) {
    const std::size_t had = group.rereads.size();
    PENSTOCK_TRY(inner_->project(batch, i, i + 1, group));
    if (group.rereads.size() > had)
      note(group, had);
    else if (!lacking_.empty())
      resolve(batch.events[i]);
  }
  return chosen({}, group);
}

void ReplayProjector::note(WriteGroup& group, std::size_t had) {
  for (std::size_t i = had; i < group.rereads.size(); ++i) {
    Reread& row = group.rereads[i];
    lacking_.try_emplace({row.table, row.key}, std::move(row));
  }
  group.rereads.resize(had);
}

void ReplayProjector::resolve(const Event& event) {
  if (event.schema == nullptr) return;
  if (event.kind == EventKind::kTruncate) {
    const std::string table = to_string(event.schema->table);
    std::erase_if(lacking_, [&](const auto& row) { return row.first.first == table; });
    return;
  }
  if (event.before != nullptr) resolve(*event.schema, event.before);
  if (event.after != nullptr) resolve(*event.schema, event.after);
}

void ReplayProjector::resolve(const TableSchema& schema, const Value* row) {
  RowKey key{to_string(schema.table), {}};
  for (const std::uint16_t column : schema.key) key.second.push_back(to_text(row[column]));
  lacking_.erase(key);
}

Status ReplayProjector::chosen(Status outcome, WriteGroup& group) const {
  if (!outcome || key_.empty()) return outcome;
  std::erase_if(group.writes, [this](const DocumentWrite& write) {
    if (write.kind == WriteKind::kClear) return false;
    if (write.id == nullptr || write.shape->id.size() != key_.size()) return true;
    for (std::size_t i = 0; i < key_.size(); ++i)
      if (to_text(write.id[i]) != key_[i]) return true;
    return false;
  });
  return outcome;
}

}  // namespace penstock::app
