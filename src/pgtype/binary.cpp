#include <array>

#include "pgtype/decoders.h"

namespace penstock::pgtype {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> hex_digits() {
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = kNoDigit;
  for (std::uint8_t i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    digits[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    digits[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kHexDigits = hex_digits();

// Two hex digits at `text` as a byte; more than 255 when they are none.
unsigned read_byte(const char* text) {
  const unsigned high = kHexDigits[static_cast<unsigned char>(text[0])];
  const unsigned low = kHexDigits[static_cast<unsigned char>(text[1])];
  return (high | low) > 15 ? 256 : high << 4 | low;
}

// bytea_output = hex (PostgreSQL manual: "bytea Hex Format").
class ByteaDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena& arena) const override {
    if (!text.starts_with("\\x") || text.size() % 2 != 0)
      return bad_value(text, "bytea", "not in hex format");
    const std::size_t size = text.size() / 2 - 1;
    if (size == 0) return Value(Bytes{});
    char* bytes = arena.allocate(size);
    for (std::size_t i = 0; i < size; ++i) {
      const unsigned byte = read_byte(text.data() + 2 + 2 * i);
      if (byte > 255) return bad_value(text, "bytea", "not a hex digit");
      bytes[i] = static_cast<char>(byte);
    }
    return Value(Bytes{{bytes, size}});
  }
};

class UuidDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
      return bad_value(text, "uuid");
    }
    Uuid uuid;
    const char* at = text.data();
    for (auto& byte : uuid.bytes) {
      if (*at == '-') ++at;
      const unsigned read = read_byte(at);
      if (read > 255) return bad_value(text, "uuid");
      byte = static_cast<std::uint8_t>(read);
      at += 2;
    }
    return Value(uuid);
  }
};

}  // namespace

DecoderPtr bytea_decoder() {
  static const DecoderPtr decoder = std::make_shared<ByteaDecoder>();
  return decoder;
}
DecoderPtr uuid_decoder() {
  static const DecoderPtr decoder = std::make_shared<UuidDecoder>();
  return decoder;
}

}  // namespace penstock::pgtype
