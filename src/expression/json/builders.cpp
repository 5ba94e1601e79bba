#include <fmt/format.h>

#include <algorithm>

#include "expression/arguments.h"
#include "expression/json/document.h"
#include "expression/json/families.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

JsonNode string_node(std::string text) {
  JsonNode node;
  node.kind = JsonNode::Kind::kString;
  node.text = std::move(text);
  return node;
}

// A number, or the name of what is none.
Result<JsonNode> number_node(const std::string& text) {
  if (text.find_first_of("NI") != std::string::npos) return string_node(text);
  JsonNode node;
  node.kind = JsonNode::Kind::kNumber;
  PENSTOCK_ASSIGN(node.text, number_of_json(text));
  return node;
}

// ISO 8601: a 'T', and the offset with minutes.
std::string iso_text(const Timestamp& timestamp, std::string text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) return text;  // an infinity
  text[blank] = 'T';
  if (timestamp.with_zone) text.insert(text.find("+00") + 3, ":00");
  return text;
}

Result<JsonNode> node_of(const Value& value) {
  JsonNode node;
  if (value.is_null()) return node;
  if (const bool* truth = value.get<bool>()) {
    node.kind = JsonNode::Kind::kBool;
    node.truth = *truth;
    return node;
  }
  if (const auto* json = value.get<Json>()) return parse_json(json->text);
  if (const auto* array = value.get<Array>()) {
    node.kind = JsonNode::Kind::kArray;
    for (std::uint32_t i = 0; i < array->size; ++i) {
      PENSTOCK_ASSIGN(JsonNode item, node_of(array->items[i]));
      node.items.push_back(std::move(item));
    }
    return node;
  }
  const bool number = value.get<std::int32_t>() != nullptr || value.get<std::int64_t>() != nullptr ||
                      value.get<double>() != nullptr || value.get<Decimal>() != nullptr;
  if (number) return number_node(to_text(value));
  if (const auto* timestamp = value.get<Timestamp>())
    return string_node(iso_text(*timestamp, to_text(value)));
  return string_node(to_text(value));
}

Value json_value(const Call& call, const JsonNode& node) { return Json{call.arena.copy(jsonb_text(node))}; }

Result<Value> to_jsonb(const Call& call) {
  PENSTOCK_ASSIGN(const JsonNode node, node_of(call.arguments[0]));
  return json_value(call, node);
}

Result<Value> build_object(const Call& call) {
  if (call.arguments.size() % 2 != 0) return bad_row("argument list must have even number of elements");
  JsonNode object;
  object.kind = JsonNode::Kind::kObject;
  for (std::size_t i = 0; i < call.arguments.size(); i += 2) {
    const Value& key = call.arguments[i];
    if (key.is_null()) return bad_row(fmt::format("argument {}: key must not be null", i + 1));
    if (key.get<Json>() != nullptr || key.get<Array>() != nullptr || key.get<Struct>() != nullptr)
      return bad_row("key value must be scalar, not array, composite, or json");
    const bool* truth = key.get<bool>();
    std::string name = truth == nullptr ? to_text(key) : *truth ? "true" : "false";
    if (const auto* timestamp = key.get<Timestamp>()) name = iso_text(*timestamp, std::move(name));
    PENSTOCK_ASSIGN(JsonNode value, node_of(call.arguments[i + 1]));
    object.members.push_back({std::move(name), std::move(value)});
  }
  settle_members(object);
  return json_value(call, object);
}

Result<Value> build_array(const Call& call) {
  JsonNode array;
  array.kind = JsonNode::Kind::kArray;
  for (const Value& value : call.arguments) {
    PENSTOCK_ASSIGN(JsonNode item, node_of(value));
    array.items.push_back(std::move(item));
  }
  return json_value(call, array);
}

Result<JsonNode> tree_argument(const Call& call, std::size_t index) {
  return parse_json(argument<Json>(call, index).text);
}

template <std::size_t left, std::size_t right>
Result<Value> containment(const Call& call) {
  PENSTOCK_ASSIGN(const JsonNode whole, tree_argument(call, left));
  PENSTOCK_ASSIGN(const JsonNode part, tree_argument(call, right));
  return Value(contains(whole, part));
}

// Two objects become one, anything else one array.
Result<Value> joined(const Call& call) {
  PENSTOCK_ASSIGN(JsonNode left, tree_argument(call, 0));
  PENSTOCK_ASSIGN(JsonNode right, tree_argument(call, 1));
  const bool objects = left.kind == JsonNode::Kind::kObject && right.kind == JsonNode::Kind::kObject;
  if (objects) {
    std::move(right.members.begin(), right.members.end(), std::back_inserter(left.members));
    settle_members(left);
    return json_value(call, left);
  }
  JsonNode array;
  array.kind = JsonNode::Kind::kArray;
  for (JsonNode* side : {&left, &right}) {
    if (side->kind == JsonNode::Kind::kArray) {
      std::move(side->items.begin(), side->items.end(), std::back_inserter(array.items));
    } else {
      array.items.push_back(std::move(*side));
    }
  }
  return json_value(call, array);
}

Result<Value> without_name(const Call& call) {
  PENSTOCK_ASSIGN(JsonNode node, tree_argument(call, 0));
  const std::string_view name = text_argument(call, 1);
  if (!node.is_container()) return bad_row("cannot delete from scalar");
  std::erase_if(node.members, [name](const auto& member) { return member.name == name; });
  std::erase_if(node.items, [name](const JsonNode& item) {
    return item.kind == JsonNode::Kind::kString && item.text == name;
  });
  return json_value(call, node);
}

Result<Value> without_item(const Call& call) {
  PENSTOCK_ASSIGN(JsonNode node, tree_argument(call, 0));
  if (!node.is_container()) return bad_row("cannot delete from scalar");
  if (node.kind == JsonNode::Kind::kObject) return bad_row("cannot delete from object using integer index");
  const auto size = static_cast<std::int64_t>(node.items.size());
  std::int64_t index = int_argument(call, 1);
  if (index < 0) index += size;
  if (index >= 0 && index < size) node.items.erase(node.items.begin() + index);
  return json_value(call, node);
}

void strip_nulls(JsonNode& node) {
  std::erase_if(node.members, [](const auto& member) { return member.value.kind == JsonNode::Kind::kNull; });
  for (auto& [key, value] : node.members) strip_nulls(value);
  for (JsonNode& item : node.items) strip_nulls(item);
}
Result<Value> stripped(const Call& call) {
  PENSTOCK_ASSIGN(JsonNode node, tree_argument(call, 0));
  strip_nulls(node);
  return json_value(call, node);
}

}  // namespace

std::vector<Function> json_builders() {
  using namespace oid;
  return {
      {.name = "to_jsonb",
       .arguments = {kAnyElement},
       .result = kJsonb,
       .call = to_jsonb,
       .example = "to_jsonb('Fred says \"Hi.\"'::text)::text = '\"Fred says \\\"Hi.\\\"\"'"},
      {.name = "jsonb_build_object",
       .arguments = {kAnyElement},
       .result = kJsonb,
       .call = build_object,
       .strict = false,
       .variadic = true,
       .example = "jsonb_build_object('b', 1, 'a', null)::text = '{\"a\": null, \"b\": 1}'"},
      {.name = "jsonb_build_array",
       .arguments = {kAnyElement},
       .result = kJsonb,
       .call = build_array,
       .strict = false,
       .variadic = true,
       .example = "jsonb_build_array(1, 'x', true)::text = '[1, \"x\", true]'"},
      {.name = "@>",
       .arguments = {kJsonb, kJsonb},
       .result = kBool,
       .call = containment<0, 1>,
       .example = "'{\"a\": 1, \"b\": [1, 2]}'::jsonb @> '{\"b\": [2]}'::jsonb"},
      {.name = "<@",
       .arguments = {kJsonb, kJsonb},
       .result = kBool,
       .call = containment<1, 0>,
       .example = "'{\"b\": 2}'::jsonb <@ '{\"a\": 1, \"b\": 2}'::jsonb"},
      {.name = "||",
       .arguments = {kJsonb, kJsonb},
       .result = kJsonb,
       .call = joined,
       .example = "'{\"a\": 1}'::jsonb || '{\"b\": 2}'::jsonb = '{\"a\": 1, \"b\": 2}'::jsonb"},
      {.name = "-",
       .arguments = {kJsonb, kText},
       .result = kJsonb,
       .call = without_name,
       .example = "'{\"a\": 1, \"b\": 2}'::jsonb - 'a'::text = '{\"b\": 2}'::jsonb"},
      {.name = "-",
       .arguments = {kJsonb, kInt4},
       .result = kJsonb,
       .call = without_item,
       .example = "'[1, 2, 3]'::jsonb - 1 = '[1, 3]'::jsonb"},
      {.name = "jsonb_strip_nulls",
       .arguments = {kJsonb},
       .result = kJsonb,
       .call = stripped,
       .example = "jsonb_strip_nulls('{\"a\": null, \"b\": [null]}') = '{\"b\": [null]}'::jsonb"},
  };
}

}  // namespace penstock::expression
