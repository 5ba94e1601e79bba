#include "envelope/read/hstore_read.h"

#include <algorithm>

#include "envelope/read/container_text.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;

std::optional<Value> read_map(const dom::object& map, ReadInto into) {
  std::size_t size = 0;
  for (auto pair = map.begin(); pair != map.end(); ++pair) ++size;
  if (size == 0) return Struct{};
  auto* fields = into.arena.array<StructField>(size);
  std::size_t place = 0;
  for (const dom::key_value_pair pair : map) {
    StructField& field = fields[place++];
    field.name = into.arena.copy(pair.key);
    std::string_view text;
    if (pair.value.get(text) == simdjson::SUCCESS) {
      field.value = Text{into.arena.copy(text)};
    } else if (!pair.value.is_null()) {
      return std::nullopt;
    }
  }
  std::sort(fields, fields + size, [](const StructField& left, const StructField& right) {
    return left.name.size() != right.name.size() ? left.name.size() < right.name.size()
                                                 : left.name < right.name;
  });
  const auto* twice = std::adjacent_find(
      fields, fields + size,
      [](const StructField& left, const StructField& right) { return left.name == right.name; });
  if (twice != fields + size) return std::nullopt;
  into.scratch.clear();
  append_hstore_text(into.scratch, fields, size);
  return Struct{fields, static_cast<std::uint32_t>(size), into.arena.copy(into.scratch)};
}

}  // namespace

std::optional<Value> read_hstore(const dom::element& json, ReadInto into) {
  dom::object map;
  if (json.get(map) == simdjson::SUCCESS) return read_map(map, into);
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) return std::nullopt;
  dom::parser parser;
  if (parser.parse(text.data(), text.size()).get(map) != simdjson::SUCCESS) return std::nullopt;
  return read_map(map, into);
}

}  // namespace penstock::envelope
