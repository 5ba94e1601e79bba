#include "expression/text/encoding.h"

#include <fmt/format.h>

#include <cstdint>

#include "expression/text/character_class.h"
#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBase64Line = 76;

tl::unexpected<Error> bad(std::string message) { return fail(ErrorKind::kBadValue, std::move(message)); }
unsigned byte_of(char c) { return static_cast<unsigned char>(c); }
char to_byte(std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
std::string_view character_at(std::string_view text, std::size_t at) {
  return text.substr(at, character_size(text[at]));
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kHex[byte_of(c) >> 4];
    out += kHex[byte_of(c) & 15];
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Result<std::string> from_hex(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_blank(text[at])) continue;
    const int high = hex_digit(text[at]);
    if (high < 0) return bad(fmt::format("invalid hexadecimal digit: \"{}\"", character_at(text, at)));
    if (++at == text.size()) return bad("invalid hexadecimal data: odd number of digits");
    const int low = hex_digit(text[at]);
    if (low < 0) return bad(fmt::format("invalid hexadecimal digit: \"{}\"", character_at(text, at)));
    out += to_byte(static_cast<std::uint32_t>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  std::size_t line = 0;
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t group =
        byte_of(bytes[at]) << 16 | byte_of(bytes[at + 1]) << 8 | byte_of(bytes[at + 2]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) out += kBase64[(group >> shift) & 63];
    line += 4;
    if (line < kBase64Line) continue;
    out += '\n';
    line = 0;
  }
  const std::size_t rest = bytes.size() - at;
  if (rest == 0) return out;
  const std::uint32_t group = byte_of(bytes[at]) << 16 | (rest > 1 ? byte_of(bytes[at + 1]) << 8 : 0);
  out += kBase64[group >> 18];
  out += kBase64[(group >> 12) & 63];
  out += rest > 1 ? kBase64[(group >> 6) & 63] : '=';
  out += '=';
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  int characters = 0;
  int whole = 4;  // characters of a group that are no padding; PostgreSQL keeps to the first padding it meets
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_blank(c)) continue;
    std::size_t digit = 0;
    if (c == '=') {
      if (whole == 4 && characters < 2) return bad("unexpected \"=\" while decoding base64 sequence");
      whole = whole == 4 ? characters : whole;
    } else if (digit = kBase64.find(c); digit == std::string_view::npos) {
      return bad(
          fmt::format("invalid symbol \"{}\" found while decoding base64 sequence", character_at(text, at)));
    }
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (++characters < 4) continue;
    out += to_byte(group >> 16 & 255);
    if (whole > 2) out += to_byte(group >> 8 & 255);
    if (whole > 3) out += to_byte(group & 255);
    group = 0;
    characters = 0;
  }
  if (characters != 0) return bad("invalid base64 end sequence");
  return out;
}

std::string to_escape(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\0' || byte_of(c) >= 0x80) {
      out += fmt::format("\\{:03o}", byte_of(c));
    } else {
      if (c == '\\') out += c;
      out += c;
    }
  }
  return out;
}

bool is_octal(std::string_view digits) {
  return digits.size() == 3 && digits[0] >= '0' && digits[0] <= '3' && digits[1] >= '0' && digits[1] <= '7' &&
         digits[2] >= '0' && digits[2] <= '7';
}

Result<std::string> from_escape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out += text[at];
    } else if (const auto digits = text.substr(at + 1, 3); is_octal(digits)) {
      out += to_byte((byte_of(digits[0]) - '0') * 64 + (byte_of(digits[1]) - '0') * 8 + byte_of(digits[2]) -
                     '0');
      at += 3;
    } else if (text.substr(at + 1, 1) == "\\") {
      out += '\\';
      ++at;
    } else {
      return bad("invalid input syntax for type bytea");
    }
  }
  return out;
}

}  // namespace

Result<std::string> encode_bytes(std::string_view bytes, std::string_view format) {
  const std::string name = lower_text(format);
  if (name == "hex") return to_hex(bytes);
  if (name == "base64") return to_base64(bytes);
  if (name == "escape") return to_escape(bytes);
  return bad(fmt::format("unrecognized encoding: \"{}\"", format));
}

Result<std::string> decode_bytes(std::string_view text, std::string_view format) {
  const std::string name = lower_text(format);
  if (name == "hex") return from_hex(text);
  if (name == "base64") return from_base64(text);
  if (name == "escape") return from_escape(text);
  return bad(fmt::format("unrecognized encoding: \"{}\"", format));
}

Result<std::string> parse_bytea(std::string_view text) {
  return text.starts_with("\\x") ? from_hex(text.substr(2)) : from_escape(text);
}

bool is_valid_text(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const unsigned lead = byte_of(bytes[at]);
    const std::size_t size = character_size(bytes[at]);
    if (lead == 0 || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || at + size > bytes.size()) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if ((byte_of(bytes[at + i]) & 0xC0) != 0x80) return false;
    }
    const char32_t c = next_character(bytes, at);
    const bool surrogate = c >= 0xD800 && c < 0xE000;
    if (surrogate || c > 0x10FFFF || (size == 3 && c < 0x800) || (size == 4 && c < 0x10000)) return false;
  }
  return true;
}

}  // namespace penstock::expression
