#include "backbone/load_records.h"

namespace penstock::backbone {
namespace {

constexpr const char* kAllTables = "its tables";

bool is_recorded(const WriteGroup& group) {
  return group.chunk && !group.chunk->by_key && !group.chunk->table.empty();
}

}  // namespace

void LoadRecords::begin(const CaptureState& state) {
  chunks_ = state.chunks;
  for (const auto& [name, at] : state.loads_begun) {
    const auto table = state.checkpoint.tables.find(name);
    begun_[name] = {table == state.checkpoint.tables.end() ? 0 : table->second.load_id, at};
  }
}

void LoadRecords::expect(const Checkpoint& checkpoint) {
  loading_.clear();
  for (const auto& [name, table] : checkpoint.tables) note(table);
  if (loads_ && (!checkpoint.exists || checkpoint.restart)) loading_.insert(kAllTables);
}

void LoadRecords::note(const TableCheckpoint& table) {
  loading_.erase(kAllTables);
  if (table.state == LoadState::kLoaded || !table.problem.empty())
    loading_.erase(table.table);
  else
    loading_.insert(table.table);
}

std::vector<Record> LoadRecords::of(const WriteGroup& group, Lsn at) {
  std::vector<Record> records;
  if (is_recorded(group))
    records.push_back(chunk_record(topic_, group.chunk->table, group.chunk->load_id, group.chunk->done));
  if (!group.step) return records;
  const TableCheckpoint& table = group.step->table;
  note(table);
  records.push_back(table_record(topic_, table, begun(table, at)));
  if (requests_.answered_by(table)) records.push_back(resync_record(topic_, table.table, std::nullopt));
  const auto known = chunks_.find(table.table);
  if (known == chunks_.end()) return records;
  for (const auto& [load_id, number] : known->second) {
    if (table.state == LoadState::kLoaded || load_id != table.load_id)
      records.push_back(no_chunk_record(topic_, table.table, load_id, number));
  }
  return records;
}

// Where the stream stood at the latest when the newest load of the table began.
Lsn LoadRecords::begun(const TableCheckpoint& table, Lsn at) {
  auto& [load, since] = begun_[table.table];
  if (load != table.load_id) {
    load = table.load_id;
    since = table.state == LoadState::kLoading ? at : Lsn{};
  }
  return since;
}

bool LoadRecords::has(const CaptureState& state, const WriteGroup& group) {
  if (is_recorded(group)) {
    const auto chunks = state.chunks.find(group.chunk->table);
    return chunks != state.chunks.end() &&
           chunks->second.contains({group.chunk->load_id, group.chunk->done.number});
  }
  if (group.chunk || !group.step) return false;  // rows that were asked for: once more changes nothing
  const auto table = state.checkpoint.tables.find(group.step->table.table);
  return table != state.checkpoint.tables.end() && table->second.state == group.step->table.state &&
         table->second.load_id == group.step->table.load_id;
}

void LoadRecords::stored(const WriteGroup& group) {
  if (is_recorded(group)) chunks_[group.chunk->table].emplace(group.chunk->load_id, group.chunk->done.number);
  if (!group.step) return;
  requests_.stored(group.step->table);
  if (group.step->table.state == LoadState::kLoaded) chunks_.erase(group.step->table.table);
}

}  // namespace penstock::backbone
