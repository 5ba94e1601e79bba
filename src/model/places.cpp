#include "model/places.h"

namespace penstock {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kDigitBits = 6;
constexpr std::size_t kLength = 22;  // of 128 bits
__extension__ using Number = unsigned __int128;

}  // namespace

std::string to_string(const TopicId& id) {
  // Four bits of the last digit are left over.
  Number left = Number{id.most} << 64U | id.least;
  std::string text(kLength, 'A');
  text.back() = kDigits[static_cast<unsigned>(left & 3U) << 4U];
  left >>= 2U;
  for (std::size_t i = kLength - 1; i-- > 0; left >>= kDigitBits)
    text[i] = kDigits[static_cast<unsigned>(left & 63U)];
  return text;
}

TopicId parse_topic_id(std::string_view text) {
  if (text.size() != kLength) return {};
  Number number = 0;
  for (std::size_t i = 0; i < kLength; ++i) {
    const std::size_t digit = kDigits.find(text[i]);
    if (digit == std::string_view::npos) return {};
    const bool is_last = i + 1 == kLength;
    number = is_last ? number << 2U | digit >> 4U : number << kDigitBits | digit;
  }
  return {static_cast<std::uint64_t>(number >> 64U), static_cast<std::uint64_t>(number)};
}

std::string to_string(const PartitionId& partition) {
  return partition.topic + "[" + std::to_string(partition.number) + "]";
}

void merge(Places& into, const Places& newer) {
  for (const auto& [partition, place] : newer) into.insert_or_assign(partition, place);
}

}  // namespace penstock
