// Numbers and bits as bytes in base64.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::envelope {

std::string base64(std::string_view bytes, bool url_safe = false);
std::string hex(std::string_view bytes);

// A number without its point, and how many of its digits stand behind it.
struct Unscaled {
  std::string bytes;  // two's complement, big-endian, as short as possible (Java's BigInteger)
  int scale = 0;
};
// Of a decimal as PostgreSQL prints it; zeros are added behind the point up to `scale`. Nothing for NaN and
// the infinities, and for more digits behind the point than `scale`.
std::optional<Unscaled> unscaled(std::string_view decimal, int scale);
// The same with the scale that the number needs: no zeros at the end of its fraction.
std::optional<Unscaled> unscaled_short(std::string_view decimal);

// "$1,234.50" or "-$0.01", as PostgreSQL prints money with lc_monetary C, as a decimal: "1234.50".
std::string decimal_of_money(std::string_view money);

// "101" as bytes: the last bit is the lowest of the first byte; high bytes without a bit are left out.
std::string bytes_of_bits(std::string_view bits);

}  // namespace penstock::envelope
