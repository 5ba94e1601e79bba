#include "app/connector/offset_file.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>

namespace penstock::app {
namespace {

using namespace std::string_view_literals;

// Stream header; TC_OBJECT with the description of java.util.HashMap: serialVersionUID, SC_WRITE_METHOD and
// SC_SERIALIZABLE, the fields loadFactor and threshold, no annotations, no superclass.
constexpr std::string_view kMap =
    "\xac\xed\x00\x05\x73\x72\x00\x11java.util.HashMap\x05\x07\xda\xc1\xc3\x16\x60\xd1\x03\x00\x02"
    "F\x00\x0aloadFactorI\x00\x09threshold\x78\x70"sv;
constexpr std::size_t kFieldBytes = 8;              // of loadFactor and threshold
constexpr std::string_view kCounts = "\x77\x08"sv;  // TC_BLOCKDATA: buckets and entries follow
// TC_ARRAY with the description of byte[], which is handle 2: after the map's description and the map.
constexpr std::string_view kFirstBytes =
    "\x75\x72\x00\x02[B\xac\xf3\x17\xf8\x06\x08\x54\xe0\x02\x00\x00\x78\x70"sv;
constexpr std::string_view kMoreBytes = "\x75\x71\x00\x7e\x00\x02"sv;
constexpr std::string_view kNull = "\x70"sv;
constexpr std::string_view kEnd = "\x78"sv;

class JavaReader {
 public:
  explicit JavaReader(std::string_view bytes) : bytes_(bytes), size_(bytes.size()) {}

  bool take(std::string_view expected) {
    if (!bytes_.starts_with(expected)) return false;
    bytes_.remove_prefix(expected.size());
    return true;
  }
  std::optional<std::string_view> bytes(std::size_t count) {
    if (bytes_.size() < count) return std::nullopt;
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::optional<std::uint32_t> number() {
    const auto taken = bytes(4);
    if (!taken) return std::nullopt;
    std::uint32_t value = 0;
    for (const char byte : *taken) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  // A byte[] or null (an empty inner optional). Nothing: neither.
  std::optional<std::optional<std::string>> array() {
    if (take(kNull)) return std::optional<std::string>();
    if (!take(described_ ? kMoreBytes : kFirstBytes)) return std::nullopt;
    described_ = true;
    const auto length = number();
    const auto content = length ? bytes(*length) : std::nullopt;
    if (!content) return std::nullopt;
    return std::optional<std::string>(std::string(*content));
  }
  bool ended() const { return bytes_.empty(); }
  std::size_t at() const { return size_ - bytes_.size(); }

 private:
  std::string_view bytes_;
  const std::size_t size_;
  bool described_ = false;
};

}  // namespace

Result<ConnectOffsets> parse_offset_file(std::string_view bytes, const std::string& file) {
  JavaReader in(bytes);
  const auto wrong = [&] {
    return fail(
        ErrorKind::kConfiguration,
        fmt::format("{}: no offsets of Kafka Connect: byte {} is not that of a serialized HashMap of byte[]",
                    file, in.at()),
        "name the worker's offset.storage.file.filename, or topic:NAME for a distributed worker's "
        "offset.storage.topic");
  };
  if (!in.take(kMap) || !in.bytes(kFieldBytes) || !in.take(kCounts) || !in.number()) return wrong();
  const auto entries = in.number();
  if (!entries) return wrong();
  ConnectOffsets offsets;
  for (std::uint32_t entry = 0; entry < *entries; ++entry) {
    const auto key = in.array();
    if (!key) return wrong();
    const auto value = in.array();
    if (!value) return wrong();
    if (*key && *value) offsets[**key] = **value;
  }
  if (!in.take(kEnd) || !in.ended()) return wrong();
  return offsets;
}

Result<ConnectOffsets> load_offset_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::kConfiguration, path + ": cannot be read");
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse_offset_file(bytes, path);
}

}  // namespace penstock::app
