#include <algorithm>

#include "expression/arguments.h"
#include "expression/array/families.h"
#include "expression/array/items.h"

namespace penstock::expression {
namespace {

template <std::size_t array_at, bool in_front>
Result<Value> with_item(const Call& call) {
  const Value& array = call.arguments[array_at];
  const Value& item = call.arguments[1 - array_at];
  if (dimensions_of(array) > 1) return bad_row("argument must be empty or one-dimensional array");
  std::vector<Value> items = copy_items(array);
  const std::int64_t lower = items.empty() ? 1 : lower_bound_of(array, 1);
  items.insert(in_front ? items.begin() : items.end(), item);
  return array_from(call, items, lower);
}

std::vector<std::size_t> shape_of(const Value& value) {
  std::vector<std::size_t> shape;
  for (const Value* at = &value; at != nullptr && !items_of(*at).empty();) {
    shape.push_back(items_of(*at).size());
    at = items_of(*at)[0].get<Array>() != nullptr ? &items_of(*at)[0] : nullptr;
  }
  return shape;
}

// Whether lengths and bounds agree below the first dimension.
bool same_inner(const Value& left, const Value& right, const std::vector<std::size_t>& a,
                const std::vector<std::size_t>& b) {
  for (std::size_t i = 1; i < a.size(); ++i) {
    const int dimension = static_cast<int>(i) + 1;
    if (a[i] != b[i] || lower_bound_of(left, dimension) != lower_bound_of(right, dimension)) return false;
  }
  return true;
}
// Whether `inner` has the shape of an item of `outer`.
bool is_item(const Value& outer, const Value& inner, const std::vector<std::size_t>& a,
             const std::vector<std::size_t>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    const int dimension = static_cast<int>(i) + 1;
    if (a[i + 1] != b[i] || lower_bound_of(outer, dimension + 1) != lower_bound_of(inner, dimension))
      return false;
  }
  return true;
}

Result<Value> array_cat(const Call& call) {
  const Value& left = call.arguments[0];
  const Value& right = call.arguments[1];
  if (left.is_null()) return right;
  if (right.is_null()) return left;
  const std::vector<std::size_t> a = shape_of(left);
  const std::vector<std::size_t> b = shape_of(right);
  if (a.empty()) return right;
  if (b.empty()) return left;
  std::vector<Value> items = copy_items(left);
  if (a.size() == b.size() && same_inner(left, right, a, b)) {
    for (const Value& item : items_of(right)) items.push_back(item);
  } else if (a.size() == b.size() + 1 && is_item(left, right, a, b)) {
    items.push_back(array_from(call, copy_items(right)));
  } else if (b.size() == a.size() + 1 && is_item(right, left, b, a)) {
    items = copy_items(right);
    items.insert(items.begin(), array_from(call, copy_items(left)));
    return array_from(call, items, lower_bound_of(right, 1));
  } else {
    return bad_row("cannot concatenate incompatible arrays");
  }
  return array_from(call, items, lower_bound_of(left, 1));
}

Result<Value> array_remove(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  if (dimensions_of(call.arguments[0]) > 1)
    return bad_row("removing elements from multidimensional arrays is not supported");
  std::vector<Value> items = copy_items(call.arguments[0]);
  const std::size_t before = items.size();
  std::erase_if(items, [&call](const Value& item) { return same_item(item, call.arguments[1]); });
  if (items.size() == before) return call.arguments[0];
  return array_from(call, items, lower_bound_of(call.arguments[0], 1));
}

Value replaced(const Call& call, const Value& array, std::int64_t lower) {
  std::vector<Value> items = copy_items(array);
  for (Value& item : items) {
    if (item.get<Array>() != nullptr) {
      item = replaced(call, item, 1);
    } else if (same_item(item, call.arguments[1])) {
      item = call.arguments[2];
    }
  }
  return array_from(call, items, lower);
}
Result<Value> array_replace(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  if (dimensions_of(call.arguments[0]) > 1 && lower_bound_of(call.arguments[0], 1) != 1)
    return bad_row("array_replace does not support arrays of several dimensions with lower bounds");
  return replaced(call, call.arguments[0], lower_bound_of(call.arguments[0], 1));
}

}  // namespace

std::vector<Function> array_changes() {
  using namespace oid;
  return {
      {.name = "array_append",
       .arguments = {kAnyArray, kAnyElement},
       .result = kAnyArray,
       .call = with_item<0, false>,
       .strict = false,
       .example = "array_append(array[1, 2], 3) = '{1,2,3}'"},
      {.name = "array_prepend",
       .arguments = {kAnyElement, kAnyArray},
       .result = kAnyArray,
       .call = with_item<1, true>,
       .strict = false,
       .example = "array_prepend(1, array[2, 3]) = '{1,2,3}'"},
      {.name = "array_cat",
       .arguments = {kAnyArray, kAnyArray},
       .result = kAnyArray,
       .call = array_cat,
       .strict = false,
       .example = "array_cat(array[1, 2], array[3]) = '{1,2,3}'"},
      {.name = "||",
       .arguments = {kAnyArray, kAnyArray},
       .result = kAnyArray,
       .call = array_cat,
       .strict = false,
       .example = "array[1] || array[2, 3] = '{1,2,3}'"},
      {.name = "||",
       .arguments = {kAnyArray, kAnyElement},
       .result = kAnyArray,
       .call = with_item<0, false>,
       .strict = false,
       .example = "array[1, 2] || 3 = '{1,2,3}'"},
      {.name = "||",
       .arguments = {kAnyElement, kAnyArray},
       .result = kAnyArray,
       .call = with_item<1, true>,
       .strict = false,
       .example = "1 || array[2, 3] = '{1,2,3}'"},
      {.name = "array_remove",
       .arguments = {kAnyArray, kAnyElement},
       .result = kAnyArray,
       .call = array_remove,
       .strict = false,
       .example = "array_remove(array[1, 2, 1], 1) = '{2}'"},
      {.name = "array_replace",
       .arguments = {kAnyArray, kAnyElement, kAnyElement},
       .result = kAnyArray,
       .call = array_replace,
       .strict = false,
       .example = "array_replace(array[1, 2], 2, 5) = '{1,5}'"},
  };
}

}  // namespace penstock::expression
