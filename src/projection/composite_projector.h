// All collections of a pipeline behind one Projector: plain ones row by row, read models with their state.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "projection/row_projector.h"
#include "projection/view/view_projector.h"

namespace penstock {

class CompositeProjector final : public Projector {
 public:
  // `views`: null when every collection is plain.
  CompositeProjector(std::vector<CollectionSpec> plain, std::unique_ptr<ViewProjector> views)
      : rows_(std::move(plain)), views_(std::move(views)) {}

  // Of read models; null: there are none.
  ViewProjector* views() { return views_.get(); }

  Status project(const EventBatch& batch, std::size_t first, std::size_t last, WriteGroup& group) override;
  std::vector<const DocumentShape*> shapes(const TableSchema& schema) override {
    return rows_.shapes(schema);
  }
  bool keeps_state() const override { return views_ != nullptr; }
  bool keeps(const std::string& table) const override { return views_ && views_->keeps(table); }
  Result<Position> open(const Checkpoint& checkpoint) override;
  Status forget() override;
  Status replay(const EventBatch& batch, std::size_t first, std::size_t last) override;
  std::size_t documents_due() const override { return views_ ? views_->documents_due() : 0; }
  Status close(WriteGroup& group) override;
  bool has_pending() const override { return views_ && views_->has_pending(); }
  Status step(const Position& position, WriteGroup& group) override;
  PendingDocuments pending() const override;
  Status load_step(const LoadStep& step) override;
  Result<bool> rebuild(const std::string& collection) override;
  Status save(const Position& position, const Places& places) override;
  std::optional<Position> saved() const override;
  Places saved_places() const override { return views_ ? views_->saved_places() : Places(); }

 private:
  RowProjector rows_;
  std::unique_ptr<ViewProjector> views_;
};

// Splits `collections`; opens the state when there are read models.
Result<std::unique_ptr<CompositeProjector>> make_composite_projector(std::vector<CollectionSpec> collections,
                                                                     const std::vector<TableSchema>& tables,
                                                                     const ViewOptions& options);

}  // namespace penstock
