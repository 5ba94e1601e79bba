#include "library/open_options.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <cstdint>

namespace penstock::library {
namespace {

namespace dom = simdjson::dom;

tl::unexpected<Error> wrong(const std::string& what) { return fail(ErrorKind::kUsage, what); }

Error named(std::string_view option, const std::string& what) {
  return make_error(ErrorKind::kUsage, "the option \"" + std::string(option) + "\" of penstock_open: " + what,
                    "src/library/penstock.h says which there are");
}

Status take(const dom::element& value, std::string& into) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return wrong("a text is wanted");
  into = text;
  return {};
}

Status take(const dom::element& value, std::optional<std::string>& into) {
  return take(value, into.emplace());
}

Status take(const dom::element& value, bool& into) {
  if (value.get(into) != simdjson::SUCCESS) return wrong("true or false is wanted");
  return {};
}

Status take(const dom::element& value, std::chrono::seconds& into) {
  std::int64_t seconds = 0;
  if (value.get(seconds) != simdjson::SUCCESS || seconds < 0) return wrong("seconds are wanted, 0 or more");
  into = std::chrono::seconds(seconds);
  return {};
}

Status take(const dom::element& value, std::map<std::string, std::string>& into) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong("an object of texts is wanted");
  for (const auto& [name, text] : object) PENSTOCK_TRY(take(text, into[std::string(name)]));
  return {};
}

Status take(const dom::element& value, std::optional<std::map<std::string, std::string>>& into) {
  return take(value, into.emplace());
}

Status take(const dom::element& value, std::vector<std::string>& into) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return wrong("a list of texts is wanted");
  for (const dom::element& text : array) PENSTOCK_TRY(take(text, into.emplace_back()));
  return {};
}

// Calls `each` with every option's name and place.
template <class Options, class Each>
void for_each(Options& options, const Each& each) {
  each("file", options.file);
  each("connector", options.connector);
  each("environment", options.environment);
  each("brokers", options.brokers);
  each("kafka", options.kafka);
  each("collections", options.collections);
  each("skip_truncates", options.skip_truncates);
  each("take_over", options.take_over);
  each("accept_gap", options.accept_gap);
  each("clear", options.clear);
  each("outage_seconds", options.outage);
  each("stream_generation", options.stream_generation);
  each("kept_generation", options.kept_generation);
}

Status take_option(OpenOptions& options, std::string_view name, const dom::element& value) {
  bool known = false;
  Status taken;
  for_each(options, [&](const char* option, auto& place) {
    if (name != option) return;
    known = true;
    taken = take(value, place);
  });
  if (!known) return fail(named(name, "there is no such"));
  if (!taken) return fail(named(name, taken.error().message));
  return {};
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void put(Writer& out, const std::string& text) { put(out, std::string_view(text)); }
void put(Writer& out, bool value) { out.Bool(value); }
void put(Writer& out, std::chrono::seconds value) { out.Int64(value.count()); }
void put(Writer& out, const std::map<std::string, std::string>& values) {
  out.StartObject();
  for (const auto& [name, value] : values) {
    put(out, std::string_view(name));
    put(out, std::string_view(value));
  }
  out.EndObject();
}
void put(Writer& out, const std::vector<std::string>& values) {
  out.StartArray();
  for (const std::string& value : values) put(out, std::string_view(value));
  out.EndArray();
}
template <class T>
void put(Writer& out, const std::optional<T>& value) {
  put(out, *value);
}

template <class T>
bool is_given(const T&) {
  return true;
}
template <class T>
bool is_given(const std::optional<T>& value) {
  return value.has_value();
}

}  // namespace

Result<OpenOptions> parse_options(std::string_view json) {
  OpenOptions options;
  if (json.empty()) return options;
  dom::parser parser;
  dom::element root;
  dom::object object;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS)
    return wrong("the options of penstock_open are no JSON object");
  for (const auto& [name, value] : object) PENSTOCK_TRY(take_option(options, name, value));
  return options;
}

std::string to_json(const OpenOptions& options) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  for_each(options, [&](const char* option, const auto& value) {
    if (!is_given(value)) return;
    put(out, std::string_view(option));
    put(out, value);
  });
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace penstock::library
