#include "envelope/read/placeholder.h"

#include <algorithm>

#include "envelope/numbers.h"
#include "envelope/value_writer.h"

namespace penstock::envelope {

namespace dom = simdjson::dom;

Placeholder::Placeholder(const std::string& text)
    : texts_{text, base64(text), base64(text, true), hex(text), "{"} {
  append_json_string(texts_[4], text);
  texts_[4] += ':';
  append_json_string(texts_[4], text);
  texts_[4] += '}';
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
