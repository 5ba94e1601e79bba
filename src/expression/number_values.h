// Numbers out of the arguments of a Call and into its result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "expression/function.h"
#include "expression/numeric.h"

namespace penstock::expression {

template <class Number>
inline constexpr std::uint32_t kOidOf = 0;
template <>
inline constexpr std::uint32_t kOidOf<std::int16_t> = oid::kInt2;
template <>
inline constexpr std::uint32_t kOidOf<std::int32_t> = oid::kInt4;
template <>
inline constexpr std::uint32_t kOidOf<std::int64_t> = oid::kInt8;
template <>
inline constexpr std::uint32_t kOidOf<float> = oid::kFloat4;
template <>
inline constexpr std::uint32_t kOidOf<double> = oid::kFloat8;
template <>
inline constexpr std::uint32_t kOidOf<bool> = oid::kBool;
template <>
inline constexpr std::uint32_t kOidOf<Numeric> = oid::kNumeric;

// PostgreSQL's name of the type, as its messages have it.
template <class Number>
inline constexpr std::string_view kTypeName = {};
template <>
inline constexpr std::string_view kTypeName<std::int16_t> = "smallint";
template <>
inline constexpr std::string_view kTypeName<std::int32_t> = "integer";
template <>
inline constexpr std::string_view kTypeName<std::int64_t> = "bigint";
template <>
inline constexpr std::string_view kTypeName<float> = "real";
template <>
inline constexpr std::string_view kTypeName<double> = "double precision";

// The double of a real's shortest text, which is how reals lie in a Value.
double real_to_value(float number);
Value numeric_to_value(const Numeric& number, Arena& arena);
// Of a value of any number type; kInternal when it is none.
Result<Numeric> numeric_from_value(const Value& value);

// An argument as its declared type. Number: std::int16_t, std::int32_t, std::int64_t, float, double, bool.
template <class Number>
Number number_at(const Call& call, std::size_t index) {
  const Value& value = call.arguments[index];
  if constexpr (std::is_same_v<Number, std::int16_t> || std::is_same_v<Number, std::int32_t>) {
    const auto* number = value.get<std::int32_t>();
    return number != nullptr ? static_cast<Number>(*number) : Number{};
  } else if constexpr (std::is_same_v<Number, float>) {
    const auto* number = value.get<double>();
    return number != nullptr ? static_cast<float>(*number) : Number{};
  } else {
    const auto* number = value.get<Number>();
    return number != nullptr ? *number : Number{};
  }
}

template <class Number>
Value number_value(Number number) {
  if constexpr (std::is_same_v<Number, std::int16_t>) {
    return Value(static_cast<std::int32_t>(number));
  } else if constexpr (std::is_same_v<Number, float>) {
    return Value(real_to_value(number));
  } else {
    return Value(number);
  }
}

template <class Number>
Result<Value> out_of_range() {
  return fail(ErrorKind::kBadValue, std::string(kTypeName<Number>).append(" out of range"));
}
inline Result<Value> division_by_zero() { return fail(ErrorKind::kBadValue, "division by zero"); }

}  // namespace penstock::expression
