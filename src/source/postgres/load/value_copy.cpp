#include "source/postgres/load/value_copy.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>
#include <type_traits>

namespace penstock::postgres {
namespace {

template <class T>
constexpr bool kHasText = std::is_same_v<T, Decimal> || std::is_same_v<T, Text> || std::is_same_v<T, Date> ||
                          std::is_same_v<T, Timestamp> || std::is_same_v<T, Time> ||
                          std::is_same_v<T, Interval> || std::is_same_v<T, Json>;

const Value* copy_values(const Value* values, std::size_t count, Arena& arena) {
  if (values == nullptr) return nullptr;
  Value* copies = arena.array<Value>(count);
  for (std::size_t i = 0; i < count; ++i) copies[i] = copy_value(values[i], arena);
  return copies;
}

const StructField* copy_fields(const Struct& value, Arena& arena) {
  StructField* copies = arena.array<StructField>(value.size);
  for (std::size_t i = 0; i < value.size; ++i) {
    copies[i].name = arena.copy(value.fields[i].name);
    copies[i].value = copy_value(value.fields[i].value, arena);
  }
  return copies;
}

template <class T>
T copied(const T& value, Arena& arena) {
  T copy = value;
  if constexpr (kHasText<T>) {
    copy.text = arena.copy(value.text);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    copy.bytes = arena.copy(value.bytes);
  } else if constexpr (std::is_same_v<T, Array>) {
    copy.items = copy_values(value.items, value.size, arena);
    copy.text = arena.copy(value.text);
  } else if constexpr (std::is_same_v<T, Struct>) {
    copy.fields = copy_fields(value, arena);
    copy.text = arena.copy(value.text);
  } else if constexpr (std::is_same_v<T, Range>) {
    copy.lower = copy_values(value.lower, 1, arena);
    copy.upper = copy_values(value.upper, 1, arena);
  }
  return copy;
}

void append_bytes(std::string_view bytes, std::string& key) {
  const std::uint64_t size = bytes.size();
  key.append(reinterpret_cast<const char*>(&size), sizeof size);
  key.append(bytes);
}

template <class T>
void append_raw(const T& value, std::string& key) {
  static_assert(std::is_arithmetic_v<T>);
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// PostgreSQL prints numeric without exponent: equal numbers differ in zeros after the point and in the sign
// of 0.
std::string_view shortest_decimal(std::string_view text) {
  if (text.find('.') == std::string_view::npos) return text == "-0" ? text.substr(1) : text;
  while (text.back() == '0') text.remove_suffix(1);
  if (text.back() == '.') text.remove_suffix(1);
  return text == "-0" ? text.substr(1) : text;
}

void append_double(double value, std::string& key) {
  if (value == 0.0) value = 0.0;  // also -0
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  append_raw(value, key);
}

void append_side(const Value* side, bool inclusive, std::string& key) {
  key.push_back(side == nullptr ? 'u' : (inclusive ? 'i' : 'e'));
  if (side != nullptr) append_key(*side, key);
}

template <class T>
void append_one(const T& value, std::string& key) {
  if constexpr (std::is_same_v<T, Decimal>) {
    append_bytes(shortest_decimal(value.text), key);
  } else if constexpr (std::is_same_v<T, double>) {
    append_double(value, key);
  } else if constexpr (kHasText<T> || std::is_same_v<T, Array>) {
    append_bytes(value.text, key);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    append_bytes(value.bytes, key);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    key.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  } else if constexpr (std::is_same_v<T, Struct>) {
    append_raw(value.size, key);
    for (std::size_t i = 0; i < value.size; ++i) append_bytes(value.fields[i].name, key);
    for (std::size_t i = 0; i < value.size; ++i) append_key(value.fields[i].value, key);
  } else if constexpr (std::is_same_v<T, Range>) {
    key.push_back(value.empty ? 'x' : 'r');
    append_side(value.lower, value.lower_inclusive, key);
    append_side(value.upper, value.upper_inclusive, key);
  } else if constexpr (std::is_arithmetic_v<T>) {
    append_raw(value, key);
  }
}

}  // namespace

Value copy_value(const Value& value, Arena& arena) {
  return std::visit([&](const auto& held) { return Value(copied(held, arena)); }, value.v);
}

void append_key(const Value& value, std::string& key) {
  key.push_back(static_cast<char>(value.v.index()));
  std::visit([&](const auto& held) { append_one(held, key); }, value.v);
}

std::string key_of(const TableSchema& schema, const Value* row) {
  std::string key;
  for (const std::uint16_t column : schema.key) append_key(row[column], key);
  return key;
}

std::uint64_t hash_key(std::string_view key) { return std::hash<std::string_view>()(key); }

}  // namespace penstock::postgres
