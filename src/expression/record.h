// Counts in small binary records: 7 bits a byte, the lowest first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::expression {

inline void append_count(std::string& out, std::uint64_t count) {
  for (; count >= 0x80; count >>= 7) out += static_cast<char>((count & 0x7f) | 0x80);
  out += static_cast<char>(count);
}

// Takes from the front; nothing when the bytes end too early.
inline std::optional<std::uint64_t> take_count(std::string_view& bytes) {
  constexpr unsigned kBits = 64;
  std::uint64_t count = 0;
  for (unsigned shift = 0; !bytes.empty() && shift < kBits; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    count |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return count;
  }
  return std::nullopt;
}

}  // namespace penstock::expression
