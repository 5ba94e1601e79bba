#include "envelope/read/numbers_read.h"

#include <gmp.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>

namespace penstock::envelope {
namespace {

constexpr std::size_t kMostBase64 = INT_MAX / 2;

// Writes the digits with their point where `scale` says, padded with zeros in front.
std::string_view place_point(std::string_view digits, bool negative, int scale, Arena& arena) {
  const std::size_t behind = scale > 0 ? static_cast<std::size_t>(scale) : 0;
  const bool zero = digits == "0";
  const std::size_t zeros = scale < 0 && !zero ? static_cast<std::size_t>(-scale) : 0;  // at the end
  const std::size_t front = digits.size() > behind ? 0 : behind + 1 - digits.size();
  const std::size_t whole = front + digits.size() - behind;
  const std::size_t size = (negative ? 1 : 0) + front + digits.size() + zeros + (behind > 0 ? 1 : 0);
  char* out = arena.allocate(size);
  char* at = out;
  if (negative) *at++ = '-';
  char* const number = at;
  std::memset(at, '0', front);
  std::memcpy(at + front, digits.data(), digits.size());
  std::memset(at + front + digits.size(), '0', zeros);
  if (behind > 0) {
    std::memmove(number + whole + 1, number + whole, behind);
    number[whole] = '.';
  }
  return {out, size};
}

std::string_view long_decimal(std::string_view bytes, int scale, Arena& arena) {
  const bool negative = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0;
  std::string magnitude(bytes);
  if (negative)
    for (char& byte : magnitude) byte = static_cast<char>(~byte);
  mpz_t number;
  mpz_init(number);
  mpz_import(number, magnitude.size(), 1, 1, 1, 0, magnitude.data());
  if (negative) mpz_add_ui(number, number, 1);
  std::string digits(mpz_sizeinbase(number, 10) + 2, '\0');
  mpz_get_str(digits.data(), 10, number);
  mpz_clear(number);
  digits.resize(std::strlen(digits.c_str()));
  return place_point(digits, negative, scale, arena);
}

std::string_view short_decimal(std::int64_t number, int scale, Arena& arena) {
  std::array<char, 24> digits{};
  const bool negative = number < 0;
  const std::uint64_t magnitude =
      negative ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number);
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude).ptr;
  return place_point({digits.data(), static_cast<std::size_t>(end - digits.data())}, negative, scale, arena);
}

unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

}  // namespace

std::optional<std::string_view> bytes_of_base64(std::string_view text, Arena& arena) {
  if (text.empty()) return std::string_view();
  if (text.size() % 4 != 0 || text.size() > kMostBase64) return std::nullopt;
  std::string standard;
  if (text.find_first_of("-_") != std::string_view::npos) {
    standard = text;
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    text = standard;
  }
  // OpenSSL takes '=' anywhere for a zero, and blanks at the ends for nothing.
  const std::size_t first_pad = std::min(text.find('='), text.size());
  const std::size_t pads = text.size() - first_pad;
  if (pads > 2 || (pads == 2 && text.back() != '=')) return std::nullopt;
  const std::size_t most = text.size() / 4 * 3;
  char* out = arena.allocate(most);
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0 || static_cast<std::size_t>(size) != most) return std::nullopt;
  return std::string_view(out, most - pads);
}

std::optional<std::string_view> bytes_of_hex(std::string_view text, Arena& arena) {
  if (text.size() % 2 != 0) return std::nullopt;
  if (text.empty()) return std::string_view();
  char* out = arena.allocate(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const unsigned high = hex_digit(text[i]);
    const unsigned low = hex_digit(text[i + 1]);
    if (high > 15 || low > 15) return std::nullopt;
    out[i / 2] = static_cast<char>(high << 4U | low);
  }
  return std::string_view(out, text.size() / 2);
}

std::optional<std::string_view> decimal_of_bytes(std::string_view bytes, int scale, Arena& arena) {
  if (bytes.empty() || scale > kMostDigitsBehind || scale < -kMostDigitsBefore) return std::nullopt;
  if (bytes.size() > sizeof(std::int64_t)) return long_decimal(bytes, scale, arena);
  std::uint64_t number = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return short_decimal(static_cast<std::int64_t>(number), scale, arena);
}

std::string_view decimal_of_whole(std::int64_t number, int scale, Arena& arena) {
  const std::string_view whole = short_decimal(number, 0, arena);
  if (scale <= 0) return whole;
  const std::size_t size = whole.size() + 1 + static_cast<std::size_t>(scale);
  char* out = arena.allocate(size);
  std::memcpy(out, whole.data(), whole.size());
  out[whole.size()] = '.';
  std::memset(out + whole.size() + 1, '0', static_cast<std::size_t>(scale));
  return {out, size};
}

std::string_view decimal_of_double(double number, int scale, Arena& arena) {
  std::array<char, 32> text{};
  const char* end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific).ptr;
  std::string_view rest(text.data(), static_cast<std::size_t>(end - text.data()));
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const std::size_t e = rest.find('e');
  int exponent = 0;
  std::from_chars(rest.data() + e + (rest[e + 1] == '+' ? 2 : 1), end, exponent);
  std::string digits(1, rest.front());
  if (e > 2) digits += rest.substr(2, e - 2);
  int behind = static_cast<int>(digits.size()) - 1 - exponent;
  if (digits == "0") behind = 0;
  if (behind < scale) {
    digits.append(digits == "0" ? 0 : static_cast<std::size_t>(scale - behind), '0');
    behind = scale;
  }
  return place_point(digits, negative && digits != "0", behind, arena);
}

std::string_view money_of_decimal(std::string_view decimal, Arena& arena) {
  std::string out;
  if (decimal.starts_with('-')) {
    out += '-';
    decimal.remove_prefix(1);
  }
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  out += '$';
  for (std::size_t i = 0; i < point; ++i) {
    if (i > 0 && (point - i) % 3 == 0) out += ',';
    out += decimal[i];
  }
  std::string cents(point < decimal.size() ? decimal.substr(point + 1) : std::string_view());
  while (cents.size() > 2 && cents.back() == '0') cents.pop_back();
  while (cents.size() < 2) cents += '0';
  return arena.copy(out.append(1, '.').append(cents));
}

std::optional<std::string_view> bits_of_bytes(std::string_view bytes, std::size_t length, Arena& arena) {
  while (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1);
  std::size_t used = bytes.size() * 8;
  if (!bytes.empty())
    for (auto high = static_cast<unsigned char>(bytes.back()); (high & 0x80U) == 0; --used)
      high = static_cast<unsigned char>(high << 1U);
  if (length == 0) length = std::max<std::size_t>(used, 1);
  if (used > length) return std::nullopt;
  char* out = arena.allocate(length);
  for (std::size_t place = 0; place < length; ++place) {
    const bool set =
        place / 8 < bytes.size() && ((static_cast<unsigned char>(bytes[place / 8]) >> (place % 8)) & 1U) != 0;
    out[length - 1 - place] = set ? '1' : '0';
  }
  return std::string_view(out, length);
}

}  // namespace penstock::envelope
