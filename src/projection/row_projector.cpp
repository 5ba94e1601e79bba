#include "projection/row_projector.h"

#include <algorithm>

#include "projection/event_writer.h"

namespace penstock {
namespace {

constexpr std::size_t kMaxCached = 256;

// Everything of a schema that a plan depends on.
std::string content_of(const TableSchema& schema) {
  std::string content = quoted(schema.table) + " (" + schema.fingerprint() + ") key";
  for (const std::uint16_t column : schema.key) content += " " + std::to_string(column);
  return content;
}

}  // namespace

RowProjector::RowProjector(std::vector<CollectionSpec> collections) : specs_(std::move(collections)) {}

Status RowProjector::project(const EventBatch& batch, std::size_t first, std::size_t last,
                             WriteGroup& group) {
  EventWriter writer(batch, group);
  for (std::size_t i = first; i < last; ++i) {
    const Event& event = batch.events[i];
    if (event.schema == nullptr) continue;
    if (event.schema != last_schema_) {
      last_plan_ = &cached_plan(batch, *event.schema);
      last_schema_ = cache_.contains(event.schema) ? event.schema : nullptr;
    }
    if (!last_plan_->status) return last_plan_->status;
    if (last_plan_->collections.empty()) continue;
    writer.take(event);
    for (const CollectionPlan& plan : last_plan_->collections) PENSTOCK_TRY(writer.write(plan));
  }
  return {};
}

std::vector<const DocumentShape*> RowProjector::shapes(const TableSchema& schema) {
  std::vector<const DocumentShape*> shapes;
  for (const CollectionPlan& plan : plan_for(schema).collections) shapes.push_back(&plan.shape);
  return shapes;
}

const RowProjector::TablePlan& RowProjector::plan_for(const TableSchema& schema) {
  std::unique_ptr<TablePlan>& table = plans_[content_of(schema)];
  if (table) return *table;
  table = std::make_unique<TablePlan>();
  for (const CollectionSpec& spec : specs_) {
    if (spec.from != schema.table) continue;
    auto plan = plan_collection(spec, schema);
    if (plan) {
      table->collections.push_back(std::move(*plan));
    } else if (table->status) {
      table->status = fail(std::move(plan).error());
    }
  }
  return *table;
}

const RowProjector::TablePlan& RowProjector::cached_plan(const EventBatch& batch, const TableSchema& schema) {
  if (const auto cached = cache_.find(&schema); cached != cache_.end()) return *cached->second.plan;
  const TablePlan& plan = plan_for(schema);
  const auto owner = std::find_if(batch.schemas.begin(), batch.schemas.end(),
                                  [&](const auto& held) { return held.get() == &schema; });
  if (owner == batch.schemas.end()) return plan;
  if (cache_.size() >= kMaxCached) cache_.clear();
  cache_.emplace(&schema, CachedPlan{*owner, &plan});
  return plan;
}

}  // namespace penstock
