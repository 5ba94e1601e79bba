#include "expression/sort_key.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "expression/clock_order.h"
#include "expression/function.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

constexpr char kNullFirst = '\x00';
constexpr char kPresent = '\x80';
constexpr char kNullLast = '\xff';

// Of numerics, in their order.
enum class Rank : char { kMinusInfinity, kNegative, kZero, kPositive, kPlusInfinity, kNaN };

void append_rank(std::string& out, Rank rank) { out += static_cast<char>(rank); }

constexpr std::uint64_t kSignBit = 1ULL << 63;

void append_word(std::string& out, std::uint64_t word) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((word >> shift) & 0xff);
}
void append_integer(std::string& out, std::int64_t number) {
  append_word(out, static_cast<std::uint64_t>(number) ^ kSignBit);
}

void append_double(std::string& out, double number) {
  if (std::isnan(number)) return append_word(out, ~0ULL);
  const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
  append_word(out, (bits & kSignBit) != 0 ? ~bits : bits | kSignBit);
}

void invert(std::string& out, std::size_t from) {
  std::for_each(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(),
                [](char& c) { c = static_cast<char>(~c); });
}

// 0.d1d2d3… times 10^exponent: the exponent, then two digits a byte from 1 on, ended by 0.
void append_magnitude(std::string& out, const DecimalParts& parts) {
  append_integer(out, parts.exponent + static_cast<std::int64_t>(parts.count));
  std::size_t left = parts.count - parts.trailing_zeros;
  int pending = -1;
  for (const char c : parts.digits) {
    if (c == '.') continue;
    if (left-- == 0) break;
    const int digit = c - '0';
    if (pending < 0) {
      pending = digit * 10;
    } else {
      out += static_cast<char>(pending + digit + 1);
      pending = -1;
    }
  }
  if (pending >= 0) out += static_cast<char>(pending + 1);
  out += '\0';
}

void append_decimal(std::string& out, std::string_view text) {
  if (text == "NaN") {
    append_rank(out, Rank::kNaN);
    return;
  }
  const DecimalParts parts = split_decimal(text);
  if (!parts.valid) {
    append_rank(out, text.starts_with('-') ? Rank::kMinusInfinity : Rank::kPlusInfinity);
  } else if (parts.digits.empty()) {
    append_rank(out, Rank::kZero);
  } else {
    append_rank(out, parts.negative ? Rank::kNegative : Rank::kPositive);
    const std::size_t from = out.size();
    append_magnitude(out, parts);
    if (parts.negative) invert(out, from);
  }
}

// Zero bytes are marked, so that the end is below everything.
void append_bytes(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    out += c;
    if (c == '\0') out += '\xff';
  }
  out.append(2, '\0');
}

class KeyWriter {
 public:
  KeyWriter(std::string& out, std::uint32_t type) : out_(out), type_(type) {}

  void operator()(Null) const {}
  void operator()(Unchanged) const {}
  void operator()(bool value) const { out_ += value ? '\1' : '\0'; }
  void operator()(std::int32_t value) const { append_integer(out_, value); }
  void operator()(std::int64_t value) const { append_integer(out_, value); }
  void operator()(double value) const { append_double(out_, value); }
  void operator()(const Decimal& value) const { append_decimal(out_, value.text); }
  void operator()(const Text& value) const {
    std::string_view text = value.text;
    if (type_ == oid::kBpchar) text = text.substr(0, text.find_last_not_of(' ') + 1);
    append_bytes(out_, text);
  }
  void operator()(const Bytes& value) const { append_bytes(out_, value.bytes); }
  void operator()(const Date& value) const { append_integer(out_, value.days); }
  void operator()(const Timestamp& value) const {
    // The last years are beyond the microseconds; their texts order as they do, and before "infinity".
    append_integer(out_, value.micros);
    const bool beyond = value.micros == kPlusInfinity && !value.text.empty() && value.text != "infinity";
    if (value.micros == kPlusInfinity) append_bytes(out_, beyond ? value.text : std::string_view("infinity"));
  }
  void operator()(const Time& value) const {
    const ClockTime time = clock_time(value.text);
    append_integer(out_, time.utc_micros);
    append_integer(out_, time.zone_seconds);
  }
  void operator()(const Interval& value) const {
    const IntervalSpan span = interval_span(value.text);
    append_integer(out_, span.days);
    append_integer(out_, span.micros);
  }
  void operator()(const Uuid& value) const {
    for (const std::uint8_t byte : value.bytes) out_ += static_cast<char>(byte);
  }
  void operator()(const Json& value) const { append_bytes(out_, value.text); }
  void operator()(const Array& value) const {
    for (std::uint32_t i = 0; i < value.size; ++i) item(value.items[i]);
    out_ += '\0';
  }
  void operator()(const Struct& value) const {
    for (std::uint32_t i = 0; i < value.size; ++i) item(value.fields[i].value);
    out_ += '\0';
  }
  void operator()(const Range& value) const {
    out_ += value.empty ? '\0' : '\1';
    if (value.empty) return;
    bound(value.lower, value.lower_inclusive ? '\1' : '\2', '\0');
    bound(value.upper, value.upper_inclusive ? '\2' : '\1', '\3');
  }

 private:
  // An item is more than the array's end.
  void item(const Value& value) const {
    out_ += '\1';
    append_sort_key(out_, value, 0);
  }
  void bound(const Value* value, char how, char absent) const {
    if (value == nullptr) {
      out_ += absent;
      return;
    }
    out_ += '\1';
    append_sort_key(out_, *value, 0);
    out_ += how;
  }

  std::string& out_;
  std::uint32_t type_;
};

}  // namespace

void append_sort_key(std::string& out, const Value& value, std::uint32_t type, SortDirection direction) {
  if (value.is_null()) {
    out += direction.nulls_first ? kNullFirst : kNullLast;
    return;
  }
  out += kPresent;
  const std::size_t from = out.size();
  std::visit(KeyWriter(out, type), value.v);
  if (direction.descending) invert(out, from);
}

}  // namespace penstock::expression
