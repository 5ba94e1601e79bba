#include "model/value.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "model/number_text.h"

namespace penstock {
namespace {

// In the order of Value::Variant.
constexpr std::string_view kKindNames[] = {"null",     "unchanged", "bool",  "int32", "int64",     "double",
                                           "decimal",  "text",      "bytes", "date",  "timestamp", "time",
                                           "interval", "uuid",      "json",  "array", "struct",    "range"};
static_assert(std::size(kKindNames) == std::variant_size_v<Value::Variant>);

constexpr std::size_t kDescribedBytes = 80;

bool same_bound(const Value* left, const Value* right) {
  if (left == nullptr || right == nullptr) return left == right;
  return same_value(*left, *right);
}

// Equality of two values of one kind.
struct Same {
  const Value& right;

  bool operator()(Null) const { return true; }
  bool operator()(Unchanged) const { return true; }
  bool operator()(double left) const {
    const double other = std::get<double>(right.v);
    return left == other || (std::isnan(left) && std::isnan(other));
  }
  bool operator()(const Decimal& left) const {
    return same_decimal(left.text, std::get<Decimal>(right.v).text);
  }
  bool operator()(const Bytes& left) const { return left.bytes == std::get<Bytes>(right.v).bytes; }
  bool operator()(const Date& left) const { return left.days == std::get<Date>(right.v).days; }
  bool operator()(const Timestamp& left) const {
    const Timestamp& other = std::get<Timestamp>(right.v);
    return left.micros == other.micros && (left.micros != kPlusInfinity || left.text == other.text);
  }
  bool operator()(const Uuid& left) const { return left.bytes == std::get<Uuid>(right.v).bytes; }
  bool operator()(const Range& left) const {
    const Range& other = std::get<Range>(right.v);
    return left.empty == other.empty && left.lower_inclusive == other.lower_inclusive &&
           left.upper_inclusive == other.upper_inclusive && same_bound(left.lower, other.lower) &&
           same_bound(left.upper, other.upper);
  }
  template <class T>
  requires requires(const T& value) { value.text; }
  bool operator()(const T& left) const { return left.text == std::get<T>(right.v).text; }
  template <class T>
  requires std::is_integral_v<T>
  bool operator()(T left) const { return left == std::get<T>(right.v); }
};

}  // namespace

std::string_view kind_name(const Value& value) { return kKindNames[value.v.index()]; }

std::string describe(const Value& value) {
  std::string out(kind_name(value));
  if (value.is_null() || value.is_unchanged()) return out;
  // Bytes are not printed whole only to be cut.
  std::string text;
  if (const auto* bytes = value.get<Bytes>()) {
    append_text(text, Bytes{bytes->bytes.substr(0, kDescribedBytes)});
  } else {
    append_text(text, value);
  }
  std::size_t shown = std::min(text.size(), kDescribedBytes);
  while (shown < text.size() && shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xC0) == 0x80)
    --shown;
  out.append(1, ' ').append(text, 0, shown);
  if (shown < text.size()) out += "…";
  return out;
}

bool same_value(const Value& left, const Value& right) {
  return left.v.index() == right.v.index() && std::visit(Same{right}, left.v);
}

}  // namespace penstock
