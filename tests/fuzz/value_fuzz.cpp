// Any text is safe for the decoders of PostgreSQL's types. The first byte chooses the type.
#include <array>
#include <cstdint>
#include <string_view>

#include "pgtype/decoder.h"

namespace {

using penstock::Arena;
using penstock::pgtype::TypeCatalog;
using penstock::pgtype::TypeInfo;

// A composite of text, integer array and integer range, so that one input meets every parser at once.
penstock::Result<TypeInfo> fetch(std::uint32_t oid) {
  TypeInfo info;
  info.oid = oid;
  info.kind = oid == 100001 ? 'b' : 'c';
  info.name = oid == 100001 ? "hstore" : "composite";
  if (info.kind == 'c') info.attributes = {{"a", 25}, {"b", 1007}, {"c", 3904}};
  return info;
}

constexpr std::array<std::uint32_t, 24> kTypes{16,   17,   20,   21,   23,   25,   114,    700,
                                               701,  1082, 1114, 1184, 1700, 2950, 1007,   1009,
                                               1231, 3904, 4451, 1185, 3802, 22,   100000, 100001};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  TypeCatalog catalog(fetch);
  const auto decoder = penstock::pgtype::decoder_for(kTypes[data[0] % kTypes.size()], catalog);
  if (!decoder) return 0;
  Arena arena;
  // Text of PostgreSQL holds no zero byte; whatever else it holds is decoded or refused.
  const auto value =
      (*decoder)->decode(arena.copy({reinterpret_cast<const char*>(data) + 1, size - 1}), arena);
  return value && value->is_unchanged() ? -1 : 0;
}
