// The table of operators, functions and casts that expressions may use, under PostgreSQL's names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

// OIDs of pg_type that never change (PostgreSQL source: pg_type.dat).
namespace oid {
inline constexpr std::uint32_t kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
                               kOid = 26, kJson = 114, kFloat4 = 700, kFloat8 = 701, kUnknown = 705,
                               kBpchar = 1042, kVarchar = 1043, kDate = 1082, kTime = 1083, kTimestamp = 1114,
                               kTimestampTz = 1184, kInterval = 1186, kTimeTz = 1266, kNumeric = 1700,
                               kUuid = 2950, kJsonb = 3802, kAnyArray = 2277, kAnyElement = 2283,
                               kTextArray = 1009, kInt4Array = 1007, kInt8Array = 1016, kNumericArray = 1231;
}  // namespace oid

// How a value of a type lies in a Value: int2 and int4 std::int32_t, int8 and oid std::int64_t, float4 and
// float8 double (float4: the double of its shortest text; compute with static_cast<float>), numeric Decimal
// (text with its scale), text and everything printed Text, timestamps Timestamp (`text` may be empty when
// micros are finite), intervals Interval (IntervalStyle postgres), and so on as pgtype decodes them.
struct Call {
  std::span<const Value> arguments;  // as declared; none is NULL when the function is strict
  Arena& arena;                      // for what the result borrows
  std::int32_t modifier = -1;        // of the target type, for casts
};
using Implementation = Result<Value> (*)(const Call& call);

struct Function {
  std::string_view name;                 // lower("upper"), or an operator: "+", "||", "~*"; a cast: "::"
  std::vector<std::uint32_t> arguments;  // a prefix operator has one
  std::uint32_t result = 0;
  Implementation call = nullptr;
  bool strict = true;     // NULL in, NULL out, without a call
  bool variadic = false;  // the last argument may be repeated, also not at all
  // For casts: 'i' implicit, 'a' assignment, 'e' explicit (pg_cast.castcontext).
  char cast_context = 'e';
  // One line for docs/expressions.md: an example that is also a test, "upper('Nguyễn') = 'NGUYỄN'".
  std::string_view example = {};
};

// Each family has a file of its own; functions() puts them together, once.
std::vector<Function> comparison_functions();  // = <> < <= > >= of every type, like, ilike
std::vector<Function> integer_functions();     // int2, int4, int8: overflow is PostgreSQL's error
std::vector<Function> float_functions();
std::vector<Function> numeric_functions();
std::vector<Function> cast_functions();  // between numbers, text and bool
std::vector<Function> text_functions();
std::vector<Function> pattern_functions();   // ~ ~* regexp_replace and friends
std::vector<Function> hash_functions();      // md5, sha256
std::vector<Function> datetime_functions();  // date_trunc, extract, arithmetic, at time zone, their casts
std::vector<Function> format_functions();    // to_char
std::vector<Function> json_functions();
std::vector<Function> array_functions();
const std::vector<Function>& functions();

}  // namespace penstock::expression
