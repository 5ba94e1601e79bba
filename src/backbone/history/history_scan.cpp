#include "backbone/history/history_scan.h"

#include <algorithm>

namespace penstock::backbone {

HistoryScan::HistoryScan(const HistoryEnd& end, const std::set<Lsn>& cuts) : end_(end) {
  for (const Lsn at : cuts) cuts_.emplace(at, Cut(at));
}

void HistoryScan::take(const std::string& table, const PartitionId& partition,
                       const envelope::RecordHead& head) {
  const envelope::Place& place = head.place;
  if (!place.lsn && !place.last_commit) {
    placeless_ = partition.topic;
    return;
  }
  first_.try_emplace(partition, place);
  TableSeen& seen = tables_[table];
  if (place.snapshot) return take_row(seen, head);
  if (head.operation == envelope::Operation::kTruncate)
    truncates_.push_back({partition.topic, place, head.commit_micros});
  const Lsn lsn = place.lsn.value_or(Lsn{});
  newest_ = std::max({newest_, lsn, place.last_commit.value_or(Lsn{})});
  const std::uint32_t transaction = head.transaction.value_or(0);
  if (place.last_commit) return observe(*place.last_commit, lsn, transaction, head.commit_micros);
  Early& early = early_[transaction];
  early.lsn = std::max(early.lsn, lsn);
  early.micros = head.commit_micros;
}

void HistoryScan::take_row(TableSeen& table, const envelope::RecordHead& head) {
  const envelope::Place& place = head.place;
  table.has_rows = true;
  if (place.incremental || !place.lsn) return;
  if (*place.lsn >= table.newest_row) {
    table.newest_row = *place.lsn;
    table.newest_row_micros = std::max(table.newest_row_micros, head.commit_micros);
  }
  auto load = table.loads.find(*place.lsn);
  if (load == table.loads.end()) {
    if (!place.begins_load && !place.ends_load) return;
    load = table.loads.emplace(*place.lsn, LoadSeen{}).first;
    load_places_.insert(*place.lsn);
  }
  load->second.begins = load->second.begins || place.begins_load;
  load->second.ends = load->second.ends || place.ends_load;
  load->second.micros = std::max(load->second.micros, head.commit_micros);
}

void HistoryScan::observe(Lsn after, Lsn lsn, std::uint32_t transaction, std::int64_t micros) {
  for (auto& [at, cut] : cuts_) cut.observe(after, lsn, transaction);
  if (!end_.micros || micros <= *end_.micros) return;
  first_later_ = first_later_ ? std::min(*first_later_, after) : after;
}

void HistoryScan::finish() {
  for (const auto& [transaction, early] : early_)
    observe(after({std::nullopt, early.lsn}), early.lsn, transaction, early.micros);
  early_.clear();
}

Lsn HistoryScan::after(const envelope::Place& place) const {
  if (place.last_commit) return *place.last_commit;
  const auto behind = load_places_.upper_bound(place.lsn.value_or(Lsn{}));
  return behind == load_places_.begin() ? Lsn{} : *std::prev(behind);
}

const envelope::Place* HistoryScan::first(const PartitionId& partition) const {
  const auto found = first_.find(partition);
  return found == first_.end() ? nullptr : &found->second;
}

bool HistoryScan::is_whole(Lsn place, const LoadSeen& load) const {
  return load.ends || (place == *load_places_.rbegin() && newest_ >= place);
}

}  // namespace penstock::backbone
