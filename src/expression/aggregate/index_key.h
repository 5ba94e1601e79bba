// How rows are ordered and told apart for the aggregates that need it; of accumulators and of the indexes
// that summaries keep.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "expression/aggregate/accumulator.h"
#include "model/value.h"

namespace penstock::expression {

// What an aggregate keeps of the rows.
enum class Keeping : std::uint8_t {
  kTally,  // a Tally of all rows
  // A Tally of the distinct arguments, and how often each is there. Of equal ones that look different
  // (1.0, 1.00) the one whose text is first counts.
  kDistinctTally,
  kRows,            // the rows in order: min, max, first_value, last_value, array_agg
  kDistinctValues,  // the distinct arguments in order: array_agg(distinct …)
};
Keeping keeping(const AggregateShape& shape);

// Whether a row with a NULL argument counts for nothing.
bool skips_null(AggregateKind kind);
// Of kRows: the result is the argument of the last row instead of the first. min and max: of the first and
// the last.
bool takes_last(AggregateKind kind);

// Appends the place of a row in order, without its tie: by the argument (min, max, distinct) or by `order`.
void append_place(std::string& out, const AggregateShape& shape, const Value& argument,
                  std::span<const Value> order);

}  // namespace penstock::expression
