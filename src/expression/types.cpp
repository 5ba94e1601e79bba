#include "expression/types.h"

#include <algorithm>
#include <iterator>

#include "expression/function.h"

namespace penstock::expression {
namespace {

// PostgreSQL source: pg_type.dat.
constexpr TypeFacts kTypes[] = {
    {16, "boolean", "bool", 'B', true, 1000},
    {17, "bytea", "bytea", 'U', false, 1001},
    {18, "\"char\"", "char", 'Z', false, 1002},
    {19, "name", "name", 'S', false, 1003},
    {20, "bigint", "int8", 'N', false, 1016},
    {21, "smallint", "int2", 'N', false, 1005},
    {23, "integer", "int4", 'N', false, 1007},
    {25, "text", "text", 'S', true, 1009},
    {26, "oid", "oid", 'N', true, 1028},
    {114, "json", "json", 'U', false, 199},
    {142, "xml", "xml", 'U', false, 143},
    {600, "point", "point", 'G', false, 1017},
    {601, "lseg", "lseg", 'G', false, 1018},
    {602, "path", "path", 'G', false, 1019},
    {603, "box", "box", 'G', false, 1020},
    {604, "polygon", "polygon", 'G', false, 1027},
    {628, "line", "line", 'G', false, 629},
    {650, "cidr", "cidr", 'I', false, 651},
    {700, "real", "float4", 'N', false, 1021},
    {701, "double precision", "float8", 'N', true, 1022},
    {705, "unknown", "unknown", 'X', false, 0},
    {718, "circle", "circle", 'G', false, 719},
    {774, "macaddr8", "macaddr8", 'U', false, 775},
    {790, "money", "money", 'N', false, 791},
    {829, "macaddr", "macaddr", 'U', false, 1040},
    {869, "inet", "inet", 'I', true, 1041},
    {1042, "character", "bpchar", 'S', false, 1014},
    {1043, "character varying", "varchar", 'S', false, 1015},
    {1082, "date", "date", 'D', false, 1182},
    {1083, "time without time zone", "time", 'D', false, 1183},
    {1114, "timestamp without time zone", "timestamp", 'D', false, 1115},
    {1184, "timestamp with time zone", "timestamptz", 'D', true, 1185},
    {1186, "interval", "interval", 'T', true, 1187},
    {1266, "time with time zone", "timetz", 'D', false, 1270},
    {1560, "bit", "bit", 'V', false, 1561},
    {1562, "bit varying", "varbit", 'V', true, 1563},
    {1700, "numeric", "numeric", 'N', false, 1231},
    {2950, "uuid", "uuid", 'U', false, 2951},
    {3614, "tsvector", "tsvector", 'U', false, 3643},
    {3615, "tsquery", "tsquery", 'U', false, 3645},
    {3802, "jsonb", "jsonb", 'U', false, 3807},
    {4072, "jsonpath", "jsonpath", 'U', false, 4073},
};

template <class Matches>
const TypeFacts* find(Matches matches) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes), matches);
  return found == std::end(kTypes) ? nullptr : found;
}

// "timestamp(3) without time zone": the precision stands behind the first word.
std::string with_precision(std::string_view name, std::int32_t precision) {
  const std::size_t word = std::min(name.find(' '), name.size());
  return std::string(name.substr(0, word)) + "(" + std::to_string(precision) + ")" +
         std::string(name.substr(word));
}

constexpr std::int32_t kLengthHeader = 4;  // VARHDRSZ, part of the modifiers of varchar and numeric

std::string with_modifier(const TypeFacts& type, std::int32_t modifier) {
  switch (type.oid) {
    case oid::kNumeric: {
      const std::int32_t packed = modifier - kLengthHeader;
      const std::int32_t scale = ((packed & 0x7ff) ^ 1024) - 1024;
      return "numeric(" + std::to_string((packed >> 16) & 0xffff) + "," + std::to_string(scale) + ")";
    }
    case oid::kVarchar:
    case oid::kBpchar:
      return std::string(type.name) + "(" + std::to_string(modifier - kLengthHeader) + ")";
    case oid::kTime:
    case oid::kTimeTz:
    case oid::kTimestamp:
    case oid::kTimestampTz:
      return with_precision(type.name, modifier);
    case oid::kInterval: {
      constexpr std::int32_t kFullPrecision = 0xffff;
      const std::int32_t precision = modifier & 0xffff;
      return precision == kFullPrecision ? std::string(type.name) : with_precision(type.name, precision);
    }
    default:
      return std::string(type.name);
  }
}

}  // namespace

const TypeFacts* find_type(std::uint32_t oid) {
  return find([&](const TypeFacts& type) { return type.oid == oid; });
}

const TypeFacts* find_type(std::string_view name) {
  return find([&](const TypeFacts& type) { return type.internal == name || type.name == name; });
}

char category_of(std::uint32_t oid) {
  if (is_array(oid)) return 'A';
  const TypeFacts* type = find_type(oid);
  return type == nullptr ? 'U' : type->category;
}

bool is_preferred(std::uint32_t oid) {
  const TypeFacts* type = find_type(oid);
  return type != nullptr && type->preferred;
}

std::uint32_t array_of(std::uint32_t element) {
  const TypeFacts* type = find_type(element);
  return type == nullptr ? 0 : type->array;
}

std::uint32_t element_of(std::uint32_t array) {
  if (array == 0) return 0;
  const TypeFacts* type = find([&](const TypeFacts& other) { return other.array == array; });
  return type == nullptr ? 0 : type->oid;
}

bool is_string(std::uint32_t oid) { return oid == oid::kText || oid == oid::kVarchar || oid == oid::kBpchar; }

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const TypeFacts& type : kTypes) names.emplace_back(type.internal);
  return names;
}

std::string to_string(Type type) {
  if (const std::uint32_t element = element_of(type.oid); element != 0) {
    return to_string(Type{element, type.modifier}) + "[]";
  }
  const TypeFacts* facts = find_type(type.oid);
  if (facts == nullptr) return "type " + std::to_string(type.oid);
  return type.modifier < 0 ? std::string(facts->name) : with_modifier(*facts, type.modifier);
}

}  // namespace penstock::expression
