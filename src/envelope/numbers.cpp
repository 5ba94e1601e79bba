#include "envelope/numbers.h"

#include <gmp.h>
#include <openssl/evp.h>

#include <algorithm>
#include <vector>

namespace penstock::envelope {
namespace {

// Digits without a point as two's complement.
std::string two_complement(const std::string& digits, bool negative) {
  mpz_t number;
  mpz_init_set_str(number, digits.c_str(), 10);
  if (negative) mpz_neg(number, number);
  const bool below = mpz_sgn(number) < 0;
  // -2^(8n-1) fits into n bytes: the bits of the number less one decide.
  mpz_t magnitude;
  mpz_init(magnitude);
  if (below) {
    mpz_com(magnitude, number);
  } else {
    mpz_set(magnitude, number);
  }
  const std::size_t bits = mpz_sgn(magnitude) == 0 ? 0 : mpz_sizeinbase(magnitude, 2);
  const std::size_t size = bits / 8 + 1;
  std::string bytes(size, below ? '\xff' : '\0');
  std::vector<unsigned char> exported(size);
  std::size_t count = 0;
  mpz_export(exported.data(), &count, 1, 1, 1, 0, magnitude);
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned char byte = below ? static_cast<unsigned char>(~exported[i]) : exported[i];
    bytes[size - count + i] = static_cast<char>(byte);
  }
  mpz_clear(magnitude);
  mpz_clear(number);
  return bytes;
}

struct Parts {
  std::string digits;
  int behind = 0;
  bool negative = false;
};

std::optional<Parts> parts_of(std::string_view decimal) {
  Parts parts;
  if (!decimal.empty() && decimal.front() == '-') {
    parts.negative = true;
    decimal.remove_prefix(1);
  }
  bool behind = false;
  for (const char c : decimal) {
    if (c == '.') {
      behind = true;
    } else if (c < '0' || c > '9') {
      return std::nullopt;
    } else {
      parts.digits += c;
      parts.behind += behind ? 1 : 0;
    }
  }
  if (parts.digits.empty()) return std::nullopt;
  return parts;
}

}  // namespace

std::string base64(std::string_view bytes, bool url_safe) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  if (!url_safe) return out;
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::optional<Unscaled> unscaled(std::string_view decimal, int scale) {
  auto parts = parts_of(decimal);
  if (!parts) return std::nullopt;
  while (parts->behind > scale) {  // numeric(5,-2) is printed with the zeros that its scale stands for
    if (parts->digits.back() != '0') return std::nullopt;
    parts->digits.pop_back();
    --parts->behind;
    if (parts->digits.empty()) parts->digits.assign(1, '0');
  }
  parts->digits.append(static_cast<std::size_t>(scale - parts->behind), '0');
  return Unscaled{two_complement(parts->digits, parts->negative), scale};
}

std::optional<Unscaled> unscaled_short(std::string_view decimal) {
  auto parts = parts_of(decimal);
  if (!parts) return std::nullopt;
  while (parts->behind > 0 && parts->digits.size() > 1 && parts->digits.back() == '0') {
    parts->digits.pop_back();
    --parts->behind;
  }
  if (parts->digits == "0") parts->behind = 0;
  return Unscaled{two_complement(parts->digits, parts->negative), parts->behind};
}

std::string decimal_of_money(std::string_view money) {
  std::string decimal;
  for (const char c : money) {
    if (c == '-' || c == '.' || (c >= '0' && c <= '9')) decimal += c;
  }
  return decimal;
}

std::string bytes_of_bits(std::string_view bits) {
  std::string bytes((bits.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const std::size_t place = bits.size() - 1 - i;
    if (bits[i] == '1') bytes[place / 8] = static_cast<char>(bytes[place / 8] | (1 << (place % 8)));
  }
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  return bytes;
}

}  // namespace penstock::envelope
