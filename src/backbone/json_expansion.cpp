#include "backbone/json_expansion.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "envelope/value_writer.h"

namespace penstock::backbone {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

struct Shape {
  enum class Kind : std::uint8_t { kNone, kText, kBool, kInt, kLong, kDouble, kBytes, kArray, kObject };
  Kind kind = Kind::kNone;
  bool optional = true;
  std::string name = {};
  std::vector<std::pair<std::string, Shape>> fields = {};  // of an object
  std::vector<Shape> items = {};                           // of an array: one

  bool operator==(const Shape& other) const = default;
};
using Kind = Shape::Kind;

class Inference {
 public:
  explicit Inference(bool nulls_are_bytes) : nulls_are_bytes_(nulls_are_bytes) {}

  // Of nothing: kNone. A failure where Debezium gives up too.
  std::optional<Shape> of(const element& value, const std::string& name) const {
    switch (value.type()) {
      case element_type::STRING:
        return Shape{Kind::kText};
      case element_type::BOOL:
        return Shape{Kind::kBool};
      case element_type::INT64: {
        const std::int64_t number = value.get_int64().value_unsafe();
        const bool is_short = number >= std::numeric_limits<std::int32_t>::min() &&
                              number <= std::numeric_limits<std::int32_t>::max();
        return Shape{is_short ? Kind::kInt : Kind::kLong};
      }
      case element_type::DOUBLE:
        return Shape{Kind::kDouble};
      case element_type::UINT64:
        return std::nullopt;
      case element_type::ARRAY:
        return of_array(value.get_array().value_unsafe(), name);
      case element_type::OBJECT:
        return of_object(value.get_object().value_unsafe(), name);
      case element_type::NULL_VALUE:
        return Shape{nulls_are_bytes_ ? Kind::kBytes : Kind::kNone};
    }
    return std::nullopt;
  }

 private:
  std::optional<Shape> of_object(const simdjson::dom::object& object, const std::string& name) const {
    Shape shape{Kind::kObject, true, name};
    for (const auto& [key, value] : object) {
      const std::string field(key);
      auto made = of(value, name.empty() ? field : name + "." + field);
      if (!made) return std::nullopt;
      if (made->kind != Kind::kNone && !has(shape, field)) shape.fields.emplace_back(field, std::move(*made));
    }
    return shape;
  }

  std::optional<Shape> of_array(const simdjson::dom::array& array, const std::string& name) const {
    if (array.begin() == array.end()) return Shape{};
    std::vector<Shape> kinds;
    for (const element item : array) {
      if (item.is_null()) continue;
      auto made = of(item, item.is_object() ? name : "");
      if (!made || (!kinds.empty() && made->kind != kinds.front().kind)) return std::nullopt;
      if (std::find(kinds.begin(), kinds.end(), *made) == kinds.end()) kinds.push_back(std::move(*made));
    }
    if (kinds.empty() && !nulls_are_bytes_) return std::nullopt;
    Shape items = kinds.empty() ? Shape{Kind::kBytes} : kinds.front();
    if (items.kind == Kind::kNone) return std::nullopt;
    if (items.kind == Kind::kObject && kinds.size() > 1) items = merged(kinds);
    return Shape{Kind::kArray, true, {}, {}, {std::move(items)}};
  }

  static bool has(const Shape& shape, const std::string& field) {
    return std::any_of(shape.fields.begin(), shape.fields.end(),
                       [&](const auto& one) { return one.first == field; });
  }

  static Shape merged(const std::vector<Shape>& objects) {
    Shape all{Kind::kObject, false, objects.front().name};
    for (const Shape& object : objects)
      for (const auto& [name, shape] : object.fields)
        if (!has(all, name)) all.fields.emplace_back(name, shape);
    return all;
  }

  const bool nulls_are_bytes_;
};

envelope::ConnectSchema schema_of(const Shape& shape) {
  static constexpr std::string_view kTypes[] = {"", "string", "boolean", "int32", "int64", "double", "bytes"};
  envelope::ConnectSchema schema;
  if (shape.kind == Kind::kArray) {
    schema = envelope::array_of(schema_of(shape.items.front()));
  } else if (shape.kind == Kind::kObject) {
    std::vector<envelope::SchemaField> fields;
    for (const auto& [name, field] : shape.fields) fields.push_back({name, schema_of(field)});
    schema = envelope::struct_of(fields, shape.name);
  } else {
    schema = envelope::primitive(kTypes[static_cast<std::size_t>(shape.kind)]);
  }
  schema.optional = shape.optional;
  return schema;
}

void append(std::string& out, const element& value, const Shape& shape);

void append_object(std::string& out, const simdjson::dom::object& object, const Shape& shape) {
  out += '{';
  for (const auto& [name, field] : shape.fields) {
    if (out.back() != '{') out += ',';
    envelope::append_json_string(out, name);
    out += ':';
    element value;
    if (object.at_key(name).get(value) == simdjson::SUCCESS) {
      append(out, value, field);
    } else {
      out += "null";
    }
  }
  out += '}';
}

void append(std::string& out, const element& value, const Shape& shape) {
  if (value.is_null()) {
    out += "null";
  } else if (shape.kind == Kind::kText) {
    envelope::append_json_string(out, value.get_string().value_unsafe());
  } else if (shape.kind == Kind::kObject) {
    append_object(out, value.get_object().value_unsafe(), shape);
  } else if (shape.kind == Kind::kArray) {
    out += '[';
    const simdjson::dom::array items = value.get_array().value_unsafe();
    for (const element item : items) {
      if (out.back() != '[') out += ',';
      append(out, item, shape.items.front());
    }
    out += ']';
  } else {
    out += simdjson::minify(value);
  }
}

}  // namespace

std::optional<Expanded> expand_json(std::string_view text, const std::string& name, bool nulls_are_bytes) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS || !root.is_object())
    return std::nullopt;
  const auto shape = Inference(nulls_are_bytes).of(root, name);
  if (!shape) return std::nullopt;
  Expanded made{schema_of(*shape), {}};
  append(made.json, root, *shape);
  return made;
}

}  // namespace penstock::backbone
