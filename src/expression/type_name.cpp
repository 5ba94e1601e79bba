#include "expression/type_name.h"

#include <algorithm>

#include "base/nearest.h"
#include "expression/function.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

constexpr std::int32_t kLengthHeader = 4;  // VARHDRSZ

tl::unexpected<Error> refuse(std::string message, std::string remedy = {}) {
  return fail(ErrorKind::kConfiguration, std::move(message), std::move(remedy));
}

Result<std::vector<std::int32_t>> numbers_of(const Tree& name, const Source& source) {
  std::vector<std::int32_t> numbers;
  for (const Tree& item : name.children("typmods")) {
    const bool is_number = item.tag() == "A_Const" && item.has("ival");
    if (!is_number) return refuse("type modifiers must be whole numbers");
    numbers.push_back(integer_of(item, source));
  }
  return numbers;
}

std::string bounds(const std::string& what, std::int32_t given, const std::string& least,
                   const std::string& most) {
  return what + " " + std::to_string(given) + " must be between " + least + " and " + most;
}

Result<std::int32_t> numeric(const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t kMostDigits = 1000;
  if (numbers.size() > 2) return refuse("invalid NUMERIC type modifier");
  const std::int32_t precision = numbers[0];
  const std::int32_t scale = numbers.size() > 1 ? numbers[1] : 0;
  if (precision < 1 || precision > kMostDigits) {
    return refuse(bounds("NUMERIC precision", precision, "1", "1000"));
  }
  if (scale < -kMostDigits || scale > kMostDigits) {
    return refuse(bounds("NUMERIC scale", scale, "-1000", "1000"));
  }
  return numeric_modifier(precision, scale);
}

Result<std::int32_t> length(const std::vector<std::int32_t>& numbers, const std::string& type) {
  constexpr std::int32_t kMost = 10 * 1024 * 1024;
  if (numbers.size() != 1) return refuse("invalid type modifier");
  if (numbers[0] < 1) return refuse("length for type " + type + " must be at least 1");
  if (numbers[0] > kMost)
    return refuse("length for type " + type + " cannot exceed " + std::to_string(kMost));
  return numbers[0] + kLengthHeader;
}

constexpr std::int32_t kMostSecondDigits = 6;

// PostgreSQL takes more digits of a second than it keeps for as many as it keeps.
Result<std::int32_t> precision(const std::vector<std::int32_t>& numbers, const std::string& type) {
  if (numbers.size() != 1) return refuse("invalid type modifier");
  if (numbers[0] < 0)
    return refuse(type + "(" + std::to_string(numbers[0]) + ") precision must not be negative");
  return std::min(numbers[0], kMostSecondDigits);
}

// The fields (a mask) and the digits of a second.
Result<std::int32_t> interval(const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t kFullRange = 0x7fff;
  constexpr std::int32_t kFullPrecision = 0xffff;
  if (numbers.size() > 2) return refuse("invalid INTERVAL type modifier");
  if (numbers.size() == 1) {
    if (numbers[0] == kFullRange) return -1;
    return (numbers[0] << 16) | kFullPrecision;
  }
  if (numbers[1] < 0) {
    return refuse("INTERVAL(" + std::to_string(numbers[1]) + ") precision must not be negative");
  }
  return ((numbers[0] & kFullRange) << 16) | std::min(numbers[1], kMostSecondDigits);
}

Result<std::int32_t> modifier_of(std::uint32_t type, const std::vector<std::int32_t>& numbers) {
  switch (type) {
    case oid::kNumeric:
      return numeric(numbers);
    case oid::kVarchar:
      return length(numbers, "varchar");
    case oid::kBpchar:
      return length(numbers, "char");
    case oid::kTime:
    case oid::kTimeTz:
      return precision(numbers, "TIME");
    case oid::kTimestamp:
    case oid::kTimestampTz:
      return precision(numbers, "TIMESTAMP");
    case oid::kInterval:
      return interval(numbers);
    default:
      return refuse("type modifier is not allowed for type \"" + to_string(Type{type}) + "\"");
  }
}

}  // namespace

Result<Type> resolve_type_name(const Tree& name, const Source& source) {
  const std::vector<std::string> names = name.names("names");
  if (names.size() > 2 || (names.size() == 2 && names[0] != "pg_catalog")) {
    return refuse("types of other schemas are not supported in expressions",
                  "Cast to a type of PostgreSQL's own; an enum's or domain's values are taken as its text or "
                  "base type.");
  }
  const TypeFacts* facts = find_type(std::string_view(names.back()));
  if (facts == nullptr || facts->oid == oid::kUnknown) {
    return refuse("type \"" + names.back() + "\" does not exist" + did_you_mean(names.back(), type_names()));
  }
  if (name.flag("setof") || name.flag("pct_type")) return refuse("this type has no single values");
  PENSTOCK_ASSIGN(const std::vector<std::int32_t> numbers, numbers_of(name, source));
  Type type{facts->oid};
  if (!numbers.empty()) {
    PENSTOCK_ASSIGN(type.modifier, modifier_of(facts->oid, numbers));
  }
  if (name.has("arrayBounds")) {
    if (facts->array == 0) return refuse("there are no arrays of " + to_string(Type{facts->oid}));
    type.oid = facts->array;
  }
  return type;
}

}  // namespace penstock::expression
