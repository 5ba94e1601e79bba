#include "source/postgres/load/stream_side.h"

#include <algorithm>
#include <utility>

#include "source/postgres/load/marker.h"
#include "source/postgres/load/window_merge.h"

namespace penstock::postgres {
namespace {

bool concerns(const TableWork& table, const TableName& name) {
  if (table.schema().table == name) return true;
  return std::any_of(table.description.leaves.begin(), table.description.leaves.end(),
                     [&](const TableDescription::Leaf& leaf) { return leaf.name == name; });
}

}  // namespace

void StreamSide::on_commit(std::uint32_t xid) {
  committed_.add(xid);
  mailbox_.set_unproven(committed_.unproven().size());
  for (TableWork* table : watched_) table->log.commit(xid);
  if (committed_.unproven().size() >= prune_at_) {
    prune_at_ = 2 * committed_.unproven().size();  // not asked for again while the answer is on its way
    scheduler_.want_prune();
  }
  if (mailbox_.has_mail()) prune();
  if (attempts_.has_closed()) tidy();
}

void StreamSide::prune() {
  if (const auto snapshot = mailbox_.take()) {
    committed_.prune(*snapshot);
    prune_at_ = std::max(kPruneAt, 2 * committed_.unproven().size());
    mailbox_.set_unproven(committed_.unproven().size());
  }
}

void StreamSide::on_change(const Event& event) {
  for (TableWork* table : watched_) {
    if (table->altered || !concerns(*table, event.schema->table)) continue;
    if (!table->log.note(event)) table->altered = true;
  }
}

void StreamSide::on_marker(std::string_view content) {
  const auto marker = parse_marker(content);
  if (!marker || marker->run != options_.run) return;
  if (marker->kind == MarkerKind::kLow) {
    open(marker->attempt);
  } else {
    finish(marker->attempt);
  }
}

void StreamSide::open(std::uint64_t attempt) {
  auto low = attempts_.low_seen(attempt, committed_.unproven());
  if (!low || !low->window) return;
  TableWork* table = low->table.get();
  if (std::find(watched_.begin(), watched_.end(), table) == watched_.end()) watched_.push_back(table);
  if (low->by_key) table->log.keep_values(true);
  windows_.push_back({attempt, std::move(low->table), low->by_key, table->log.end()});
}

void StreamSide::finish(std::uint64_t attempt) {
  auto read = attempts_.high_seen(attempt);
  const auto window = find(attempt);
  if (!read || window == windows_.end()) return close(attempt);
  TableWork& table = *window->table;
  if (table.altered) {
    scheduler_.stale(std::move(read->job), make_error(ErrorKind::kSchemaChanged,
                                                      "the stream brings " + table.name +
                                                          " with other columns than its load began with",
                                                      "penstock resync PIPELINE --table " + table.name));
    return close(attempt);
  }
  std::vector<std::uint32_t> again = read->rows.unanswered;
  if (!options_.unsafe_for_test.window_not_merged)
    again = merge_window(table.schema(), read->rows, table.log, window->from, table.log.end());
  scheduler_.ready(std::move(*read), again);
  close(attempt);
}

std::vector<StreamSide::Window>::iterator StreamSide::find(std::uint64_t attempt) {
  return std::find_if(windows_.begin(), windows_.end(),
                      [&](const Window& window) { return window.attempt == attempt; });
}

void StreamSide::close(std::uint64_t attempt) {
  const auto window = find(attempt);
  if (window == windows_.end()) return;
  const TableWorkPtr table = std::move(window->table);
  windows_.erase(window);
  std::uint64_t needed = table->log.end();
  bool watched = false;
  bool by_key = false;
  for (const Window& other : windows_) {
    if (other.table != table) continue;
    watched = true;
    by_key = by_key || other.by_key;
    needed = std::min(needed, other.from);
  }
  table->log.keep_values(by_key);
  table->log.trim(needed);
  if (!watched) std::erase(watched_, table.get());
}

void StreamSide::tidy() {
  for (const std::uint64_t attempt : attempts_.take_closed()) close(attempt);
}

}  // namespace penstock::postgres
