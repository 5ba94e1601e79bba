// One aggregate of an expression: what it takes of each row and how results come of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "expression/expression.h"

namespace penstock::expression {

enum class AggregateKind : std::uint8_t {
  kCountRows,  // count(*), count(lines)
  kCount,      // count(x), count(distinct x)
  kSum,
  kAvg,
  kMin,
  kMax,
  kBoolAnd,
  kBoolOr,
  kArrayAgg,    // array_agg(x order by ...), NULLs kept; jsonb_agg and string_agg are not there yet
  kFirstValue,  // first_value(x order by ...): x of the first row; NULLs count as values
  kLastValue,
};

struct AggregateCall {
  struct Order {
    Expression by;
    bool descending = false;
    bool nulls_first = false;
  };
  AggregateKind kind = AggregateKind::kCountRows;
  std::optional<Expression> argument;  // none for kCountRows
  std::optional<Expression> filter;    // filter (where ...)
  std::vector<Order> order;            // ties go by the row's key
  bool distinct = false;
  Type result;
};

}  // namespace penstock::expression
