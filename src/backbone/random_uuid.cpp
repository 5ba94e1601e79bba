#include "backbone/random_uuid.h"

#include <fmt/format.h>

#include <cstdint>
#include <random>

namespace penstock::backbone {

std::string random_uuid() {
  std::random_device random;
  const auto half = [&] { return (std::uint64_t{random()} << 32) | random(); };
  const std::uint64_t high = (half() & ~0xf000ULL) | 0x4000;
  const std::uint64_t low = (half() & ~(0xc000ULL << 48)) | (0x8000ULL << 48);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff,
                     low >> 48, low & 0xffffffffffff);
}

}  // namespace penstock::backbone
