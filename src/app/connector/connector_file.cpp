#include "app/connector/connector_file.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace penstock::app {
namespace {

tl::unexpected<Error> wrong(const std::string& file, const std::string& what,
                            const std::string& remedy = "") {
  return fail(ErrorKind::kConfiguration, file + ": " + what, remedy);
}

// A line "key=value" or "key: value" of a file of properties.
std::optional<std::string> property_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t sign = line.find_first_of("=:");
    if (sign == std::string::npos || line.starts_with('#') || line.starts_with('!')) continue;
    const auto trim = [](std::string text) {
      text.erase(0, text.find_first_not_of(" \t"));
      text.erase(text.find_last_not_of(" \t\r") + 1);
      return text;
    };
    if (trim(line.substr(0, sign)) == key) return trim(line.substr(sign + 1));
  }
  return std::nullopt;
}

// What stands between "${" and "}".
Result<std::string> referenced(const std::string& reference, const std::string& file,
                               const Environment& environment) {
  const std::size_t colon = reference.find(':');
  const std::string provider = reference.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : reference.substr(colon + 1);
  if (provider == "env") {
    if (auto value = environment(rest)) return *value;
    return wrong(file, "the variable " + rest + " is not set", "export " + rest + "=…");
  }
  const std::size_t last = rest.rfind(':');
  if (provider == "file" && last != std::string::npos) {
    const std::string path = rest.substr(0, last);
    if (auto value = property_of(path, rest.substr(last + 1))) return *value;
    return wrong(file, path + " has no property " + rest.substr(last + 1));
  }
  return wrong(file, "${" + reference + "} names a provider that is not known here",
               "use ${env:NAME} or ${file:/path:key}");
}

bool is_reference(std::string_view text) { return text.starts_with("${env:") || text.starts_with("${file:"); }

Result<std::string> with_references(std::string value, const std::string& file,
                                    const Environment& environment) {
  for (std::size_t at = value.find("${"); at != std::string::npos; at = value.find("${", at)) {
    const std::size_t end = value.find('}', at);
    // Others are the setting's own: route.topic.replacement is "outbox.event.${routedByValue}".
    if (end == std::string::npos || !is_reference(std::string_view(value).substr(at))) {
      at += 2;
      continue;
    }
    PENSTOCK_ASSIGN(const std::string put, referenced(value.substr(at + 2, end - at - 2), file, environment));
    value.replace(at, end - at + 1, put);
    at += put.size();
  }
  return value;
}

std::string text_of(const simdjson::dom::element& element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  std::ostringstream out;
  out << simdjson::minify(element);
  return out.str();
}

}  // namespace

const std::string* ConnectorFile::find(const std::string& setting) const {
  const auto found = settings.find(setting);
  return found == settings.end() ? nullptr : &found->second;
}

Result<ConnectorFile> parse_connector_file(const std::string& text, const std::string& file,
                                           const Environment& environment) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto code = parser.parse(text).get(root); code != simdjson::SUCCESS)
    return wrong(file, fmt::format("no JSON: {}", simdjson::error_message(code)));
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS)
    return wrong(file, "not an object", R"(it looks like {"name": "…", "config": {"connector.class": "…"}})");
  ConnectorFile made;
  made.file = file;
  std::string_view name;
  if (object["name"].get(name) == simdjson::SUCCESS) made.name = name;
  simdjson::dom::object config;
  if (object["config"].get(config) != simdjson::SUCCESS) config = object;
  for (const auto field : config) {
    if (field.value.is_null()) continue;
    PENSTOCK_ASSIGN(std::string value, with_references(text_of(field.value), file, environment));
    if (!made.settings.emplace(std::string(field.key), std::move(value)).second)
      return wrong(file, fmt::format("\"{}\" is there twice", field.key));
  }
  if (made.name.empty() && made.find("name") != nullptr) made.name = *made.find("name");
  return made;
}

Result<ConnectorFile> load_connector_file(const std::string& path, const Environment& environment) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return wrong(path, "cannot be read");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse_connector_file(text, path, environment);
}

}  // namespace penstock::app
