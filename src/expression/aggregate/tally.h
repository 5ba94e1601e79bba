// What counts, sums, averages and bool_and/bool_or keep of rows: rows can be taken out again, and nothing of
// them stays.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "expression/aggregate/accumulator.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

// One thread.
class Tally {
 public:
  virtual ~Tally() = default;
  // NULL is skipped, except by kCountRows.
  virtual Status add(const Value& argument) = 0;
  virtual Status subtract(const Value& argument) = 0;  // one that was added before
  virtual Result<Value> result(Arena& arena) const = 0;
  // Equal rows, added in whatever order and with whatever was taken out between, give equal bytes.
  virtual void encode(std::string& out) const = 0;
  virtual bool decode(std::string_view& bytes) = 0;  // from the front; false: they are damaged
};

// For kCountRows, kCount, kSum, kAvg, kBoolAnd, kBoolOr (`distinct` is the caller's business); null for
// others.
std::unique_ptr<Tally> make_tally(const AggregateShape& shape);

}  // namespace penstock::expression
