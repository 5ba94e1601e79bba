// Arrays (PostgreSQL manual: "Array Functions and Operators").
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "expression/arguments.h"
#include "expression/expression.h"

namespace penstock::expression {
namespace {

std::span<const Value> items_of(const Value& value) {
  const auto* array = value.get<Array>();
  return array == nullptr ? std::span<const Value>{} : std::span<const Value>{array->items, array->size};
}

int dimensions_of(const Value& value) {
  const auto items = items_of(value);
  if (items.empty()) return 0;
  return 1 + (items[0].get<Array>() != nullptr ? dimensions_of(items[0]) : 0);
}

// Lower bounds that are not 1 stand before the text: "[2:3]={…}", "[0:1][5:6]={…}".
std::int64_t lower_bound_of(const Value& value, int dimension) {
  const auto* array = value.get<Array>();
  std::string_view text = array == nullptr ? std::string_view{} : array->text;
  for (int i = 1; text.starts_with('[');) {
    if (i++ < dimension) {
      text.remove_prefix(std::min(text.find(']') + 1, text.size()));
      continue;
    }
    std::int64_t bound = 1;
    std::from_chars(text.data() + 1, text.data() + text.size(), bound);
    return bound;
  }
  return 1;
}

bool must_quote(std::string_view text) {
  if (text.empty() || text.find_first_of("\"\\{}, \t\n\v\f\r") != std::string_view::npos) return true;
  constexpr std::string_view kNull = "null";
  return std::equal(text.begin(), text.end(), kNull.begin(), kNull.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

void append_item(std::string& out, const Value& item) {
  if (const auto* array = item.get<Array>()) {
    out += array->text;
    return;
  }
  if (item.is_null()) {
    out += "NULL";
    return;
  }
  const std::string text = to_text(item);
  if (!must_quote(text)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// `lower`: the first dimension's bound; the others begin at 1.
Value array_of(const Call& call, const std::vector<Value>& items, std::int64_t lower = 1) {
  std::string text;
  if (lower != 1 && !items.empty())
    text = fmt::format("[{}:{}]=", lower, lower + static_cast<std::int64_t>(items.size()) - 1);
  text += '{';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    append_item(text, items[i]);
  }
  text += '}';
  Value* kept = items.empty() ? nullptr : call.arena.array<Value>(items.size());
  std::copy(items.begin(), items.end(), kept);
  return Array{kept, static_cast<std::uint32_t>(items.size()), call.arena.copy(text)};
}

std::vector<Value> copy_items(const Value& value) {
  const auto items = items_of(value);
  return std::vector<Value>(items.begin(), items.end());
}
bool same_item(const Value& left, const Value& right) {
  if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
  return compare(left, right) == 0;
}

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
  return array_of(call, positions);
}

template <std::size_t array_at, bool in_front>
Result<Value> with_item(const Call& call) {
  const Value& array = call.arguments[array_at];
  const Value& item = call.arguments[1 - array_at];
  if (dimensions_of(array) > 1) return bad_row("argument must be empty or one-dimensional array");
  std::vector<Value> items = copy_items(array);
  const std::int64_t lower = items.empty() ? 1 : lower_bound_of(array, 1);
  items.insert(in_front ? items.begin() : items.end(), item);
  return array_of(call, items, lower);
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
    items.push_back(array_of(call, copy_items(right)));
  } else if (b.size() == a.size() + 1 && is_item(right, left, b, a)) {
    items = copy_items(right);
    items.insert(items.begin(), array_of(call, copy_items(left)));
    return array_of(call, items, lower_bound_of(right, 1));
  } else {
    return bad_row("cannot concatenate incompatible arrays");
  }
  return array_of(call, items, lower_bound_of(left, 1));
}

Result<Value> array_remove(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  if (dimensions_of(call.arguments[0]) > 1)
    return bad_row("removing elements from multidimensional arrays is not supported");
  std::vector<Value> items = copy_items(call.arguments[0]);
  const std::size_t before = items.size();
  std::erase_if(items, [&call](const Value& item) { return same_item(item, call.arguments[1]); });
  if (items.size() == before) return call.arguments[0];
  return array_of(call, items, lower_bound_of(call.arguments[0], 1));
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
  return array_of(call, items, lower);
}
Result<Value> array_replace(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  if (dimensions_of(call.arguments[0]) > 1 && lower_bound_of(call.arguments[0], 1) != 1)
    return bad_row("array_replace does not support arrays of several dimensions with lower bounds");
  return replaced(call, call.arguments[0], lower_bound_of(call.arguments[0], 1));
}

void append_joined(std::string& out, const Value& array, std::string_view separator,
                   const std::string_view* null_text, bool& first) {
  for (const Value& item : items_of(array)) {
    if (item.get<Array>() != nullptr) {
      append_joined(out, item, separator, null_text, first);
      continue;
    }
    if (item.is_null() && null_text == nullptr) continue;
    if (!first) out += separator;
    first = false;
    if (item.is_null()) {
      out += *null_text;
    } else {
      append_text(out, item);
    }
  }
}
Result<Value> array_to_string(const Call& call) {
  if (call.arguments[0].is_null() || call.arguments[1].is_null()) return Value(Null{});
  std::string_view null_text;
  const bool with_null_text = call.arguments.size() > 2 && !call.arguments[2].is_null();
  if (with_null_text) null_text = text_argument(call, 2);
  std::string out;
  bool first = true;
  append_joined(out, call.arguments[0], text_argument(call, 1), with_null_text ? &null_text : nullptr, first);
  return text_result(call, out);
}

Value text_or_null(std::string_view text, const Value* null_text) {
  if (null_text != nullptr && !null_text->is_null() && std::get<Text>(null_text->v).text == text)
    return Null{};
  return Text{text};
}
// A separator of NULL parts every character.
Result<Value> string_to_array(const Call& call) {
  if (call.arguments[0].is_null()) return Value(Null{});
  const Value* null_text = call.arguments.size() > 2 ? &call.arguments[2] : nullptr;
  std::string_view text = text_argument(call, 0);
  std::vector<Value> items;
  if (text.empty()) return array_of(call, items);
  const bool by_character = call.arguments[1].is_null();
  const std::string_view separator = by_character ? std::string_view{} : text_argument(call, 1);
  if (!by_character && separator.empty()) {
    items.push_back(text_or_null(text, null_text));
    return array_of(call, items);
  }
  for (bool more = true; more;) {
    std::size_t end = by_character ? 1 : text.find(separator);
    while (by_character && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    more = by_character ? end < text.size() : end != std::string_view::npos;
    items.push_back(text_or_null(text.substr(0, end), null_text));
    if (more) text.remove_prefix(end + separator.size());
  }
  return array_of(call, items);
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

std::vector<Function> changes() {
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

std::vector<Function> texts() {
  using namespace oid;
  return {
      {.name = "array_to_string",
       .arguments = {kAnyArray, kText},
       .result = kText,
       .call = array_to_string,
       .strict = false,
       .example = "array_to_string(array[1, null, 3], ',') = '1,3'"},
      {.name = "array_to_string",
       .arguments = {kAnyArray, kText, kText},
       .result = kText,
       .call = array_to_string,
       .strict = false,
       .example = "array_to_string(array['a', null], '-', '?') = 'a-?'"},
      {.name = "string_to_array",
       .arguments = {kText, kText},
       .result = kTextArray,
       .call = string_to_array,
       .strict = false,
       .example = "string_to_array('a,b', ',') = '{a,b}'"},
      {.name = "string_to_array",
       .arguments = {kText, kText, kText},
       .result = kTextArray,
       .call = string_to_array,
       .strict = false,
       .example = "string_to_array('xx~~yy', '~~', 'yy') = '{xx,NULL}'"},
  };
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
  for (const auto& family : {changes(), texts()}) all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace penstock::expression
