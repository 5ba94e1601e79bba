#include <algorithm>
#include <utility>

#include "base/log.h"
#include "source/postgres/load_plan.h"
#include "source/postgres/reload_reason.h"
#include "source/postgres/streaming_source.h"

namespace penstock::postgres {

bool PostgresSource::take_reload_request(const std::string& table) {
  const std::lock_guard lock(mutex_);
  return reload_.erase(table) > 0;
}

void PostgresSource::watch_catalog() {
  std::map<std::string, std::uint32_t> oids;
  for (const auto& [name, description] : tables_) oids[name] = description.schema->oid;
  watch(std::make_unique<CatalogWatch>(options_, std::move(oids), [this] { wake_.ring(); }));
}

// A table that will be followed, or one of ours under another name: what it sends until it is taken in is not
// taken from the stream, so it is loaded then.
void PostgresSource::meet_stranger(const TableName& table, std::uint32_t oid) {
  for (const auto& [name, description] : tables_)
    if (description.schema->oid == oid) return reload(name);
  if (!options_.follow || !options_.follow(table)) return;
  const std::lock_guard lock(mutex_);
  if (watch_) watch_->look_now();
}

TableCheckpoint* PostgresSource::checkpoint_of(const std::string& table) {
  if (keyless_.has(table)) return &keyless_.checkpoint(table);
  const auto found = loads_.find(table);
  return found == loads_.end() ? nullptr : &found->second;
}

void PostgresSource::look_at_catalog() {
  const auto look = watch_->take();
  if (!look) return;
  for (const auto& [table, problem] : look->problems) set_problem(table, problem);
  for (auto& description : look->tables) {
    const std::string table = to_string(description.schema->table);
    if (!look->problems.contains(table)) look_at_table(std::move(description), look->empty_leaves);
  }
}

// Nothing of the table is captured; everything else goes on.
void PostgresSource::set_problem(const std::string& table, const std::string& problem) {
  take_reload_request(table);
  TableCheckpoint* checkpoint = checkpoint_of(table);
  if (checkpoint == nullptr || checkpoint->problem == problem) return;
  log::error("table {} {}", table, problem);
  checkpoint->problem = problem;
  checkpoint->state = LoadState::kLoaded;  // what is left of its load cannot be read
  collect_batches();
  push_step(*checkpoint);
  if (!keyless_.has(table)) loader_->add({tables_.at(table), *checkpoint, false});
}

// One that has come, or that is there again.
void PostgresSource::take_in(TableDescription description, const TableCheckpoint& before) {
  const std::string table = to_string(description.schema->table);
  const auto selection = std::find_if(options_.tables.begin(), options_.tables.end(),
                                      [&](const auto& one) { return to_string(one.table) == table; });
  const bool is_new = selection == options_.tables.end();
  if (is_new) options_.tables.push_back({description.schema->table, {}, {}, {}, {}});
  const TableSelection& chosen = is_new ? options_.tables.back() : *selection;
  TableCheckpoint next = next_load(before, load_fingerprint(description.fingerprint, definition_of(chosen)));
  next.table = table;
  tables_.insert_or_assign(table, description);
  begin_again_ = true;
  if (!description.schema->key.empty()) return begin_load(std::move(description), std::move(next));
  keyless_.add(chosen, std::move(next), false);
  keyless_due_ = keyless_.is_due();
}

void PostgresSource::begin_load(TableDescription description, TableCheckpoint checkpoint) {
  TableCheckpoint& load = loads_[checkpoint.table];
  load = std::move(checkpoint);
  loader_->add({std::move(description), load, true});
}

void PostgresSource::look_at_table(TableDescription description,
                                   const std::set<std::uint32_t>& empty_leaves) {
  const std::string table = to_string(description.schema->table);
  const TableCheckpoint* known = checkpoint_of(table);
  if (description.schema->key.empty() && !options_.keyless) {
    if (known != nullptr) set_problem(table, "has lost its key; what was written of it stays as it is");
    return;
  }
  if (known == nullptr || !known->problem.empty()) {
    log::info("table {} {}: it is loaded", table,
              known == nullptr ? "is in the publication" : "is there again");
    return take_in(std::move(description), known == nullptr ? TableCheckpoint{} : TableCheckpoint(*known));
  }
  const bool asked = take_reload_request(table);
  // What sends no rows cannot be made up for: without a key nothing is replaced.
  if (keyless_.has(table)) {
    if (asked && keyless_.checkpoint(table).state == LoadState::kLoaded)
      take_in(std::move(description), TableCheckpoint(keyless_.checkpoint(table)));
    return;
  }
  const auto selection = std::find_if(options_.tables.begin(), options_.tables.end(),
                                      [&](const auto& one) { return to_string(one.table) == table; });
  TableCheckpoint& load = loads_.at(table);
  const std::string fingerprint = load_fingerprint(description.fingerprint, definition_of(*selection));
  const auto reason = reload_reason(load.fingerprint, fingerprint, empty_leaves);
  if (!asked && !reason && load.fingerprint == fingerprint) return;
  tables_.insert_or_assign(table, description);
  if (asked || reason) {
    log::warn("table {} is loaded again: {}", table,
              reason ? *reason : "it was asked for, or a partition was truncated");
    return begin_load(std::move(description), next_load(load, fingerprint));
  }
  if (load.state != LoadState::kLoaded) return;  // noticed again once it is
  load.fingerprint = fingerprint;
  collect_batches();
  push_step(load);
}

}  // namespace penstock::postgres
