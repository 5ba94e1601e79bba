// Texts that must not be read in the events (Debezium documentation 3.5: "column.mask.with.length.chars",
// "column.mask.hash.hashAlgorithm.with.salt.salt", "column.truncate.to.length.chars").
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::envelope {

struct Mask {
  enum class Kind : std::uint8_t { kTruncate, kAsterisks, kHash };
  Kind kind = Kind::kTruncate;
  std::size_t length = 0;  // characters; kHash: the column's, 0: all of the digest
  std::string digest;      // kHash: as OpenSSL knows it, "SHA-256"
  std::string salt;
  bool second =
      false;  // kHash: column.mask.hash.v2, over the text itself; else over Java's serialized string
};

// kConfiguration for a digest that OpenSSL does not know.
Status check(const Mask& mask);
// The same for a column of so many characters: a hash does not outgrow it.
std::shared_ptr<const Mask> cut_to(Mask mask, std::size_t length);
std::string masked(const Mask& mask, std::string_view text);

}  // namespace penstock::envelope
