#include "model/stored_size.h"

#include <type_traits>

namespace penstock {
namespace {

constexpr std::size_t kNumber = 9;  // its type and eight bytes

std::size_t size_of(const Array& array) {
  std::size_t size = kNumber;
  for (std::uint32_t i = 0; i < array.size; ++i) size += 4 + stored_size(array.items[i]);
  return size;
}

std::size_t size_of(const Struct& fields) {
  std::size_t size = kNumber;
  for (std::uint32_t i = 0; i < fields.size; ++i)
    size += fields.fields[i].name.size() + 2 + stored_size(fields.fields[i].value);
  return size;
}

std::size_t size_of(const Range& range) {
  std::size_t size = 4 * kNumber;
  for (const Value* end : {range.lower, range.upper})
    if (end != nullptr) size += stored_size(*end);
  return size;
}

}  // namespace

std::size_t stored_size(const Value& value) {
  return std::visit(
      [](const auto& one) -> std::size_t {
        using One = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<One, Unchanged>) {
          return 0;
        } else if constexpr (std::is_same_v<One, Array> || std::is_same_v<One, Struct> ||
                             std::is_same_v<One, Range>) {
          return size_of(one);
        } else if constexpr (std::is_same_v<One, Text> || std::is_same_v<One, Json> ||
                             std::is_same_v<One, Time> || std::is_same_v<One, Interval>) {
          return kNumber + one.text.size();
        } else if constexpr (std::is_same_v<One, Bytes>) {
          return kNumber + one.bytes.size();
        } else if constexpr (std::is_same_v<One, Uuid> || std::is_same_v<One, Decimal>) {
          return 2 * kNumber;
        } else {
          return kNumber;
        }
      },
      value.v);
}

std::size_t stored_size(const DocumentWrite& write) {
  if (write.fields == nullptr) return 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < write.shape->fields.size(); ++i)
    size += write.shape->fields[i].name.size() + 2 + stored_size(write.fields[i]);
  return size;
}

}  // namespace penstock
