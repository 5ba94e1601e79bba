#include "app/settings/section.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "app/nearest.h"
#include "base/check.h"

namespace penstock::app {
namespace {

std::string join_path(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

std::optional<std::size_t> parse_number(std::string_view text, std::string_view& rest) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::size_t> parse_size(std::string_view text) {
  std::string_view unit;
  const auto value = parse_number(text, unit);
  if (!value || *value > (std::size_t{1} << 33)) return std::nullopt;
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (unit.empty()) return value;
  struct Unit {
    std::string_view name;
    std::size_t bytes;
  };
  static constexpr std::array<Unit, 8> kUnits{{{"KiB", std::size_t{1} << 10},
                                               {"MiB", std::size_t{1} << 20},
                                               {"GiB", std::size_t{1} << 30},
                                               {"TiB", std::size_t{1} << 40},
                                               {"KB", 1000},
                                               {"MB", 1000000},
                                               {"GB", 1000000000},
                                               {"TB", 1000000000000}}};
  for (const Unit& known : kUnits)
    if (unit == known.name && *value <= std::numeric_limits<std::size_t>::max() / known.bytes)
      return *value * known.bytes;
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  std::string_view unit;
  const auto value = parse_number(text, unit);
  if (!value || *value == 0 || *value > 1000000000 || unit.size() != 1) return std::nullopt;
  const std::chrono::seconds number(static_cast<std::int64_t>(*value));
  switch (unit.front()) {
    case 's':
      return number;
    case 'm':
      return number * 60;
    case 'h':
      return number * 3600;
    case 'd':
      return number * 86400;
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<std::string> scalar_text(const std::string& file, const YamlNode& node, const std::string& what) {
  if (!node.is_scalar()) return fail(error_at(file, node, fmt::format("{} is expected here", what)));
  if (node.text.empty()) return fail(error_at(file, node, fmt::format("{} must not be empty", what)));
  return node.text;
}

Result<Section> Section::open(const std::string& file, const YamlNode& node, const YamlNode::Entry* entry,
                              std::string path, std::string where) {
  if (node.kind != YamlNode::Kind::kMap) {
    const std::string what = fmt::format("{} must be a map of settings", where);
    return fail(entry != nullptr ? error_at(file, *entry, what) : error_at(file, node, what));
  }
  Section section(file, node, std::move(path), std::move(where));
  PENSTOCK_TRY(section.check_keys());
  for (const Setting* setting : settings_of(section.path_)) {
    if (!setting->required || node.find(key_of(*setting)) != nullptr) continue;
    const std::string what = fmt::format("\"{}\" is missing in {}", key_of(*setting), section.where_);
    return fail(entry != nullptr ? error_at(file, *entry, what) : error_at(file, node, what));
  }
  return section;
}

Status Section::check_keys() const {
  std::vector<std::string> known;
  for (const Setting* setting : settings_of(path_)) known.emplace_back(key_of(*setting));
  for (const YamlNode::Entry& entry : node_->entries) {
    const std::string path = join_path(path_, entry.key);
    if (const DeferredSetting* deferred = find_deferred(path))
      return fail(error_at(*file_, entry, fmt::format("{} (in {})", deferred->sentence, where_)));
    if (find_setting(path) != nullptr && entry.key.find_first_of(".*[") == std::string::npos) continue;
    return fail(error_at(
        *file_, entry,
        fmt::format("unknown key \"{}\" in {}{}", entry.key, where_, did_you_mean(entry.key, known))));
  }
  return {};
}

const Setting& Section::setting(std::string_view key) const {
  const Setting* found = find_setting(join_path(path_, key));
  PENSTOCK_CHECK(found != nullptr);
  return *found;
}

Error Section::error(std::string_view key, const std::string& what, std::string remedy) const {
  const YamlNode::Entry* entry = find(key);
  if (entry == nullptr) return error_at(*file_, *node_, what, std::move(remedy));
  if (entry->value.kind == YamlNode::Kind::kNull) return error_at(*file_, *entry, what, std::move(remedy));
  return error_at(*file_, entry->value, what, std::move(remedy));
}

Result<std::optional<YamlNode>> Section::scalar(std::string_view key) const {
  const YamlNode::Entry* entry = find(key);
  if (entry == nullptr) {
    const std::string_view value = setting(key).default_value;
    if (value.empty() || value.front() == '<') return std::optional<YamlNode>();
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.plain = true;
    node.text = value;
    return std::optional<YamlNode>(std::move(node));
  }
  if (!entry->value.is_scalar())
    return fail(error(key, fmt::format("\"{}\" in {} must be a single value", key, where_)));
  return std::optional<YamlNode>(entry->value);
}

Result<std::string> Section::text(std::string_view key) const {
  PENSTOCK_ASSIGN(const std::optional<YamlNode> node, scalar(key));
  if (!node) return std::string();
  if (node->text.empty()) return fail(error(key, fmt::format("\"{}\" in {} must not be empty", key, where_)));
  return node->text;
}

Result<bool> Section::truth(std::string_view key) const {
  PENSTOCK_ASSIGN(const std::optional<YamlNode> node, scalar(key));
  if (node && node->is_true()) return true;
  if (!node || node->is_false()) return false;
  return fail(
      error(key, fmt::format("\"{}\" in {} must be true or false, not \"{}\"", key, where_, node->text)));
}

Result<std::size_t> Section::count(std::string_view key, std::size_t most) const {
  PENSTOCK_ASSIGN(const std::optional<YamlNode> node, scalar(key));
  PENSTOCK_CHECK(node.has_value());
  std::string_view rest;
  const auto value = parse_number(node->text, rest);
  if (value && rest.empty() && *value >= 1 && *value <= most) return *value;
  return fail(error(key, fmt::format("\"{}\" in {} must be a whole number from 1 to {}, not \"{}\"", key,
                                     where_, most, node->text)));
}

Result<std::size_t> Section::size(std::string_view key, std::size_t least) const {
  PENSTOCK_ASSIGN(const std::optional<YamlNode> node, scalar(key));
  PENSTOCK_CHECK(node.has_value());
  const auto value = parse_size(node->text);
  if (value && *value >= least) return *value;
  return fail(
      error(key, fmt::format("\"{}\" in {} must be a size of at least {} bytes, e.g. 8MiB, not \"{}\"", key,
                             where_, least, node->text)));
}

Result<std::chrono::seconds> Section::duration(std::string_view key) const {
  PENSTOCK_ASSIGN(const std::optional<YamlNode> node, scalar(key));
  PENSTOCK_CHECK(node.has_value());
  if (const auto value = parse_seconds(node->text)) return *value;
  return fail(error(key, fmt::format("\"{}\" in {} must be a length of time, e.g. 12h or 30d, not \"{}\"",
                                     key, where_, node->text)));
}

Result<std::string> Section::choice(std::string_view key) const {
  PENSTOCK_ASSIGN(const std::optional<YamlNode> node, scalar(key));
  if (!node) return std::string();
  const std::vector<std::string> choices = split_choices(setting(key).choices);
  for (const std::string& known : choices)
    if (node->text == known) return known;
  return fail(
      error(key, fmt::format("\"{}\" in {} must be {}, not \"{}\"{}", key, where_, fmt::join(choices, " or "),
                             node->text, did_you_mean(node->text, choices))));
}

}  // namespace penstock::app
