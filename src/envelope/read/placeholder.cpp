#include "envelope/read/placeholder.h"

#include <openssl/evp.h>

#include <algorithm>

#include "envelope/numbers.h"
#include "envelope/value_writer.h"

namespace penstock::envelope {

namespace dom = simdjson::dom;
namespace {

// As Java's UUID.nameUUIDFromBytes: version 3 (RFC 4122, 4.3) without a name space. Of an array of uuid.
std::string uuid_of(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1) return text;
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0fU) | 0x30U);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3fU) | 0x80U);
  std::string made = hex({reinterpret_cast<const char*>(digest.data()), 16});
  for (const std::size_t place : {20U, 16U, 12U, 8U}) made.insert(place, 1, '-');
  return made;
}

}  // namespace

Placeholder::Placeholder(const std::string& text)
    : texts_{text, base64(text), base64(text, true), hex(text), uuid_of(text), "{"} {
  append_json_string(texts_.back(), text);
  texts_.back() += ':';
  append_json_string(texts_.back(), text);
  texts_.back() += '}';
}

bool Placeholder::is_text(const dom::element& value) const {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return false;
  return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& one) { return one == text; });
}

bool Placeholder::is_list(const dom::element& value) const {
  dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  auto item = list.begin();
  if (item == list.end()) return false;
  if ((*item).is_string()) return list.size() == 1 && is_text(*item);
  std::size_t place = 0;
  for (; item != list.end(); ++item, ++place) {
    std::int64_t code = 0;
    if (place == texts_[0].size() || (*item).get(code) != simdjson::SUCCESS) return false;
    if (code != static_cast<unsigned char>(texts_[0][place])) return false;
  }
  return place == texts_[0].size();
}

bool Placeholder::is_map(const dom::element& value) const {
  dom::object map;
  if (value.get(map) != simdjson::SUCCESS || map.size() != 1) return false;
  const dom::key_value_pair pair = *map.begin();
  return pair.key == texts_[0] && is_text(pair.value);
}

}  // namespace penstock::envelope
