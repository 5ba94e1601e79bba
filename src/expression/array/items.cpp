#include "expression/array/items.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "expression/expression.h"

namespace penstock::expression {
namespace {

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

}  // namespace

std::span<const Value> items_of(const Value& value) {
  const auto* array = value.get<Array>();
  return array == nullptr ? std::span<const Value>{} : std::span<const Value>{array->items, array->size};
}

int dimensions_of(const Value& value) {
  const auto items = items_of(value);
  if (items.empty()) return 0;
  return 1 + (items[0].get<Array>() != nullptr ? dimensions_of(items[0]) : 0);
}

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

Value array_from(const Call& call, const std::vector<Value>& items, std::int64_t lower) {
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

}  // namespace penstock::expression
