#include "sink/mongo/encode/id_text.h"

#include <bson/bson.h>

#include <optional>
#include <string>
#include <string_view>

#include "model/civil_time.h"
#include "model/number_text.h"
#include "sink/mongo/encode/bson_json.h"
#include "sink/mongo/encode/decimal128.h"

namespace penstock::mongo {
namespace {

using Part = std::optional<std::string>;

// The column's type, which FieldShape::source ends with.
std::string_view type_of(const DocumentShape& shape, std::size_t index) {
  const std::string& source = shape.id[index].source;
  const std::string prefix = shape.table + "." + shape.id_columns[index] + " ";
  return source.starts_with(prefix) ? std::string_view(source).substr(prefix.size()) : std::string_view();
}

bool is_json(std::string_view type) { return type == "json" || type == "jsonb"; }
bool is_time(std::string_view type) { return type.starts_with("timestamp"); }
bool is_hstore(std::string_view type) { return type == "hstore" || type.ends_with(".hstore"); }

// As PostgreSQL prints the column: the answer to a sweep is decoded from this text.
std::string time_text(const DayTime& time, std::string_view type) {
  std::string text;
  if (type == "date") {
    append_date(text, time.days);
  } else {
    append_timestamp(text, time, !type.ends_with("without time zone"));
  }
  return text;
}

Part text_part(const bson_iter_t& element, std::string_view type) {
  std::uint32_t size = 0;
  const char* data = bson_iter_utf8(&element, &size);
  const std::string_view text(data, size);
  // A JSON string that begins like this is written as its JSON text, and an array always is.
  if (is_json(type))
    return text.starts_with('[') || text.starts_with('"') ? std::string(text) : json_string(text);
  if (is_time(type)) {
    if (const auto time = parse_iso_time(text)) return time_text(*time, type);
  }
  return std::string(text);
}

Part binary_part(const bson_iter_t& element, std::string_view type) {
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&element, &subtype, &size, &data);
  if (subtype == BSON_SUBTYPE_UUID && size == 16) {
    Uuid uuid;
    std::copy_n(data, uuid.bytes.size(), uuid.bytes.begin());
    return to_text(Value(uuid));
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool is_text = type.starts_with("text") || type.starts_with("character") || type == "citext";
  return is_text ? std::string(bytes) : to_text(Value(Bytes{bytes}));
}

Part bool_part(bool flag, std::string_view type) {
  if (is_json(type)) return flag ? "true" : "false";
  const bool is_boolean = type == "boolean" || type.empty();
  if (is_boolean) return flag ? "t" : "f";
  return flag ? "1" : "0";
}

Part object_id_part(const bson_iter_t& element, std::string_view type) {
  char text[25];
  bson_oid_to_string(bson_iter_oid(&element), text);
  return type == "bytea" ? std::string("\\x") + text : text;
}

Part element_text(const bson_iter_t& element, std::string_view type);

// As array_out and hstore_out quote.
void append_quoted(std::string& out, std::string_view text, bool doubled) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += doubled ? c : '\\';
    out += c;
  }
  out += '"';
}

Part hstore_text(const bson_iter_t& members) {
  bson_iter_t child = members;
  std::string out;
  while (bson_iter_next(&child)) {
    if (!out.empty()) out += ", ";
    append_quoted(out, bson_iter_key(&child), false);
    out += "=>";
    const auto value = element_text(child, "text");
    if (!value && !BSON_ITER_HOLDS_NULL(&child)) return std::nullopt;
    if (value) {
      append_quoted(out, *value, false);
    } else {
      out += "NULL";
    }
  }
  return out;
}

// A composite has its attributes in order; which they are does not matter to its text.
Part composite_text(const bson_iter_t& members) {
  bson_iter_t child = members;
  std::string out = "(";
  while (bson_iter_next(&child)) {
    if (out.size() > 1) out += ',';
    const auto value = element_text(child, {});
    if (!value && !BSON_ITER_HOLDS_NULL(&child)) return std::nullopt;
    if (value) append_quoted(out, *value, true);
  }
  return out + ")";
}

struct RangeParts {
  Part lower, upper;
  std::optional<bool> lower_inclusive, upper_inclusive, empty;
  bool other = false;
};

RangeParts read_range(const bson_iter_t& members) {
  bson_iter_t child = members;
  RangeParts range;
  while (bson_iter_next(&child)) {
    const std::string_view key = bson_iter_key(&child);
    if (key == "lower") {
      range.lower = element_text(child, {});
    } else if (key == "upper") {
      range.upper = element_text(child, {});
    } else if (key == "lower_inclusive") {
      range.lower_inclusive = bson_iter_bool(&child);
    } else if (key == "upper_inclusive") {
      range.upper_inclusive = bson_iter_bool(&child);
    } else if (key == "empty") {
      range.empty = bson_iter_bool(&child);
    } else {
      range.other = true;
    }
  }
  return range;
}

Part document_text(const bson_iter_t& element, std::string_view type) {
  bson_iter_t child;
  if (!bson_iter_recurse(&element, &child)) return std::nullopt;
  if (is_json(type)) return bson_to_json(&element);
  if (is_hstore(type)) return hstore_text(child);
  const RangeParts range = read_range(child);
  if (range.other || !range.lower_inclusive || !range.upper_inclusive || !range.empty)
    return composite_text(child);
  if (*range.empty) return "empty";
  std::string out(1, *range.lower_inclusive ? '[' : '(');
  if (range.lower) append_quoted(out, *range.lower, true);
  out += ',';
  if (range.upper) append_quoted(out, *range.upper, true);
  return out + (*range.upper_inclusive ? ']' : ')');
}

Part element_text(const bson_iter_t& element, std::string_view type) {
  switch (bson_iter_type(&element)) {
    case BSON_TYPE_INT32:
      return std::to_string(bson_iter_int32(&element));
    case BSON_TYPE_INT64:
      return std::to_string(bson_iter_int64(&element));
    case BSON_TYPE_DOUBLE: {
      std::string text;
      append_double(text, bson_iter_double(&element));
      return text;
    }
    case BSON_TYPE_DECIMAL128: {
      bson_decimal128_t number{};
      bson_iter_decimal128(&element, &number);
      return to_text(Decimal128{number.high, number.low});
    }
    case BSON_TYPE_UTF8:
      return text_part(element, type);
    case BSON_TYPE_BINARY:
      return binary_part(element, type);
    case BSON_TYPE_OID:
      return object_id_part(element, type);
    case BSON_TYPE_BOOL:
      return bool_part(bson_iter_bool(&element), type);
    case BSON_TYPE_DATE_TIME:
      return time_text(from_millis(bson_iter_date_time(&element)), type);
    case BSON_TYPE_DOCUMENT:
      return document_text(element, type);
    case BSON_TYPE_NULL:
      return is_json(type) ? Part("null") : std::nullopt;
    default:
      return std::nullopt;
  }
}

tl::unexpected<Error> foreign_id(const DocumentShape& shape, const bson_t& document) {
  char* json = bson_as_relaxed_extended_json(&document, nullptr);
  std::string text = json != nullptr ? json : "(unreadable)";
  bson_free(json);
  return fail(ErrorKind::kBadValue,
              "collection " + shape.collection + ": the `_id` of " + text.substr(0, 300) +
                  " was not made from the key of " + shape.table,
              "remove the document, or keep documents of other programs in other collections");
}

}  // namespace

Result<KeyText> id_to_text(const DocumentShape& shape, const std::uint8_t* document, std::size_t size) {
  bson_t view;
  bson_iter_t id;
  if (!bson_init_static(&view, document, size) || !bson_iter_init_find(&id, &view, "_id")) {
    return fail(ErrorKind::kInternal, "collection " + shape.collection + ": a document has no `_id`");
  }
  KeyText key;
  if (shape.id.size() == 1) {
    auto text = element_text(id, type_of(shape, 0));
    if (!text) return foreign_id(shape, view);
    key.push_back(std::move(*text));
    return key;
  }
  bson_iter_t part;
  if (!BSON_ITER_HOLDS_DOCUMENT(&id) || !bson_iter_recurse(&id, &part)) return foreign_id(shape, view);
  for (std::size_t i = 0; i < shape.id.size(); ++i) {
    if (!bson_iter_next(&part) || shape.id[i].name != bson_iter_key(&part)) return foreign_id(shape, view);
    auto text = element_text(part, type_of(shape, i));
    if (!text) return foreign_id(shape, view);
    key.push_back(std::move(*text));
  }
  if (bson_iter_next(&part)) return foreign_id(shape, view);
  return key;
}

}  // namespace penstock::mongo
