// Small binary records: variable-length integers and strings with their length.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace penstock {

// Appends to a string. Integers take 7 bits a byte, the lowest first.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  void number(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }
  void real(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  void raw(std::string_view value) { out_.append(value); }

 private:
  void fixed(std::uint64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof bytes);
  }
  std::string& out_;
};

// Reads what ByteWriter wrote; texts borrow. Past the end, or of a broken record, everything is zero and
// empty, and ok() is false from then on.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  bool done() const { return at_ == end_; }
  std::uint8_t byte() { return has(1) ? static_cast<std::uint8_t>(*at_++) : std::uint8_t{0}; }
  std::uint64_t number() {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) return static_cast<std::uint8_t>(*at_++);
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7FU) << shift;
      if (next < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  std::string_view text() { return raw(number()); }
  std::string_view raw(std::uint64_t size) {
    if (!has(size)) return {};
    const std::string_view value(at_, size);
    at_ += size;
    return value;
  }
  double real() {
    std::uint64_t bits = 0;
    const std::string_view bytes = raw(sizeof bits);
    if (bytes.size() == sizeof bits) std::memcpy(&bits, bytes.data(), sizeof bits);
    return std::bit_cast<double>(bits);
  }
  const char* at() const { return at_; }

 private:
  bool has(std::uint64_t size) {
    if (size <= static_cast<std::uint64_t>(end_ - at_)) return true;
    ok_ = false;
    at_ = end_;
    return false;
  }
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace penstock
