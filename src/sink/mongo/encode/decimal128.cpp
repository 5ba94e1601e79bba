#include "sink/mongo/encode/decimal128.h"

#include <algorithm>

#include "model/number_text.h"
#include "sink/mongo/encode/bson_append.h"

namespace penstock::mongo {
namespace {

__extension__ typedef unsigned __int128 Uint128;

constexpr std::size_t kMaxDigits = 34;
constexpr std::int64_t kMinExponent = -6176;
constexpr std::int64_t kMaxExponent = 6111;
constexpr int kExponentShift = 49;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
constexpr std::uint64_t kInfinityBits = std::uint64_t{0x78} << 56;
constexpr std::uint64_t kNanBits = std::uint64_t{0x7C} << 56;

std::optional<Decimal128> special(std::string_view text) {
  if (text == "NaN") return Decimal128{kNanBits, 0};
  if (text == "Infinity") return Decimal128{kInfinityBits, 0};
  if (text == "-Infinity") return Decimal128{kInfinityBits | kSign, 0};
  return std::nullopt;
}

Decimal128 pack(bool negative, Uint128 coefficient, std::int64_t exponent) {
  const auto biased = static_cast<std::uint64_t>(exponent - kMinExponent);
  Decimal128 number;
  number.high =
      (negative ? kSign : 0) | biased << kExponentShift | static_cast<std::uint64_t>(coefficient >> 64);
  number.low = static_cast<std::uint64_t>(coefficient);
  return number;
}

// The first `count` digits, stepping over a point; at most 38.
Uint128 read_digits(std::string_view digits, std::size_t count) {
  constexpr std::size_t kDigitsOf64Bits = 19;
  std::uint64_t first = 0;
  std::uint64_t rest = 0;
  Uint128 scale = 1;
  std::size_t read = 0;
  for (const char c : digits) {
    if (read == count) break;
    if (c == '.') continue;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (read++ < kDigitsOf64Bits) {
      first = first * 10 + digit;
    } else {
      rest = rest * 10 + digit;
      scale *= 10;
    }
  }
  return first * scale + rest;
}

}  // namespace

std::optional<Decimal128> to_decimal128(std::string_view text) {
  const DecimalParts parts = split_decimal(text);
  if (!parts.valid) return special(text);
  std::int64_t exponent = parts.exponent;
  if (parts.digits.empty()) return pack(parts.negative, 0, std::clamp(exponent, kMinExponent, kMaxExponent));

  std::size_t count = parts.count;
  std::size_t spare_zeros = parts.trailing_zeros;
  while (spare_zeros > 0 && (count > kMaxDigits || exponent < kMinExponent)) {
    --count;
    --spare_zeros;
    ++exponent;
  }
  if (count > kMaxDigits || exponent < kMinExponent) return std::nullopt;
  Uint128 coefficient = read_digits(parts.digits, count);
  for (; exponent > kMaxExponent && count < kMaxDigits; ++count, --exponent) coefficient *= 10;
  if (exponent > kMaxExponent) return std::nullopt;
  return pack(parts.negative, coefficient, exponent);
}

std::string to_text(const Decimal128& number) {
  bson_decimal128_t decimal{};
  decimal.high = number.high;
  decimal.low = number.low;
  char text[BSON_DECIMAL128_STRING];
  bson_decimal128_to_string(&decimal, text);
  return text;
}

std::optional<std::int64_t> to_int64(std::string_view text) {
  constexpr std::size_t kMostDigits = 19;
  const DecimalParts parts = split_decimal(text);
  if (!parts.valid) return std::nullopt;
  if (parts.digits.empty()) return 0;
  const std::size_t significant = parts.count - parts.trailing_zeros;
  const std::int64_t exponent = parts.exponent + static_cast<std::int64_t>(parts.trailing_zeros);
  if (exponent < 0 || significant + static_cast<std::uint64_t>(exponent) > kMostDigits) return std::nullopt;
  Uint128 number = read_digits(parts.digits, significant);
  for (std::int64_t i = 0; i < exponent; ++i) number *= 10;
  const Uint128 most = static_cast<Uint128>(INT64_MAX) + (parts.negative ? 1 : 0);
  if (number > most) return std::nullopt;
  const auto magnitude = static_cast<std::uint64_t>(number);
  return static_cast<std::int64_t>(parts.negative ? ~magnitude + 1 : magnitude);
}

std::string_view without_trailing_zeros(std::string_view numeric) {
  if (numeric.find('.') == std::string_view::npos || numeric.find_first_of("eE") != std::string_view::npos)
    return numeric;
  numeric = numeric.substr(0, numeric.find_last_not_of('0') + 1);
  if (numeric.back() == '.') numeric.remove_suffix(1);
  return numeric;
}

}  // namespace penstock::mongo
