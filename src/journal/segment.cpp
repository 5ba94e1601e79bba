#include "journal/segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include "model/byte_io.h"

namespace penstock::journal {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::string_view kSuffix = ".journal";

bool read_whole(int file, std::uint64_t offset, std::string& into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

std::string encode_begin(const SegmentBegin& begin) {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kFormat);
  out.text(begin.pipeline);
  out.number(begin.source.system_identifier);
  out.number(begin.source.timeline);
  out.text(begin.source.slot);
  out.text(begin.source.publication);
  out.number(begin.previous);
  out.number(begin.previous_bytes);
  out.text(begin.gap);
  begin.loads.write(out);
  return bytes;
}

Result<SegmentBegin> decode_begin(std::string_view bytes) {
  ByteReader in(bytes);
  SegmentBegin begin;
  if (const std::uint64_t format = in.number(); in.ok() && format != kFormat)
    return fail(ErrorKind::kConfiguration,
                fmt::format("the journal has format {}, this version knows {}", format, kFormat),
                "use the version of penstock that wrote it, or another folder");
  begin.pipeline = in.text();
  begin.source.system_identifier = in.number();
  begin.source.timeline = static_cast<std::uint32_t>(in.number());
  begin.source.slot = in.text();
  begin.source.publication = in.text();
  begin.previous = in.number();
  begin.previous_bytes = in.number();
  begin.gap = in.text();
  begin.loads = TableLoads::read(in);
  if (!in.ok() || !in.done()) return fail(ErrorKind::kInternal, "the journal holds a damaged beginning");
  return begin;
}

std::string segment_path(const std::string& folder, std::uint64_t number) {
  return (std::filesystem::path(folder) / fmt::format("{:012}{}", number, kSuffix)).string();
}

Result<std::vector<std::uint64_t>> list_segments(const std::string& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error == std::errc::no_such_file_or_directory) return numbers;
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    std::uint64_t number = 0;
    const char* end = name.data() + name.size() - kSuffix.size();
    const auto [at, wrong] = std::from_chars(name.data(), end, number);
    if (wrong == std::errc() && at == end && number > 0) numbers.push_back(number);
  }
  if (error)
    return fail(ErrorKind::kConfiguration,
                fmt::format("the journal {} cannot be read: {}", folder, error.message()));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Error file_error(const std::string& doing, const std::string& path) {
  const int reason = errno;
  return make_error(ErrorKind::kConfiguration,
                    fmt::format("the journal: {} {}: {}", doing, path, std::strerror(reason)),
                    reason == ENOSPC || reason == EDQUOT
                        ? "make room, or lower journal.keep_bytes in the pipeline file; nothing is lost "
                          "meanwhile, PostgreSQL keeps what is not in the journal"
                        : "see to it that the process may read and write there");
}

Result<SegmentFile> SegmentFile::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(file_error("opening", path));
  struct stat about {};
  if (fstat(file, &about) != 0) {
    const Error error = file_error("looking at", path);
    close(file);
    return fail(error);
  }
  return SegmentFile(file, static_cast<std::uint64_t>(about.st_size));
}

SegmentFile::SegmentFile(SegmentFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      bytes_(other.bytes_),
      decompressor_(std::move(other.decompressor_)) {}

SegmentFile::~SegmentFile() {
  if (file_ >= 0) close(file_);
}

std::optional<BlockPlace> SegmentFile::block_at(std::uint64_t offset, std::uint64_t limit) const {
  if (offset + kHeaderBytes > limit) return std::nullopt;
  std::string bytes(kHeaderBytes, '\0');
  if (!read_whole(file_, offset, bytes)) return std::nullopt;
  const auto header = decode_header(bytes);
  if (!header) return std::nullopt;
  const BlockPlace place{offset, *header};
  if (place.end() > limit) return std::nullopt;
  return place;
}

std::optional<std::string> SegmentFile::payload(const BlockPlace& place) {
  std::string stored(place.header.stored_bytes, '\0');
  if (!read_whole(file_, place.offset + kHeaderBytes, stored)) return std::nullopt;
  return decompressor_.decompress(stored, place.header.raw_bytes);
}

}  // namespace penstock::journal
