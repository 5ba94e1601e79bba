#include "expression/compare.h"

#include <cmath>
#include <vector>

#include "expression/array_text.h"
#include "expression/datetime/interval.h"
#include "expression/datetime/moment.h"
#include "expression/expression.h"
#include "expression/function.h"
#include "expression/types.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

template <class T>
int three_way(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

int compare_doubles(double left, double right) {
  if (std::isnan(left) || std::isnan(right)) return three_way(std::isnan(left), std::isnan(right));
  return three_way(left, right);
}

// Bytes, unsigned.
int compare_bytes(std::string_view left, std::string_view right) { return left.compare(right); }

std::string_view without_padding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// timetz: by its moment, then the one further east first.
int compare_times(const Time& left, const Time& right) {
  const auto left_offset = offset_of(left.text);
  const auto right_offset = offset_of(right.text);
  if (!left_offset || !right_offset) return compare_bytes(left.text, right.text);
  const auto moment = [](const Time& time, std::int64_t offset) {
    return time_of_day(time.text).value_or(0) - offset * kMicrosPerSecond;
  };
  const int order = three_way(moment(left, *left_offset), moment(right, *right_offset));
  return order != 0 ? order : three_way(*right_offset, *left_offset);
}

// The elements of an array of any depth, in order.
void add_elements(std::vector<const Value*>& to, const Array& array) {
  for (std::uint32_t i = 0; i < array.size; ++i) {
    if (const auto* inner = array.items[i].get<Array>(); inner != nullptr) {
      add_elements(to, *inner);
    } else {
      to.push_back(&array.items[i]);
    }
  }
}

std::vector<std::uint32_t> sizes_of(const Array& array) {
  std::vector<std::uint32_t> sizes;
  for (const Array* at = &array; at != nullptr && at->size > 0; at = at->items[0].get<Array>()) {
    sizes.push_back(at->size);
  }
  return sizes;
}

// Elements first, then how many there are, then the dimensions and their bounds.
int compare_arrays(const Array& left, const Array& right) {
  std::vector<const Value*> one, other;
  add_elements(one, left);
  add_elements(other, right);
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    const int order = compare(*one[i], *other[i]);
    if (order != 0) return order;
  }
  if (one.size() != other.size()) return three_way(one.size(), other.size());
  const std::vector<std::uint32_t> one_sizes = sizes_of(left);
  const std::vector<std::uint32_t> other_sizes = sizes_of(right);
  if (one_sizes.size() != other_sizes.size()) return three_way(one_sizes.size(), other_sizes.size());
  if (one_sizes != other_sizes) return three_way(one_sizes, other_sizes);
  const auto bounds = [](const Array& array, std::size_t count) {
    std::vector<std::int64_t> first = lower_bounds(array.text);
    first.resize(count, 1);
    return first;
  };
  return three_way(bounds(left, one_sizes.size()), bounds(right, other_sizes.size()));
}

int compare_structs(const Struct& left, const Struct& right) {
  for (std::uint32_t i = 0; i < left.size && i < right.size; ++i) {
    const int order = compare(left.fields[i].value, right.fields[i].value);
    if (order != 0) return order;
  }
  return three_way(left.size, right.size);
}

// Of two values of one kind.
struct Order {
  const Value& right;

  template <class T>
  const T& other() const {
    return std::get<T>(right.v);
  }

  int operator()(Null) const { return 0; }
  int operator()(Unchanged) const { return 0; }
  int operator()(bool left) const { return three_way(left, other<bool>()); }
  int operator()(std::int32_t left) const { return three_way(left, other<std::int32_t>()); }
  int operator()(std::int64_t left) const { return three_way(left, other<std::int64_t>()); }
  int operator()(double left) const { return compare_doubles(left, other<double>()); }
  int operator()(const Decimal& left) const { return compare_decimals(left.text, other<Decimal>().text); }
  int operator()(const Text& left) const { return compare_bytes(left.text, other<Text>().text); }
  int operator()(const Bytes& left) const { return compare_bytes(left.bytes, other<Bytes>().bytes); }
  int operator()(const Date& left) const { return three_way(left.days, other<Date>().days); }
  int operator()(const Timestamp& left) const {
    return three_way(moment_of(left), moment_of(other<Timestamp>()));
  }
  int operator()(const Time& left) const { return compare_times(left, other<Time>()); }
  int operator()(const Interval& left) const { return compare_intervals(left, other<Interval>()); }
  int operator()(const Uuid& left) const { return three_way(left.bytes, other<Uuid>().bytes); }
  int operator()(const Json& left) const { return compare_jsonb(left.text, other<Json>().text); }
  int operator()(const Array& left) const { return compare_arrays(left, other<Array>()); }
  int operator()(const Struct& left) const { return compare_structs(left, other<Struct>()); }
  int operator()(const Range&) const { return 0; }
};

int compare_padded(const Value& left, const Value& right) {
  return compare_bytes(without_padding(std::get<Text>(left.v).text),
                       without_padding(std::get<Text>(right.v).text));
}

int sign_of(const DecimalParts& parts) {
  if (parts.digits.empty()) return 0;
  return parts.negative ? -1 : 1;
}

// Digits from the first that is not 0, one behind the other; the shorter one goes on with zeros.
int compare_digits(std::string_view left, std::string_view right) {
  std::size_t i = 0;
  std::size_t j = 0;
  const auto next = [](std::string_view digits, std::size_t& at) {
    if (at < digits.size() && digits[at] == '.') ++at;
    return at < digits.size() ? digits[at++] : '0';
  };
  while (i < left.size() || j < right.size()) {
    const int order = three_way(next(left, i), next(right, j));
    if (order != 0) return order;
  }
  return 0;
}

// -Infinity, finite, Infinity, NaN.
int rank_of(std::string_view text, const DecimalParts& parts) {
  if (parts.valid) return 1;
  return text.starts_with('-') ? 0 : text == "NaN" ? 3 : 2;
}

}  // namespace

int compare_decimals(std::string_view left, std::string_view right) {
  if (left == right) return 0;
  const DecimalParts one = split_decimal(left);
  const DecimalParts other = split_decimal(right);
  if (!one.valid || !other.valid) return three_way(rank_of(left, one), rank_of(right, other));
  const int sign = sign_of(one);
  if (sign != sign_of(other)) return three_way(sign, sign_of(other));
  if (sign == 0) return 0;
  const auto magnitude = [](const DecimalParts& parts) {
    return static_cast<std::int64_t>(parts.count) + parts.exponent;
  };
  int order = three_way(magnitude(one), magnitude(other));
  if (order == 0) order = compare_digits(one.digits, other.digits);
  return sign * order;
}

int compare(const Value& left, const Value& right) {
  if (left.v.index() == right.v.index()) return std::visit(Order{right}, left.v);
  if (left.is_null() || right.is_null()) return left.is_null() ? 1 : -1;
  return three_way(left.v.index(), right.v.index());  // values of one type are of one kind
}

Comparison comparison_of(std::uint32_t type) {
  constexpr std::uint32_t kName = 19, kBit = 1560, kVarbit = 1562;
  switch (type) {
    case oid::kBpchar:
      return compare_padded;
    case oid::kBool:
    case oid::kBytea:
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kOid:
    case oid::kFloat4:
    case oid::kFloat8:
    case oid::kNumeric:
    case oid::kText:
    case oid::kVarchar:
    case kName:
    case kBit:
    case kVarbit:
    case oid::kDate:
    case oid::kTime:
    case oid::kTimeTz:
    case oid::kTimestamp:
    case oid::kTimestampTz:
    case oid::kInterval:
    case oid::kUuid:
    case oid::kJsonb:
      return compare;
    default:
      break;
  }
  const std::uint32_t element = element_of(type);
  return element != 0 && comparison_of(element) != nullptr ? compare : nullptr;
}

}  // namespace penstock::expression
