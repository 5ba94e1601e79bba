// Numbers, money and bits from the bytes that events carry: the way back from envelope/numbers.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/arena.h"

namespace penstock::envelope {

// The bytes behind base64, of either alphabet; nothing for what is no base64.
std::optional<std::string_view> bytes_of_base64(std::string_view text, Arena& arena);
std::optional<std::string_view> bytes_of_hex(std::string_view text, Arena& arena);

// How many digits PostgreSQL's numeric holds before and behind the point (manual: "Numeric Types").
inline constexpr int kMostDigitsBefore = 131072;
inline constexpr int kMostDigitsBehind = 16383;

// A number in two's complement, big-endian, as PostgreSQL prints numeric with so many digits behind the
// point. Nothing for no bytes, and for a scale that numeric cannot have.
std::optional<std::string_view> decimal_of_bytes(std::string_view bytes, int scale, Arena& arena);

// The shortest decimal that is this double, with at least `scale` digits behind the point.
std::string_view decimal_of_double(double number, int scale, Arena& arena);
std::string_view decimal_of_whole(std::int64_t number, int scale, Arena& arena);

// "-1234.5" as "-$1,234.50": as PostgreSQL prints money with lc_monetary C.
std::string_view money_of_decimal(std::string_view decimal, Arena& arena);

// The bits as text, the last of which is the lowest of the first byte. `length` 0: from the highest bit that
// is set. Nothing when a bit beyond `length` is set.
std::optional<std::string_view> bits_of_bytes(std::string_view bytes, std::size_t length, Arena& arena);

}  // namespace penstock::envelope
