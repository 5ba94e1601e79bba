#include <algorithm>
#include <array>

#include "expression/aggregate/accumulator.h"
#include "expression/function.h"
#include "expression/types.h"

namespace penstock::expression {
namespace {

constexpr std::uint32_t kMoney = 790;
constexpr std::uint32_t kInet = 869;

std::string_view name_of(AggregateKind kind) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
      return "count";
    case AggregateKind::kSum:
      return "sum";
    case AggregateKind::kAvg:
      return "avg";
    case AggregateKind::kMin:
      return "min";
    case AggregateKind::kMax:
      return "max";
    case AggregateKind::kBoolAnd:
      return "bool_and";
    case AggregateKind::kBoolOr:
      return "bool_or";
    case AggregateKind::kArrayAgg:
      return "array_agg";
    case AggregateKind::kFirstValue:
      return "first_value";
    case AggregateKind::kLastValue:
      return "last_value";
  }
  return "aggregate";
}

std::string signature(AggregateKind kind, Type argument) {
  return std::string(name_of(kind)) + "(" + to_string(Type{argument.oid, -1}) + ")";
}

Result<Type> no_such(AggregateKind kind, Type argument) {
  return fail(ErrorKind::kConfiguration, "function " + signature(kind, argument) + " does not exist");
}
Result<Type> not_yet(AggregateKind kind, Type argument, std::string remedy) {
  return fail(ErrorKind::kConfiguration, signature(kind, argument) + " is not supported", std::move(remedy));
}

Result<Type> sum_type(AggregateKind kind, Type argument) {
  const bool average = kind == AggregateKind::kAvg;
  switch (argument.oid) {
    case oid::kInt2:
    case oid::kInt4:
      return Type{average ? oid::kNumeric : oid::kInt8};
    case oid::kInt8:
    case oid::kNumeric:
      return Type{oid::kNumeric};
    case oid::kFloat4:
      return Type{average ? oid::kFloat8 : oid::kFloat4};
    case oid::kFloat8:
      return Type{oid::kFloat8};
    case oid::kInterval:
      return not_yet(kind, argument, "take it of extract(epoch from …), which is a number of seconds");
    case kMoney:
      return not_yet(kind, argument, "use a numeric column");
    default:
      return no_such(kind, argument);
  }
}

Result<Type> edge_type(AggregateKind kind, Type argument) {
  constexpr std::array kOrdered{oid::kInt2,      oid::kInt4,        oid::kInt8,    oid::kOid,
                                oid::kFloat4,    oid::kFloat8,      oid::kNumeric, oid::kText,
                                oid::kBpchar,    oid::kDate,        oid::kTime,    oid::kTimeTz,
                                oid::kTimestamp, oid::kTimestampTz, oid::kInterval};
  if (argument.oid == oid::kVarchar) return Type{oid::kText};
  if (argument.oid == kMoney || argument.oid == kInet)
    return not_yet(kind, argument, "its order is not that of its text");
  if (is_array(argument.oid) || std::find(kOrdered.begin(), kOrdered.end(), argument.oid) != kOrdered.end())
    return Type{argument.oid};
  return no_such(kind, argument);
}

}  // namespace

Result<Type> aggregate_result_type(AggregateKind kind, Type argument) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
      return Type{oid::kInt8};
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return sum_type(kind, argument);
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return edge_type(kind, argument);
    case AggregateKind::kBoolAnd:
    case AggregateKind::kBoolOr:
      if (argument.oid != oid::kBool) return no_such(kind, argument);
      return Type{oid::kBool};
    case AggregateKind::kArrayAgg:
      break;
    case AggregateKind::kFirstValue:
    case AggregateKind::kLastValue:
      return argument;
  }
  if (is_array(argument.oid)) return not_yet(kind, argument, "arrays of arrays cannot be collected");
  const std::uint32_t array = array_of(argument.oid);
  if (array == 0) return not_yet(kind, argument, "cast the argument to text");
  return Type{array};
}

}  // namespace penstock::expression
