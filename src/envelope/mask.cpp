#include "envelope/mask.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "envelope/numbers.h"

namespace penstock::envelope {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// The first `length` characters of UTF-8. Java counts UTF-16: one beyond the basic plane is two.
std::string_view first_characters(std::string_view text, std::size_t length) {
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size(); ++count) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    count += bytes == 4 ? 1 : 0;
    if (count >= length) break;
    at += bytes;
  }
  return text.substr(0, at);
}

// A string as Java's ObjectOutputStream writes it (Java Object Serialization Specification, chapter 6):
// header, TC_STRING with a length of two bytes or TC_LONGSTRING with eight, modified UTF-8.
std::string serialized(std::string_view text) {
  std::string bytes("\xac\xed\x00\x05", 4);
  const bool is_long = text.size() > 0xffff;
  bytes += is_long ? '\x7c' : '\x74';
  for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8)
    bytes += static_cast<char>((text.size() >> shift) & 0xff);
  bytes += text;
  return bytes;
}

std::string digest_of(const Mask& mask, std::string_view bytes) {
  const std::unique_ptr<EVP_MD, FreeDigest> digest(EVP_MD_fetch(nullptr, mask.digest.c_str(), nullptr));
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  EVP_DigestInit_ex(context.get(), digest.get(), nullptr);
  EVP_DigestUpdate(context.get(), mask.salt.data(), mask.salt.size());
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context.get(), out.data(), &size);
  return hex(std::string_view(reinterpret_cast<const char*>(out.data()), size));
}

}  // namespace

Status check(const Mask& mask) {
  if (mask.kind != Mask::Kind::kHash) return {};
  const std::unique_ptr<EVP_MD, FreeDigest> digest(EVP_MD_fetch(nullptr, mask.digest.c_str(), nullptr));
  if (digest) return {};
  return fail(ErrorKind::kConfiguration, "the hash algorithm \"" + mask.digest + "\" is not known",
              "use SHA-256 or SHA-512");
}

std::shared_ptr<const Mask> cut_to(Mask mask, std::size_t length) {
  if (mask.kind == Mask::Kind::kHash) mask.length = length;
  return std::make_shared<const Mask>(std::move(mask));
}

std::string masked(const Mask& mask, std::string_view text) {
  switch (mask.kind) {
    case Mask::Kind::kTruncate:
      return std::string(first_characters(text, mask.length));
    case Mask::Kind::kAsterisks:
      return std::string(mask.length, '*');
    case Mask::Kind::kHash:
      break;
  }
  std::string made = digest_of(mask, mask.second ? std::string(text) : serialized(text));
  if (mask.length > 0 && made.size() > mask.length) made.resize(mask.length);
  return made;
}

}  // namespace penstock::envelope
