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

void PostgresSource::look_at_catalog() {
  const auto look = watch_->take();
  if (!look) return;
  for (auto& description : look->tables) look_at_table(std::move(description), look->empty_leaves);
}

void PostgresSource::look_at_table(TableDescription description,
                                   const std::set<std::uint32_t>& empty_leaves) {
  const std::string table = to_string(description.schema->table);
  if (keyless_.has(table))
    return;  // what sends no rows cannot be made up for: without a key nothing is replaced
  const auto selection = std::find_if(options_.tables.begin(), options_.tables.end(),
                                      [&](const auto& one) { return to_string(one.table) == table; });
  TableCheckpoint& load = loads_.at(table);
  const std::string fingerprint = load_fingerprint(description.fingerprint, definition_of(*selection));
  const bool asked = take_reload_request(table);
  const auto reason = reload_reason(load.fingerprint, fingerprint, empty_leaves);
  if (!asked && !reason && load.fingerprint == fingerprint) return;
  if (description.schema->key.empty() || !description.published) {
    log::error("table {} {}; its documents stay as they are until that is mended", table,
               description.published ? "has lost its key" : "has left the publication");
    return;
  }
  tables_.insert_or_assign(table, description);
  if (asked || reason) {
    log::warn("table {} is loaded again: {}", table,
              reason ? *reason : "it was asked for, or a partition was truncated");
    load = next_load(load, fingerprint);
    loader_->add({std::move(description), load, true});
    return;
  }
  if (load.state != LoadState::kLoaded) return;  // noticed again once it is
  load.fingerprint = fingerprint;
  collect_batches();
  push_step(load);
}

}  // namespace penstock::postgres
