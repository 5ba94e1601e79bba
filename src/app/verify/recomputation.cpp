#include "app/verify/recomputation.h"

#include <algorithm>

#include "app/factory.h"

namespace penstock::app {

Result<Recomputation> Recomputation::make(const Settings& settings, std::vector<CollectionSpec> collections,
                                          const std::vector<TableSchema>& tables, const std::string& file) {
  PENSTOCK_ASSIGN(auto projector, make_recomputing_projector(std::move(collections), tables,
                                                             {file, settings.state_cache, settings.file}));
  Recomputation made(std::move(projector));
  PENSTOCK_TRY(made.projector_->open(Checkpoint{}));
  for (const TableSchema& table : tables) made.tables_.push_back(to_string(table.table));
  PENSTOCK_TRY(made.load_step(LoadState::kLoading));
  return made;
}

Status Recomputation::load(const EventBatch& rows) {
  WriteGroup none;
  PENSTOCK_TRY(projector_->project(rows, 0, rows.events.size(), none));
  return save_if_large(rows);
}

Status Recomputation::follow(const EventBatch& changes) {
  PENSTOCK_TRY(projector_->replay(changes, 0, changes.events.size()));
  return save_if_large(changes);
}

// What is saved needs no place in the cache.
Status Recomputation::save_if_large(const EventBatch& batch) {
  constexpr std::size_t kMost = 64U << 20;
  unsaved_bytes_ += batch.bytes();
  if (unsaved_bytes_ < kMost) return {};
  unsaved_bytes_ = 0;
  return projector_->save(position_, {});
}

Status Recomputation::load_step(LoadState state) {
  for (const std::string& table : tables_) {
    LoadStep step;
    step.table.table = table;
    step.table.state = state;
    step.table.load_id = 1;
    PENSTOCK_TRY(projector_->load_step(step));
  }
  return {};
}

Status Recomputation::build(const Position& position) {
  position_ = position;
  return load_step(LoadState::kLoaded);
}

Result<WriteGroup> Recomputation::next() {
  WriteGroup group;
  PENSTOCK_TRY(projector_->step(position_, group));
  return group;
}

Result<WriteGroup> Recomputation::change(EventBatchPtr changes, std::size_t from, std::size_t to) {
  WriteGroup group;
  PENSTOCK_TRY(projector_->project(*changes, from, to, group));
  PENSTOCK_TRY(projector_->close(group));
  if (from < to) position_ = std::max(position_, changes->events.at(to - 1).position);
  group.batches.push_back(std::move(changes));
  return group;
}

}  // namespace penstock::app
