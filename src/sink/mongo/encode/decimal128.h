// Decimal128 without rounding. Format: IEEE 754-2008 decimal128, binary integer significand (BSON
// specification).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::mongo {

struct Decimal128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

// A decimal text ("-12.50", "1.5e-7", "NaN", "-Infinity") exactly, with its scale; zeros at the end of the
// digits are left off where only they are too many. Nothing when 34 digits or the exponent cannot hold the
// value.
std::optional<Decimal128> to_decimal128(std::string_view text);

// As text that PostgreSQL reads as numeric: "12.50", "1E+40", "NaN", "-Infinity".
std::string to_text(const Decimal128& number);

// The integer a decimal text equals, if it is one within 64 bits ("10.00", "1e3").
std::optional<std::int64_t> to_int64(std::string_view text);

// "1.500" -> "1.5", "2.0" -> "2": the same text for equal numerics.
std::string_view without_trailing_zeros(std::string_view numeric);

}  // namespace penstock::mongo
