// Expressions over the rows of one group: group keys and aggregates (`group_by` collections).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "expression/aggregate_call.h"
#include "expression/expression.h"

namespace penstock::expression {

// round(sum(quantity * unit_price), 2) is one aggregate call and what is computed from its result.
// Immutable: any thread.
class Grouped {
 public:
  // `keys`: the expressions of group_by; equal sub-expressions of `source` and names of keys stand for their
  // values. A column outside an aggregate that is no key is refused as PostgreSQL refuses it. Aggregates
  // range over the rows of the scope; names reach into its `one` embeds.
  struct Key {
    std::string name;
    const Expression* expression = nullptr;
  };
  static Result<Grouped> compile(const Source& source, const Scope& scope, const std::vector<Key>& keys);

  Type type() const;
  const std::vector<AggregateCall>& calls() const;  // in the order of `results`
  Result<Value> evaluate(std::span<const Value> keys, std::span<const Value> results, Arena& arena) const;

 private:
  Grouped(std::shared_ptr<const Node> root, std::vector<AggregateCall> calls);
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const std::vector<AggregateCall>> calls_;
};

}  // namespace penstock::expression
