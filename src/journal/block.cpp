#include "journal/block.h"

#include <zstd.h>

#include <cstring>

#include "base/check.h"

namespace penstock::journal {
namespace {

constexpr std::uint32_t kMagic = 0x314A4E50;  // "PNJ1"
// The fastest level but the negative ones: the stream must not wait for it.
constexpr int kLevel = 1;
// A damaged size must not ask for all memory. PostgreSQL's messages are below 1 GiB, a batch little above.
constexpr std::uint32_t kMostRawBytes = 0x90000000U;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

template <class T>
T get(std::string_view& bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

// FNV-1a, 64 bits.
std::uint64_t sum_of(std::string_view bytes) {
  std::uint64_t sum = 0xCBF29CE484222325U;
  for (const char byte : bytes) sum = (sum ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
  return sum;
}

}  // namespace

std::string encode_header(const BlockHeader& header) {
  std::string out;
  out.reserve(kHeaderBytes);
  put(out, kMagic);
  put(out, static_cast<std::uint32_t>(header.kind));
  put(out, header.stored_bytes);
  put(out, header.raw_bytes);
  put(out, header.position.commit_lsn.value);
  put(out, header.position.ordinal);
  put(out, header.position.through_lsn.value);
  put(out, header.newest_commit);
  put(out, header.written);
  put(out, static_cast<std::uint64_t>(header.events));
  put(out, sum_of(out));
  PENSTOCK_CHECK(out.size() == kHeaderBytes);
  return out;
}

std::optional<BlockHeader> decode_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const std::uint64_t sum = sum_of(bytes.substr(0, kHeaderBytes - sizeof(std::uint64_t)));
  if (get<std::uint32_t>(bytes) != kMagic) return std::nullopt;
  BlockHeader header;
  header.kind = static_cast<BlockKind>(get<std::uint32_t>(bytes));
  header.stored_bytes = get<std::uint32_t>(bytes);
  header.raw_bytes = get<std::uint32_t>(bytes);
  header.position.commit_lsn.value = get<std::uint64_t>(bytes);
  header.position.ordinal = get<std::uint64_t>(bytes);
  header.position.through_lsn.value = get<std::uint64_t>(bytes);
  header.newest_commit = get<std::int64_t>(bytes);
  header.written = get<std::int64_t>(bytes);
  header.events = static_cast<std::uint32_t>(get<std::uint64_t>(bytes));
  if (get<std::uint64_t>(bytes) != sum || header.raw_bytes > kMostRawBytes) return std::nullopt;
  return header;
}

Compressor::Compressor() : context_(ZSTD_createCCtx()) {
  auto* context = static_cast<ZSTD_CCtx*>(context_);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
}

Compressor::~Compressor() { ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context_)); }

Status Compressor::compress(std::string_view raw, std::string& out) {
  if (raw.size() > kMostRawBytes)
    return fail(ErrorKind::kBadValue,
                "a batch of changes is too large for the journal: " + std::to_string(raw.size()) + " bytes");
  out.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compress2(static_cast<ZSTD_CCtx*>(context_), out.data(), out.size(), raw.data(), raw.size());
  if (ZSTD_isError(size) != 0)
    return fail(ErrorKind::kInternal, std::string("zstd: ") + ZSTD_getErrorName(size));
  out.resize(size);
  return {};
}

Decompressor::Decompressor() : context_(ZSTD_createDCtx()) {}
Decompressor::~Decompressor() { ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context_)); }

std::optional<std::string> Decompressor::decompress(std::string_view stored, std::size_t raw_bytes) {
  // The frame says its size itself: a damaged header asks for nothing.
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != raw_bytes) return std::nullopt;
  std::string raw(raw_bytes, '\0');
  const std::size_t size = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(context_), raw.data(), raw.size(),
                                               stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw_bytes) return std::nullopt;
  return raw;
}

}  // namespace penstock::journal
