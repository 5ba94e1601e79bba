#include "app/verify/recomputation.h"

#include <algorithm>

#include "app/verify/held_rows.h"

namespace penstock::app {

Result<Recomputation> Recomputation::make(const Settings& settings,
                                          const std::vector<std::string>& collections,
                                          const std::string& folder) {
  static_cast<void>(folder);
  std::vector<CollectionSpec> specs;
  for (const auto& collection : settings.collections)
    if (std::find(collections.begin(), collections.end(), collection.spec.name) != collections.end())
      specs.push_back(collection.spec);
  Recomputation made(std::make_unique<HeldRows>(std::move(specs)));
  PENSTOCK_TRY(made.projector_->open(Checkpoint{}));
  return made;
}

Status Recomputation::load(const EventBatch& rows) {
  const std::string& table = rows.chunk->table;
  if (std::find(tables_.begin(), tables_.end(), table) == tables_.end()) tables_.push_back(table);
  WriteGroup none;
  return projector_->project(rows, 0, rows.events.size(), none);
}

Status Recomputation::follow(const EventBatch& changes) {
  return projector_->replay(changes, 0, changes.events.size());
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

Result<WriteGroup> Recomputation::change(EventBatchPtr changes) {
  WriteGroup group;
  PENSTOCK_TRY(projector_->project(*changes, 0, changes->events.size(), group));
  PENSTOCK_TRY(projector_->close(group));
  if (!changes->events.empty()) position_ = std::max(position_, changes->events.back().position);
  group.batches.push_back(std::move(changes));
  return group;
}

}  // namespace penstock::app
