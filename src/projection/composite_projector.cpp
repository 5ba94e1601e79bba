#include "projection/composite_projector.h"

#include <algorithm>
#include <iterator>

namespace penstock {

Result<std::unique_ptr<CompositeProjector>> make_composite_projector(std::vector<CollectionSpec> collections,
                                                                     const std::vector<TableSchema>& tables,
                                                                     const ViewOptions& options) {
  const auto views = std::stable_partition(collections.begin(), collections.end(),
                                           [](const CollectionSpec& spec) { return spec.is_plain(); });
  std::vector<CollectionSpec> read_models(std::make_move_iterator(views),
                                          std::make_move_iterator(collections.end()));
  collections.erase(views, collections.end());
  std::unique_ptr<ViewProjector> projector;
  if (!read_models.empty()) {
    PENSTOCK_ASSIGN(projector, ViewProjector::make(std::move(read_models), tables, options));
  }
  return std::make_unique<CompositeProjector>(std::move(collections), std::move(projector));
}

Status CompositeProjector::project(const EventBatch& batch, std::size_t first, std::size_t last,
                                   WriteGroup& group) {
  PENSTOCK_TRY(rows_.project(batch, first, last, group));
  return views_ ? views_->project(batch, first, last, group) : Status();
}

Result<Position> CompositeProjector::open(const Checkpoint& checkpoint) {
  return views_ ? views_->open(checkpoint) : checkpoint.position;
}

Status CompositeProjector::forget() { return views_ ? views_->forget() : Status(); }

Status CompositeProjector::replay(const EventBatch& batch, std::size_t first, std::size_t last) {
  return views_ ? views_->replay(batch, first, last) : Status();
}

Status CompositeProjector::close(WriteGroup& group) { return views_ ? views_->close(group) : Status(); }

Status CompositeProjector::step(const Position& position, WriteGroup& group) {
  return views_ ? views_->step(position, group) : Status();
}

PendingDocuments CompositeProjector::pending() const {
  return views_ ? views_->pending() : PendingDocuments();
}

Status CompositeProjector::load_step(const LoadStep& step) {
  return views_ ? views_->load_step(step) : Status();
}

Result<bool> CompositeProjector::rebuild(const std::string& collection) {
  return views_ ? views_->rebuild(collection) : Result<bool>(false);
}

Status CompositeProjector::save(const Position& position, const Places& places) {
  return views_ ? views_->save(position, places) : Status();
}

std::optional<Position> CompositeProjector::saved() const { return views_ ? views_->saved() : std::nullopt; }

}  // namespace penstock
