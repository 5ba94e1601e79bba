// Arrays: their measures and what is in them (PostgreSQL manual: "Array Functions and Operators").
#include <algorithm>

#include "expression/arguments.h"
#include "expression/array/families.h"
#include "expression/array/items.h"
#include "expression/expression.h"

namespace penstock::expression {
namespace {

const Value* dimension_of(const Value& value, std::int64_t dimension) {
  const Value* at = &value;
  for (; dimension > 1; --dimension) {
    const auto items = items_of(*at);
    if (items.empty()) return nullptr;
    at = &items[0];
  }
  return items_of(*at).empty() ? nullptr : at;
}
// length, lower and upper bound of a dimension; NULL where there is none.
enum class Bound { kLength, kLower, kUpper };
template <Bound bound>
Result<Value> array_bound(const Call& call) {
  const std::int32_t dimension = int_argument(call, 1);
  const Value* at = dimension > 0 ? dimension_of(call.arguments[0], dimension) : nullptr;
  if (at == nullptr) return Value(Null{});
  const auto length = static_cast<std::int64_t>(items_of(*at).size());
  const std::int64_t lower = lower_bound_of(call.arguments[0], dimension);
  const std::int64_t number = bound == Bound::kLength  ? length
                              : bound == Bound::kLower ? lower
                                                       : lower + length - 1;
  return Value(static_cast<std::int32_t>(number));
}

Result<Value> array_ndims(const Call& call) {
  const int dimensions = dimensions_of(call.arguments[0]);
  if (dimensions == 0) return Value(Null{});
  return Value(std::int32_t{dimensions});
}

std::int32_t count_all(const Value& value) {
  std::int32_t count = 0;
  for (const Value& item : items_of(value)) count += item.get<Array>() != nullptr ? count_all(item) : 1;
  return count;
}
Result<Value> cardinality(const Call& call) { return Value(count_all(call.arguments[0])); }

Result<Value> array_position(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  if (dimensions_of(call.arguments[0]) > 1)
    return bad_row("searching for elements in multidimensional arrays is not supported");
  const auto items = items_of(call.arguments[0]);
  // Where nothing can be found PostgreSQL does not look at the position.
  const bool has_null =
      std::any_of(items.begin(), items.end(), [](const Value& item) { return item.is_null(); });
  if (items.empty() || (call.arguments[1].is_null() && !has_null)) return Value(Null{});
  const std::int64_t lower = lower_bound_of(call.arguments[0], 1);
  std::int64_t start = lower;
  if (call.arguments.size() > 2) {
    if (call.arguments[2].is_null()) return bad_row("initial position must not be null");
    start = int_argument(call, 2);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::int64_t position = lower + static_cast<std::int64_t>(i);
    if (position >= start && same_item(items[i], call.arguments[1]))
      return Value(static_cast<std::int32_t>(position));
  }
  return Value(Null{});
}

Result<Value> array_positions(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  if (dimensions_of(call.arguments[0]) > 1)
    return bad_row("searching for elements in multidimensional arrays is not supported");
  const auto items = items_of(call.arguments[0]);
  const std::int64_t lower = lower_bound_of(call.arguments[0], 1);
  std::vector<Value> positions;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (same_item(items[i], call.arguments[1]))
      positions.emplace_back(static_cast<std::int32_t>(lower + static_cast<std::int64_t>(i)));
  }
  return array_from(call, positions);
}

void collect(const Value& array, std::vector<const Value*>& into) {
  for (const Value& item : items_of(array)) {
    if (item.get<Array>() != nullptr) {
      collect(item, into);
    } else {
      into.push_back(&item);
    }
  }
}
bool has_item(const std::vector<const Value*>& items, const Value& wanted) {
  return std::any_of(items.begin(), items.end(), [&wanted](const Value* item) {
    return !item->is_null() && !wanted.is_null() && compare(*item, wanted) == 0;
  });
}
template <std::size_t whole, std::size_t part>
Result<Value> contains_all(const Call& call) {
  std::vector<const Value*> left;
  std::vector<const Value*> right;
  collect(call.arguments[whole], left);
  collect(call.arguments[part], right);
  return Value(
      std::all_of(right.begin(), right.end(), [&left](const Value* item) { return has_item(left, *item); }));
}
Result<Value> overlaps(const Call& call) {
  std::vector<const Value*> left;
  std::vector<const Value*> right;
  collect(call.arguments[0], left);
  collect(call.arguments[1], right);
  return Value(
      std::any_of(right.begin(), right.end(), [&left](const Value* item) { return has_item(left, *item); }));
}

}  // namespace

std::vector<Function> array_functions() {
  using namespace oid;
  std::vector<Function> all = {
      {.name = "array_length",
       .arguments = {kAnyArray, kInt4},
       .result = kInt4,
       .call = array_bound<Bound::kLength>,
       .example = "array_length(array[1, 2, 3], 1) = 3"},
      {.name = "array_lower",
       .arguments = {kAnyArray, kInt4},
       .result = kInt4,
       .call = array_bound<Bound::kLower>,
       .example = "array_lower('[0:2]={1,2,3}'::int[], 1) = 0"},
      {.name = "array_upper",
       .arguments = {kAnyArray, kInt4},
       .result = kInt4,
       .call = array_bound<Bound::kUpper>,
       .example = "array_upper(array[1, 8, 3, 7], 1) = 4"},
      {.name = "array_ndims",
       .arguments = {kAnyArray},
       .result = kInt4,
       .call = array_ndims,
       .example = "array_ndims('{{1,2},{3,4}}'::int[]) = 2"},
      {.name = "cardinality",
       .arguments = {kAnyArray},
       .result = kInt4,
       .call = cardinality,
       .example = "cardinality('{{1,2},{3,4}}'::int[]) = 4"},
      {.name = "array_position",
       .arguments = {kAnyArray, kAnyElement},
       .result = kInt4,
       .call = array_position,
       .strict = false,
       .example = "array_position(array['a', 'b'], 'b') = 2"},
      {.name = "array_position",
       .arguments = {kAnyArray, kAnyElement, kInt4},
       .result = kInt4,
       .call = array_position,
       .strict = false,
       .example = "array_position(array[1, 2, 1], 1, 2) = 3"},
      {.name = "array_positions",
       .arguments = {kAnyArray, kAnyElement},
       .result = kInt4Array,
       .call = array_positions,
       .strict = false,
       .example = "array_positions(array[1, 2, 1], 1) = '{1,3}'"},
      {.name = "@>",
       .arguments = {kAnyArray, kAnyArray},
       .result = kBool,
       .call = contains_all<0, 1>,
       .example = "array[1, 4, 3] @> array[3, 1, 3]"},
      {.name = "<@",
       .arguments = {kAnyArray, kAnyArray},
       .result = kBool,
       .call = contains_all<1, 0>,
       .example = "array[2, 2, 7] <@ array[1, 7, 4, 2, 6]"},
      {.name = "&&",
       .arguments = {kAnyArray, kAnyArray},
       .result = kBool,
       .call = overlaps,
       .example = "array[1, 4, 3] && array[2, 1]"},
  };
  for (const auto& family : {array_changes(), array_texts()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace penstock::expression
