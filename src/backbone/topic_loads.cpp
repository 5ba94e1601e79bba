#include "backbone/topic_loads.h"

#include <algorithm>
#include <utility>

namespace penstock::backbone {

std::string TopicLoads::fingerprint(const ReadTable& table) {
  return table.definition + "\n" + (table.state ? table.state() : "");
}

std::map<std::string, Beginning> TopicLoads::begin(const Checkpoint& checkpoint) {
  std::map<std::string, Beginning> beginnings;
  const std::lock_guard lock(mutex_);
  for (const ReadTable& table : tables_) {
    const std::string name = to_string(table.name);
    Table& known = known_[name];
    const auto stored = checkpoint.tables.find(name);
    const bool exists = stored != checkpoint.tables.end() && checkpoint.exists && !checkpoint.restart;
    if (exists) known.stored = stored->second;
    const std::string now = fingerprint(table);
    const bool same = exists && known.stored.fingerprint == now;
    const bool defined_alike = exists && known.stored.fingerprint.starts_with(table.definition + "\n");
    const bool asked = exists && known.stored.state == LoadState::kPending;
    known.begins = !same || asked;
    known.loading = known.shown = known.begins || known.stored.state != LoadState::kLoaded;
    beginnings[name] = !defined_alike || asked        ? Beginning::kAnew
                       : table.state && known.loading ? Beginning::kRefills
                                                      : Beginning::kGoesOn;
    known.stored.table = name;
    known.stored.fingerprint = now;
  }
  return beginnings;
}

void TopicLoads::begin(const Checkpoint& checkpoint, Places& places, Places& state) {
  const auto beginnings = begin(checkpoint);
  for (const ReadTable& table : tables_) {
    const auto of_table = [&](const auto& one) { return table.comes_from(one.first.topic); };
    const Beginning beginning = beginnings.at(to_string(table.name));
    if (beginning == Beginning::kAnew) std::erase_if(places, of_table);
    if (beginning != Beginning::kGoesOn) std::erase_if(state, of_table);
  }
}

void TopicLoads::ask_anew(const std::string& table) {
  const std::lock_guard lock(mutex_);
  asked_.push_back(table);
}

std::vector<std::string> TopicLoads::take_asked() {
  const std::lock_guard lock(mutex_);
  return std::exchange(asked_, {});
}

void TopicLoads::begin_anew(const std::string& table) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(table);
  if (known == known_.end()) return;
  known->second.begins = known->second.loading = known->second.shown = true;
  known->second.read = known->second.expected = 0;
}

void TopicLoads::expect(const std::map<PartitionId, PartitionEnds>& ends) {
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, end] : ends) {
    if (end.end > end.first) open_.insert_or_assign(partition, end);
    for (const ReadTable& table : tables_)
      if (table.comes_from(partition.topic))
        known_[to_string(table.name)].expected += static_cast<std::uint64_t>(end.end - end.first);
  }
}

void TopicLoads::reached(const PartitionId& partition, std::int64_t next) {
  const auto expected = open_.find(partition);
  if (expected != open_.end() && next >= expected->second.end) reached_end(partition);
}

void TopicLoads::reached_end(const PartitionId& partition) {
  const auto expected = open_.find(partition);
  if (expected == open_.end()) return;
  const auto records = static_cast<std::uint64_t>(expected->second.end - expected->second.first);
  open_.erase(expected);
  const std::lock_guard lock(mutex_);
  for (const ReadTable& table : tables_)
    if (table.comes_from(partition.topic)) known_[to_string(table.name)].read += records;
}

bool TopicLoads::is_read(const ReadTable& table) const {
  return std::none_of(open_.begin(), open_.end(),
                      [&](const auto& one) { return table.comes_from(one.first.topic); });
}

std::vector<TableCheckpoint> TopicLoads::take_steps(bool ends) {
  std::vector<TableCheckpoint> steps;
  const std::lock_guard lock(mutex_);
  for (const ReadTable& table : tables_) {
    Table& known = known_[to_string(table.name)];
    if (known.begins) {
      known.begins = false;
      ++known.stored.load_id;
      known.stored.state = LoadState::kLoading;
      steps.push_back(known.stored);
    }
    if (!ends || !known.loading || !is_read(table)) continue;
    known.loading = false;
    known.stored.state = LoadState::kLoaded;
    steps.push_back(known.stored);
  }
  return steps;
}

bool TopicLoads::done() const {
  const std::lock_guard lock(mutex_);
  return std::none_of(known_.begin(), known_.end(), [](const auto& one) { return one.second.loading; });
}

std::vector<LoadProgress> TopicLoads::progress() const {
  std::vector<LoadProgress> progress;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, table] : known_)
    if (table.shown)
      progress.push_back({name, table.read, table.expected, !table.loading, table.stored.load_id});
  return progress;
}

}  // namespace penstock::backbone
