#include "app/verify/collection_shapes.h"

#include <algorithm>

#include "projection/collection_plan.h"

namespace penstock::app {

Result<DocumentShape> outline(const CollectionSpec& spec, const TableSchema& schema) {
  CollectionSpec bare;
  bare.name = spec.name;
  bare.from = spec.from;
  bare.key = spec.key;
  bare.id = spec.id;
  bare.all_columns = false;
  bare.soft_deletes = spec.soft_deletes;
  bare.change_field = spec.change_field;
  bare.time_field = spec.time_field;
  const bool computed = std::any_of(spec.id.begin(), spec.id.end(),
                                    [](const FieldSpec& field) { return field.column.empty(); });
  if (computed) bare.id.clear();
  PENSTOCK_ASSIGN(CollectionPlan plan, plan_collection(bare, schema));
  if (!spec.is_summary() && !computed) return std::move(plan.shape);
  plan.shape.id.clear();
  plan.shape.id_columns.clear();
  return std::move(plan.shape);
}

}  // namespace penstock::app
