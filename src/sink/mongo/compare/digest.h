// Fingerprints of documents, and sums of them that do not depend on an order.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // NOLINT(readability-identifier-naming): the library's name
struct evp_md_st;      // NOLINT(readability-identifier-naming): the library's name

namespace penstock::mongo {

// 128 bits. Sums are modulo 2^128.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;

  Hash128& operator+=(const Hash128& other) {
    low += other.low;
    high += other.high + (low < other.low ? 1 : 0);
    return *this;
  }
};

std::string to_string(const Hash128& hash);  // 32 hexadecimal digits

// The first 128 bits of SHA-256. One thread at a time.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hash128 of(std::string_view bytes);

 private:
  evp_md_ctx_st* context_;
  evp_md_st* algorithm_;
};

}  // namespace penstock::mongo

template <>
struct std::hash<penstock::mongo::Hash128> {
  std::size_t operator()(const penstock::mongo::Hash128& value) const noexcept { return value.low; }
};
