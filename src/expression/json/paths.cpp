#include <charconv>

#include "expression/arguments.h"
#include "expression/json/families.h"
#include "expression/json/slice.h"

namespace penstock::expression {
namespace {

std::string_view json_argument(const Call& call) { return argument<Json>(call, 0).text; }

enum class Give { kJson, kText };

template <Give give>
Value given(const Call& call, const std::optional<std::string_view>& part) {
  if (!part) return Null{};
  const std::string_view text = trim_json(*part);
  if constexpr (give == Give::kJson) return Json{text};
  if (text == "null") return Null{};
  return text.starts_with('"') ? text_result(call, unquote_json(text)) : Value(Text{text});
}

// jsonb keeps a lone scalar as an array of one.
std::optional<std::string_view> item_of(std::string_view text, std::int64_t index, bool jsonb) {
  text = trim_json(text);
  const bool scalar = !text.starts_with('[') && !text.starts_with('{');
  if (jsonb && scalar) return index == 0 || index == -1 ? std::optional(text) : std::nullopt;
  return json_item(text, index);
}

template <Give give>
Result<Value> by_key(const Call& call) {
  return given<give>(call, json_member(json_argument(call), text_argument(call, 1)));
}
template <Give give, bool jsonb>
Result<Value> by_index(const Call& call) {
  return given<give>(call, item_of(json_argument(call), int_argument(call, 1), jsonb));
}

// A step of a path: an array takes it as a number.
std::optional<std::string_view> step(std::string_view text, std::string_view name) {
  text = trim_json(text);
  if (text.starts_with('{')) return json_member(text, name);
  if (!text.starts_with('[')) return std::nullopt;
  while (!name.empty() && (name[0] == ' ' || (name[0] >= '\t' && name[0] <= '\r'))) name.remove_prefix(1);
  const bool plus = name.starts_with('+') && name.size() > 1 && name[1] != '-';
  if (plus) name.remove_prefix(1);
  std::int32_t index = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
  if (read.ec != std::errc{} || read.ptr != name.data() + name.size()) return std::nullopt;
  return json_item(text, index);
}

template <Give give>
Value along(const Call& call, std::span<const Value> path) {
  std::optional<std::string_view> at = json_argument(call);
  for (const Value& name : path) {
    if (name.is_null()) return Null{};
    if (at) at = step(*at, std::get<Text>(name.v).text);
  }
  return given<give>(call, at);
}
// An array of several dimensions counts as the list of all that is in it.
void append_items(const Array& array, std::vector<Value>& to) {
  for (std::uint32_t i = 0; i < array.size; ++i) {
    if (const auto* inner = array.items[i].get<Array>()) {
      append_items(*inner, to);
    } else {
      to.push_back(array.items[i]);
    }
  }
}
std::vector<Value> names_argument(const Call& call) {
  std::vector<Value> names;
  append_items(argument<Array>(call, 1), names);
  return names;
}
template <Give give>
Result<Value> by_path(const Call& call) {
  const std::vector<Value> path = names_argument(call);
  return along<give>(call, path);
}
template <Give give>
Result<Value> by_names(const Call& call) {
  return along<give>(call, call.arguments.subspan(1));
}

Result<Value> array_length(const Call& call) {
  const std::string_view text = trim_json(json_argument(call));
  if (text.starts_with('[')) return Value(static_cast<std::int32_t>(count_json_items(text)));
  return bad_row(text.starts_with('{') ? "cannot get array length of a non-array"
                                       : "cannot get array length of a scalar");
}

Result<Value> type_of(const Call& call) {
  const std::string_view text = trim_json(json_argument(call));
  switch (text.empty() ? ' ' : text[0]) {
    case '{':
      return Value(Text{"object"});
    case '[':
      return Value(Text{"array"});
    case '"':
      return Value(Text{"string"});
    case 't':
    case 'f':
      return Value(Text{"boolean"});
    case 'n':
      return Value(Text{"null"});
    default:
      return Value(Text{"number"});
  }
}

bool has_name(std::string_view text, std::string_view name) {
  text = trim_json(text);
  if (text.starts_with('{')) return json_member(text, name).has_value();
  if (text.starts_with('"')) return unquote_json(text) == name;
  const std::int64_t items = text.starts_with('[') ? count_json_items(text) : 0;
  for (std::int64_t i = 0; i < items; ++i) {
    const auto item = json_item(text, i);
    if (item->starts_with('"') && unquote_json(*item) == name) return true;
  }
  return false;
}
Result<Value> exists(const Call& call) {
  return Value(has_name(json_argument(call), text_argument(call, 1)));
}
template <bool all>
Result<Value> exist_among(const Call& call) {
  for (const Value& name : names_argument(call)) {
    if (name.is_null()) continue;
    const bool has = has_name(json_argument(call), std::get<Text>(name.v).text);
    if (has != all) return Value(!all);
  }
  return Value(all);
}

std::vector<Function> of_json() {
  using namespace oid;
  return {
      {.name = "->",
       .arguments = {kJson, kText},
       .result = kJson,
       .call = by_key<Give::kJson>,
       .example = "('{\"a\": {\"b\": 1}}'::json -> 'a')::text = '{\"b\": 1}'"},
      {.name = "->",
       .arguments = {kJson, kInt4},
       .result = kJson,
       .call = by_index<Give::kJson, false>,
       .example = "('[1, 2]'::json -> -1)::text = '2'"},
      {.name = "->>",
       .arguments = {kJson, kText},
       .result = kText,
       .call = by_key<Give::kText>,
       .example = "'{\"a\": \"x\"}'::json ->> 'a' = 'x'"},
      {.name = "->>",
       .arguments = {kJson, kInt4},
       .result = kText,
       .call = by_index<Give::kText, false>,
       .example = "'[\"a\", \"b\"]'::json ->> 1 = 'b'"},
      {.name = "#>",
       .arguments = {kJson, kTextArray},
       .result = kJson,
       .call = by_path<Give::kJson>,
       .example = "('{\"a\": [1, {\"b\": 2}]}'::json #> '{a,1}')::text = '{\"b\": 2}'"},
      {.name = "#>>",
       .arguments = {kJson, kTextArray},
       .result = kText,
       .call = by_path<Give::kText>,
       .example = "'{\"a\": [1, {\"b\": 2}]}'::json #>> '{a,1,b}' = '2'"},
      {.name = "json_extract_path",
       .arguments = {kJson, kText},
       .result = kJson,
       .call = by_names<Give::kJson>,
       .variadic = true,
       .example = "json_extract_path('{\"a\": {\"b\": 1}}', 'a')::text = '{\"b\": 1}'"},
      {.name = "json_extract_path_text",
       .arguments = {kJson, kText},
       .result = kText,
       .call = by_names<Give::kText>,
       .variadic = true,
       .example = "json_extract_path_text('{\"a\": {\"b\": 1}}', 'a', 'b') = '1'"},
      {.name = "json_array_length",
       .arguments = {kJson},
       .result = kInt4,
       .call = array_length,
       .example = "json_array_length('[1, [2, 3]]') = 2"},
      {.name = "json_typeof",
       .arguments = {kJson},
       .result = kText,
       .call = type_of,
       .example = "json_typeof('-1.5') = 'number'"},
  };
}

std::vector<Function> existence() {
  using namespace oid;
  return {
      {.name = "?",
       .arguments = {kJsonb, kText},
       .result = kBool,
       .call = exists,
       .example = "'{\"a\": 1}'::jsonb ? 'a'"},
      {.name = "?|",
       .arguments = {kJsonb, kTextArray},
       .result = kBool,
       .call = exist_among<false>,
       .example = "'{\"a\": 1}'::jsonb ?| '{x,a}'"},
      {.name = "?&",
       .arguments = {kJsonb, kTextArray},
       .result = kBool,
       .call = exist_among<true>,
       .example = "not '{\"a\": 1}'::jsonb ?& '{x,a}'"},
      {.name = "jsonb_exists",
       .arguments = {kJsonb, kText},
       .result = kBool,
       .call = exists,
       .example = "jsonb_exists('[\"a\"]', 'a')"},
  };
}

}  // namespace

std::vector<Function> json_paths() {
  using namespace oid;
  std::vector<Function> all = {
      {.name = "->",
       .arguments = {kJsonb, kText},
       .result = kJsonb,
       .call = by_key<Give::kJson>,
       .example = "'{\"a\": {\"b\": 1}}'::jsonb -> 'a' = '{\"b\": 1}'::jsonb"},
      {.name = "->",
       .arguments = {kJsonb, kInt4},
       .result = kJsonb,
       .call = by_index<Give::kJson, true>,
       .example = "'[1, 2]'::jsonb -> 0 = '1'::jsonb"},
      {.name = "->>",
       .arguments = {kJsonb, kText},
       .result = kText,
       .call = by_key<Give::kText>,
       .example = "'{\"name\": \"Minh\"}'::jsonb ->> 'name' = 'Minh'"},
      {.name = "->>",
       .arguments = {kJsonb, kInt4},
       .result = kText,
       .call = by_index<Give::kText, true>,
       .example = "'[\"a\", \"b\"]'::jsonb ->> -1 = 'b'"},
      {.name = "#>",
       .arguments = {kJsonb, kTextArray},
       .result = kJsonb,
       .call = by_path<Give::kJson>,
       .example = "'{\"a\": [1, {\"b\": 2}]}'::jsonb #> '{a,1}' = '{\"b\": 2}'::jsonb"},
      {.name = "#>>",
       .arguments = {kJsonb, kTextArray},
       .result = kText,
       .call = by_path<Give::kText>,
       .example = "'{\"a\": [1, {\"b\": 2}]}'::jsonb #>> '{a,1,b}' = '2'"},
      {.name = "jsonb_extract_path",
       .arguments = {kJsonb, kText},
       .result = kJsonb,
       .call = by_names<Give::kJson>,
       .variadic = true,
       .example = "jsonb_extract_path('{\"a\": {\"b\": 1}}', 'a') = '{\"b\": 1}'::jsonb"},
      {.name = "jsonb_extract_path_text",
       .arguments = {kJsonb, kText},
       .result = kText,
       .call = by_names<Give::kText>,
       .variadic = true,
       .example = "jsonb_extract_path_text('{\"a\": {\"b\": 1}}', 'a', 'b') = '1'"},
      {.name = "jsonb_array_length",
       .arguments = {kJsonb},
       .result = kInt4,
       .call = array_length,
       .example = "jsonb_array_length('[1, [2, 3]]') = 2"},
      {.name = "jsonb_typeof",
       .arguments = {kJsonb},
       .result = kText,
       .call = type_of,
       .example = "jsonb_typeof('{}') = 'object'"},
  };
  for (const auto& others : {existence(), of_json()}) all.insert(all.end(), others.begin(), others.end());
  return all;
}

}  // namespace penstock::expression
