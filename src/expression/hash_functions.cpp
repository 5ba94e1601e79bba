// Hashes (PostgreSQL manual: "Binary String Functions and Operators").
#include <openssl/evp.h>

#include <array>

#include "expression/arguments.h"
#include "expression/text/encoding.h"

namespace penstock::expression {
namespace {

Result<std::string> digest(std::string_view bytes, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr) != 1)
    return fail(ErrorKind::kInternal, "OpenSSL does not offer this hash");
  return std::string(reinterpret_cast<const char*>(out.data()), size);
}

Result<Value> md5_of(const Call& call, std::string_view bytes) {
  PENSTOCK_ASSIGN(const std::string hash, digest(bytes, EVP_md5()));
  PENSTOCK_ASSIGN(const std::string hex, encode_bytes(hash, "hex"));
  return text_result(call, hex);
}
Result<Value> md5_text(const Call& call) { return md5_of(call, text_argument(call, 0)); }
Result<Value> md5_bytes(const Call& call) { return md5_of(call, argument<Bytes>(call, 0).bytes); }

template <const EVP_MD* (*kind)()>
Result<Value> sha(const Call& call) {
  PENSTOCK_ASSIGN(const std::string hash, digest(argument<Bytes>(call, 0).bytes, kind()));
  return Value(Bytes{call.arena.copy(hash)});
}

}  // namespace

std::vector<Function> hash_functions() {
  using namespace oid;
  return {
      {.name = "md5",
       .arguments = {kText},
       .result = kText,
       .call = md5_text,
       .example = "md5('abc') = '900150983cd24fb0d6963f7d28e17f72'"},
      {.name = "md5",
       .arguments = {kBytea},
       .result = kText,
       .call = md5_bytes,
       .example = "md5('\\x616263'::bytea) = '900150983cd24fb0d6963f7d28e17f72'"},
      {.name = "sha224",
       .arguments = {kBytea},
       .result = kBytea,
       .call = sha<EVP_sha224>,
       .example = "length(sha224('abc'::bytea)) = 28"},
      {.name = "sha256",
       .arguments = {kBytea},
       .result = kBytea,
       .call = sha<EVP_sha256>,
       .example = "left(encode(sha256(convert_to('abc', 'UTF8')), 'hex'), 8) = 'ba7816bf'"},
      {.name = "sha384",
       .arguments = {kBytea},
       .result = kBytea,
       .call = sha<EVP_sha384>,
       .example = "length(sha384('abc'::bytea)) = 48"},
      {.name = "sha512",
       .arguments = {kBytea},
       .result = kBytea,
       .call = sha<EVP_sha512>,
       .example = "length(sha512('abc'::bytea)) = 64"},
  };
}

}  // namespace penstock::expression
