#include "expression/aggregate/index_key.h"

namespace penstock::expression {

Keeping keeping(const AggregateShape& shape) {
  switch (shape.kind) {
    case AggregateKind::kMin:
    case AggregateKind::kMax:
    case AggregateKind::kFirstValue:
    case AggregateKind::kLastValue:
      return Keeping::kRows;
    case AggregateKind::kArrayAgg:
      return shape.distinct ? Keeping::kDistinctValues : Keeping::kRows;
    case AggregateKind::kCount:
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return shape.distinct ? Keeping::kDistinctTally : Keeping::kTally;
    case AggregateKind::kCountRows:
    case AggregateKind::kBoolAnd:
    case AggregateKind::kBoolOr:
      break;
  }
  return Keeping::kTally;
}

bool skips_null(AggregateKind kind) {
  return kind != AggregateKind::kCountRows && kind != AggregateKind::kArrayAgg &&
         kind != AggregateKind::kFirstValue && kind != AggregateKind::kLastValue;
}

bool takes_last(AggregateKind kind) {
  return kind == AggregateKind::kMax || kind == AggregateKind::kLastValue;
}

void append_place(std::string& out, const AggregateShape& shape, const Value& argument,
                  std::span<const Value> order) {
  const bool by_argument =
      shape.distinct || shape.kind == AggregateKind::kMin || shape.kind == AggregateKind::kMax;
  if (by_argument) {
    // PostgreSQL lets a distinct aggregate be ordered by nothing but its argument.
    const bool directed = shape.kind == AggregateKind::kArrayAgg && !shape.order.empty();
    append_sort_key(out, argument, shape.argument.oid, directed ? shape.order.front() : SortDirection{});
    return;
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t type = i < shape.order_types.size() ? shape.order_types[i].oid : 0;
    append_sort_key(out, order[i], type, shape.order[i]);
  }
}

}  // namespace penstock::expression
