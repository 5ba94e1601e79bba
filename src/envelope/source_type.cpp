#include "envelope/source_type.h"

#include <algorithm>
#include <cctype>

namespace penstock::envelope {
namespace {

constexpr int kUnlimited = 2147483647;

struct Size {
  int length = kUnlimited;
  int scale = 0;
};

// Of times of day and timestamps: `base` is the length without digits of seconds.
Size time_size(int base, std::int32_t modifier) {
  const int digits = modifier < 0 ? 6 : modifier;
  // One digit is counted as two: pgjdbc has seen PostgreSQL print two.
  const int shown = digits == 0 ? 0 : digits == 1 ? 3 : digits + 1;
  return {base + shown, digits};
}

Size size_of(std::uint32_t type, std::int32_t modifier) {
  switch (type) {
    case 21:
      return {5};
    case 23:
    case 26:
      return {10};
    case 20:
      return {19};
    case 700:
      return {8, 8};
    case 701:
      return {17, 17};
    case 16:
    case 18:
      return {1};
    case 1700:
      if (modifier < 4) return {131089};
      return {((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0xffff};
    case 1042:
    case 1043:
      return {modifier < 4 ? kUnlimited : modifier - 4};
    case 1560:
    case 1562:
      return {modifier < 0 ? kUnlimited : modifier};
    case 1082:
      return {13};
    case 1083:
      return time_size(8, modifier);
    case 1266:
      return time_size(14, modifier);
    case 1114:
      return time_size(22, modifier);
    case 1184:
      return time_size(28, modifier);
    case 1186:
      return {49, modifier < 0 ? 6 : modifier & 0xffff};
    default:
      return {};
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> source_type_parameters(const ColumnFacts& column) {
  std::string type = column.source_type;
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const Size size = size_of(column.element != 0 ? column.element : column.type, column.modifier);
  const std::string prefix = "__debezium.source.column.";
  return {{prefix + "type", type},
          {prefix + "length", std::to_string(size.length)},
          {prefix + "scale", std::to_string(size.scale)},
          {prefix + "name", column.name}};
}

}  // namespace penstock::envelope
