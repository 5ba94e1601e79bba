#include "app/settings/index_reader.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "app/settings/section.h"

namespace penstock::app {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void write_key(Writer& writer, std::string_view text) {
  writer.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <class T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

void write_scalar(Writer& writer, const YamlNode& node) {
  std::int64_t whole = 0;
  double real = 0;
  if (node.is_true() || node.is_false()) {
    writer.Bool(node.is_true());
  } else if (node.plain && parse_whole(node.text, whole)) {
    writer.Int64(whole);
  } else if (node.plain && parse_whole(node.text, real) && std::isfinite(real)) {
    writer.Double(real);
  } else {
    write_text(writer, node.text);
  }
}

void write_node(Writer& writer, const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      writer.Null();
      return;
    case YamlNode::Kind::kScalar:
      write_scalar(writer, node);
      return;
    case YamlNode::Kind::kList:
      writer.StartArray();
      for (const YamlNode& item : node.items) write_node(writer, item);
      writer.EndArray();
      return;
    case YamlNode::Kind::kMap:
      writer.StartObject();
      for (const YamlNode::Entry& entry : node.entries) {
        write_key(writer, entry.key);
        write_node(writer, entry.value);
      }
      writer.EndObject();
      return;
  }
}

bool is_direction(const YamlNode& node) {
  static constexpr std::array<std::string_view, 6> kDirections{"1", "-1", "text", "hashed", "2d", "2dsphere"};
  for (const std::string_view direction : kDirections)
    if (node.is_scalar() && node.text == direction) return true;
  return false;
}

using Keys = std::vector<std::pair<std::string, std::string>>;

Result<Keys> read_index_keys(const std::string& file, const YamlNode::Entry& keys, const std::string& where) {
  if (keys.value.kind != YamlNode::Kind::kMap || keys.value.entries.empty())
    return fail(
        error_at(file, keys,
                 fmt::format("\"keys\" in {} must be a map, e.g. {{ status: 1, order_date: -1 }}", where)));
  Keys result;
  for (const YamlNode::Entry& key : keys.value.entries) {
    if (!is_direction(key.value))
      return fail(
          error_at(file, key,
                   fmt::format("\"{}\" in {} must be 1, -1, text, hashed, 2d or 2dsphere", key.key, where)));
    result.emplace_back(key.key, key.value.text);
  }
  return result;
}

Result<std::string> options_json(const Section& section) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  for (const YamlNode::Entry& option : section.node().entries) {
    if (option.key == "keys" || option.key == "name") continue;
    write_key(writer, option.key);
    switch (find_setting("collections.*.indexes[]." + option.key)->type) {
      case SettingType::kBool: {
        PENSTOCK_ASSIGN(const bool value, section.truth(option.key));
        writer.Bool(value);
        break;
      }
      case SettingType::kText: {
        PENSTOCK_ASSIGN(const std::string value, section.text(option.key));
        write_text(writer, value);
        break;
      }
      default:
        if (option.value.kind != YamlNode::Kind::kMap)
          return fail(section.error(option.key,
                                    fmt::format("\"{}\" in {} must be a map", option.key, section.where())));
        write_node(writer, option.value);
    }
  }
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace

Result<std::vector<IndexSettings>> read_indexes(const std::string& file, const YamlNode::Entry& entry,
                                                const std::string& where) {
  if (entry.value.kind != YamlNode::Kind::kList)
    return fail(error_at(
        file, entry,
        fmt::format("\"indexes\" of {} must be a list, e.g. [ {{ keys: {{ status: 1 }} }} ]", where)));
  std::vector<IndexSettings> indexes;
  for (const YamlNode& item : entry.value.items) {
    PENSTOCK_ASSIGN(const Section section, Section::open(file, item, nullptr, "collections.*.indexes[]",
                                                         fmt::format("an index of {}", where)));
    IndexSettings index;
    index.line = item.line;
    PENSTOCK_ASSIGN(index.name, section.text("name"));
    PENSTOCK_ASSIGN(index.keys, read_index_keys(file, *section.find("keys"), section.where()));
    PENSTOCK_ASSIGN(index.options_json, options_json(section));
    indexes.push_back(std::move(index));
  }
  return indexes;
}

}  // namespace penstock::app
