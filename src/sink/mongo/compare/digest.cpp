#include "sink/mongo/compare/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace penstock::mongo {

std::string to_string(const Hash128& hash) { return fmt::format("{:016x}{:016x}", hash.high, hash.low); }

Hasher::Hasher() : context_(EVP_MD_CTX_new()), algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
  PENSTOCK_CHECK(context_ != nullptr && algorithm_ != nullptr);
}

Hasher::~Hasher() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(algorithm_);
}

Hash128 Hasher::of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  PENSTOCK_CHECK(EVP_DigestInit_ex2(context_, algorithm_, nullptr) == 1 &&
                 EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1 &&
                 EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1);
  Hash128 hash;
  for (std::size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | digest[i];
    hash.low = hash.low << 8 | digest[8 + i];
  }
  return hash;
}

}  // namespace penstock::mongo
