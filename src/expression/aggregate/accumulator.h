// Aggregates over rows that are all at hand: the embedded rows of one document.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expression/aggregate_call.h"
#include "expression/sort_key.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

// The part of an AggregateCall that does not depend on how its expressions are evaluated.
struct AggregateShape {
  using Direction = SortDirection;
  AggregateKind kind = AggregateKind::kCountRows;
  Type argument;  // of kCountRows: nothing
  bool distinct = false;
  std::vector<SortDirection> order = {};
  std::vector<Type> order_types = {};  // of `order`; left out only when none of them is character(n)
};
AggregateShape shape_of(const AggregateCall& call);

// Forward only. One thread. The values and ties given to add() must live until result() has been taken.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  // One row for which the call's filter holds. `argument`: the call's argument on this row (kCountRows: not
  // looked at); NULL is skipped or kept as the aggregate in PostgreSQL does. `order`: the values of
  // call.order. `tie`: the row's key, so encoded that its bytes order as the key does.
  virtual Status add(const Value& argument, std::span<const Value> order, std::string_view tie) = 0;
  // kBadValue with PostgreSQL's message when the result does not fit its type ("bigint out of range").
  virtual Result<Value> result(Arena& arena) const = 0;
};

// The call is of a kind and argument that aggregate_result_type() takes.
std::unique_ptr<Accumulator> make_accumulator(const AggregateShape& shape);
std::unique_ptr<Accumulator> make_accumulator(const AggregateCall& call);

// The type PostgreSQL gives the aggregate's result. kConfiguration, with PostgreSQL's words
// ("function sum(text) does not exist"), when there is no such aggregate or it is not there yet (sum and avg
// of interval and money). `unknown` literals are to be made text before.
Result<Type> aggregate_result_type(AggregateKind kind, Type argument);

}  // namespace penstock::expression
