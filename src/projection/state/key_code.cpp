#include "projection/state/key_code.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "model/number_text.h"

namespace penstock {
namespace {

constexpr std::uint64_t kSign = 1ULL << 63;
constexpr double kTwoTo63 = 9223372036854775808.0;

// First byte of a part. They differ by kind only where one column may hold several.
enum Tag : std::uint8_t {
  kEnd = 0x00,  // of a list
  kFalse = 0x08,
  kTrue = 0x09,
  kMinusInfinite = 0x10,
  kNegative = 0x11,
  kZero = 0x12,
  kPositive = 0x13,
  kInfinite = 0x14,
  kNotANumber = 0x15,
  kText = 0x20,
  kBytes = 0x21,
  kDay = 0x28,
  kMoment = 0x29,
  kUuid = 0x2A,
  kList = 0x30,
  kRange = 0x31,
  kNull = 0xF0,  // inside lists
};

class KeyWriter {
 public:
  KeyWriter(std::string& out, bool padded) : out_(out), padded_(padded) {}

  bool operator()(Null) const { return false; }
  bool operator()(Unchanged) const { return false; }
  bool operator()(bool value) const { return tag(value ? kTrue : kFalse); }
  bool operator()(std::int32_t value) const { return decimal(std::to_string(value)); }
  bool operator()(std::int64_t value) const { return decimal(std::to_string(value)); }
  bool operator()(double value) const {
    std::string text;
    append_double(text, value);
    return decimal(text);
  }
  bool operator()(const Decimal& value) const { return decimal(value.text); }
  bool operator()(const Text& value) const {
    std::string_view text = value.text;
    if (padded_) text = text.substr(0, text.find_last_not_of(' ') + 1);
    return string(text);
  }
  bool operator()(const Bytes& value) const {
    tag(kBytes);
    for (const char c : value.bytes) {
      out_ += c;
      if (c == '\0') out_ += '\xFF';
    }
    out_.append(2, '\0');
    return true;
  }
  bool operator()(const Date& value) const {
    tag(kDay);
    append_integer_key(out_, value.days);
    return true;
  }
  bool operator()(const Timestamp& value) const {
    tag(kMoment);
    const bool beyond = value.micros == kPlusInfinity && !value.text.empty() && value.text != "infinity";
    append_integer_key(out_, beyond ? value.micros - 1 : value.micros);
    if (beyond) string(value.text);
    return true;
  }
  bool operator()(const Uuid& value) const {
    tag(kUuid);
    for (const std::uint8_t byte : value.bytes) out_ += static_cast<char>(byte);
    return true;
  }
  bool operator()(const Array& value) const {
    tag(kList);
    for (std::uint32_t i = 0; i < value.size; ++i) item(value.items[i]);
    return tag(kEnd);
  }
  bool operator()(const Struct& value) const {
    tag(kList);
    for (std::uint32_t i = 0; i < value.size; ++i) {
      string(value.fields[i].name);
      item(value.fields[i].value);
    }
    return tag(kEnd);
  }
  bool operator()(const Range& value) const {
    tag(kRange);
    out_ += value.empty ? '\0' : '\1';
    if (value.empty) return true;
    bound(value.lower, value.lower_inclusive ? '\1' : '\2', '\0');
    bound(value.upper, value.upper_inclusive ? '\2' : '\1', '\3');
    return true;
  }
  template <class T>
  requires requires(const T& value) { value.text; }
  bool operator()(const T& value) const { return string(value.text); }

 private:
  bool tag(std::uint8_t value) const {
    out_ += static_cast<char>(value);
    return true;
  }

  void item(const Value& value) const {
    if (!std::visit(*this, value.v)) tag(kNull);
  }

  void bound(const Value* value, char how, char absent) const {
    if (value == nullptr) {
      out_ += absent;
      return;
    }
    out_ += how;
    item(*value);
  }

  // PostgreSQL's texts hold no zero byte.
  bool string(std::string_view text) const {
    tag(kText);
    out_.append(text);
    out_ += '\0';
    return true;
  }

  bool decimal(std::string_view text) const {
    if (text == "NaN") return tag(kNotANumber);
    if (text == "Infinity") return tag(kInfinite);
    if (text == "-Infinity") return tag(kMinusInfinite);
    const DecimalParts parts = split_decimal(text);
    if (!parts.valid) return string(text);
    if (parts.digits.empty()) return tag(kZero);
    tag(parts.negative ? kNegative : kPositive);
    const std::size_t begin = out_.size();
    magnitude(parts);
    if (parts.negative) {
      std::for_each(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end(),
                    [](char& c) { c = static_cast<char>(~c); });
    }
    return true;
  }

  // 0.d1d2d3... * 10^exponent: the exponent, then two digits a byte, from 1 on, ended by a zero byte.
  void magnitude(const DecimalParts& parts) const {
    const std::int64_t exponent = parts.exponent + static_cast<std::int64_t>(parts.count);
    if (exponent >= -60 && exponent <= 60) {
      out_ += static_cast<char>(0x80 + exponent);
    } else {
      out_ += exponent > 0 ? '\xFF' : '\0';
      append_integer_key(out_, exponent);
    }
    std::size_t left = parts.count - parts.trailing_zeros;
    int pair = -1;
    for (const char c : parts.digits) {
      if (c == '.') continue;
      if (left-- == 0) break;
      if (pair < 0) {
        pair = (c - '0') * 10;
        continue;
      }
      out_ += static_cast<char>(pair + (c - '0') + 1);
      pair = -1;
    }
    if (pair >= 0) out_ += static_cast<char>(pair + 1);
    out_ += '\0';
  }

  std::string& out_;
  bool padded_;
};

std::optional<std::int64_t> whole_decimal(std::string_view text) {
  const DecimalParts parts = split_decimal(text);
  if (!parts.valid) return std::nullopt;
  if (parts.digits.empty()) return 0;
  const std::int64_t zeros = static_cast<std::int64_t>(parts.trailing_zeros) + parts.exponent;
  if (zeros < 0 || zeros > 19) return std::nullopt;
  __extension__ using Wide = __int128;
  Wide number = 0;
  std::size_t left = parts.count - parts.trailing_zeros;
  for (const char c : parts.digits) {
    if (c == '.') continue;
    if (left-- == 0) break;
    number = number * 10 + (c - '0');
    if (number > static_cast<Wide>(kSign)) return std::nullopt;
  }
  for (std::int64_t i = 0; i < zeros; ++i) number *= 10;
  if (parts.negative) number = -number;
  if (number > static_cast<Wide>(kPlusInfinity) || number < static_cast<Wide>(kMinusInfinity))
    return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> whole(const Value& value) {
  if (const auto* number = value.get<std::int32_t>()) return *number;
  if (const auto* number = value.get<std::int64_t>()) return *number;
  if (const auto* decimal = value.get<Decimal>()) return whole_decimal(decimal->text);
  const auto* real = value.get<double>();
  if (real == nullptr || !(*real >= -kTwoTo63 && *real < kTwoTo63) || std::trunc(*real) != *real)
    return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

}  // namespace

KeyMode key_mode(std::uint32_t type_oid) {
  switch (type_oid) {
    case 20:  // bigint
    case 21:  // smallint
    case 23:  // integer
    case 26:  // oid
      return KeyMode::kInteger;
    case 1042:  // char(n)
      return KeyMode::kPadded;
    default:
      return KeyMode::kGeneral;
  }
}

KeyMode lookup_mode(KeyMode source, KeyMode target) {
  return target == KeyMode::kGeneral && source == KeyMode::kPadded ? source : target;
}

bool append_key(std::string& out, const Value& value, KeyMode mode) {
  if (mode != KeyMode::kInteger) return std::visit(KeyWriter(out, mode == KeyMode::kPadded), value.v);
  const auto number = whole(value);
  if (!number) return false;
  append_integer_key(out, *number);
  return true;
}

void append_integer_key(std::string& out, std::int64_t number) {
  const std::uint64_t ordered = __builtin_bswap64(static_cast<std::uint64_t>(number) ^ kSign);
  char bytes[sizeof ordered];
  __builtin_memcpy(bytes, &ordered, sizeof ordered);
  out.append(bytes, sizeof bytes);
}

std::int64_t integer_of_key(std::string_view bytes) {
  std::uint64_t ordered = 0;
  if (bytes.size() != sizeof ordered) return 0;
  __builtin_memcpy(&ordered, bytes.data(), sizeof ordered);
  return static_cast<std::int64_t>(__builtin_bswap64(ordered) ^ kSign);
}

}  // namespace penstock
