// The rows of groups in order, and how often each distinct value is there: for the aggregates that sums do
// not answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "expression/aggregate/tally.h"
#include "model/arena.h"
#include "model/value.h"
#include "projection/state/ordered_map.h"
#include "projection/summary/contribution.h"

namespace penstock {

// An aggregate of a group.
struct IndexSlot {
  std::uint64_t group = 0;
  std::size_t call = 0;
  const expression::AggregateShape* shape = nullptr;
};

// Every change and every answer is O(log n), but for array_agg, whose answer is as long as it is. Entries are
// ordered by slot, place, then the row's key or the distinct value's text.
class GroupIndex {
 public:
  explicit GroupIndex(OrderedMap& map) : map_(map) {}

  // A row in order.
  Status put_row(const IndexSlot& slot, const Contribution::Part& part, std::string_view row);
  Status erase_row(const IndexSlot& slot, const Contribution::Part& part, std::string_view row);

  // A value that is there once more, or once less. Of equal values that look different the first by its text
  // counts; `tally` (may be null) holds exactly those that count.
  Status move_value(const IndexSlot& slot, const Contribution::Part& part, int by, expression::Tally* tally);

  // The aggregate's result; copied into `arena`.
  Result<Value> result(const IndexSlot& slot, Arena& arena);

 private:
  struct Counted {
    std::string key;  // of the entry that counts
    Value value;
  };
  Result<std::optional<Counted>> first_of(const std::string& place, Arena& arena);
  Result<Value> edge(const IndexSlot& slot, Arena& arena);
  Result<Value> list(const IndexSlot& slot, Arena& arena);

  OrderedMap& map_;
};

}  // namespace penstock
