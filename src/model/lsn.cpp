#include "model/lsn.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace penstock {
namespace {

std::optional<std::uint32_t> parse_half(std::string_view text) {
  if (text.empty() || text.size() > 8) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(Lsn lsn) { return fmt::format("{:X}/{:X}", lsn.value >> 32, lsn.value & 0xFFFFFFFFU); }

Result<Lsn> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto high = parse_half(text.substr(0, slash));
    const auto low = parse_half(text.substr(slash + 1));
    if (high && low) return Lsn{(std::uint64_t{*high} << 32) | *low};
  }
  return fail(ErrorKind::kUsage, fmt::format("\"{}\" is not an LSN", text),
              "give it as PostgreSQL prints it, e.g. 16/B374D848 (SELECT pg_current_wal_insert_lsn())");
}

bool includes(Lsn reached, Lsn wanted) {
  constexpr std::uint64_t kPage = 8192;
  constexpr std::uint64_t kSmallestSegment = 1U << 20;  // initdb --wal-segsize=1
  constexpr std::uint64_t kHeader = 24;                 // SizeOfXLogShortPHD
  constexpr std::uint64_t kSegmentHeader = 40;          // SizeOfXLogLongPHD
  // The segment size is not known here. On a page that might begin a segment and does not, a record that ends
  // within 40 bytes began on an earlier page, so no record ends between the page's start and there: taking
  // the page's start is right for it as well.
  const std::uint64_t offset = wanted.value % kPage;
  const std::uint64_t page = wanted.value - offset;
  const std::uint64_t header = page % kSmallestSegment == 0 ? kSegmentHeader : kHeader;
  return reached.value >= (offset <= header ? page : wanted.value);
}

}  // namespace penstock
