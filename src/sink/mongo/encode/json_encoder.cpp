#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <string>

#include "model/number_text.h"
#include "sink/mongo/encode/bson_append.h"
#include "sink/mongo/encode/value_encoder.h"

namespace penstock::mongo {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kSureDigits = 15;       // of a double
constexpr std::int64_t kSureExponent = 290;   // far from a double's smallest and greatest
constexpr std::size_t kKeptBuffer = 1 << 20;  // a larger one is freed after use
constexpr std::string_view kWhiteSpace = " \t\n\r";

tl::unexpected<Error> no_json(simdjson::error_code code) {
  return fail(ErrorKind::kBadValue, std::string("it is no JSON: ") + simdjson::error_message(code));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// RFC 8259, section 6.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = at;
  at = skip_digits(text, at);
  if (at == whole || (text[whole] == '0' && at > whole + 1)) return false;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = ++at;
    at = skip_digits(text, at);
    if (at == fraction) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(text, at);
    if (at == exponent) return false;
  }
  return at == text.size();
}

// Whether the double's shortest text is the same number.
bool same_as_double(std::string_view text, double number) {
  const DecimalParts parts = split_decimal(text);
  if (parts.valid && parts.count <= kSureDigits && parts.exponent > -kSureExponent &&
      parts.exponent < kSureExponent) {
    return true;
  }
  std::string shortest;
  append_double(shortest, number);
  return same_decimal(text, shortest);
}

Status append_number(bson_t& document, std::string_view name, std::string_view text, EncodeContext& context) {
  if (!is_json_number(text)) return fail(ErrorKind::kBadValue, "it is no JSON: not a number");
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto [integer_end, integer_error] = std::from_chars(text.data(), end, whole);
  if (integer_error == std::errc() && integer_end == end && text != "-0") {
    if (whole >= INT32_MIN && whole <= INT32_MAX) {
      return append_value(document, name, static_cast<std::int32_t>(whole), context);
    }
    return append_value(document, name, whole, context);
  }
  double number = 0;
  const auto [double_end, double_error] = std::from_chars(text.data(), end, number);
  if (double_error == std::errc() && double_end == end && same_as_double(text, number)) {
    return append_value(document, name, number, context);
  }
  return append_decimal(document, name, text, context);
}

Status append_element(bson_t& document, std::string_view name, ondemand::value value, EncodeContext& context);

Status fill_document(bson_t& child, ondemand::object& object, EncodeContext& context) {
  for (auto entry : object) {
    ondemand::field field;
    if (const auto error = std::move(entry).get(field)) return no_json(error);
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return no_json(error);
    if (key.find('\0') != std::string_view::npos) {
      return fail(ErrorKind::kRejectedDocument, "a key in it contains the character U+0000");
    }
    PENSTOCK_TRY(append_element(child, key, field.value(), context));
  }
  return {};
}

Status fill_array(bson_t& child, ondemand::array& array, EncodeContext& context) {
  std::uint32_t number = 0;
  for (auto entry : array) {
    ondemand::value value;
    if (const auto error = entry.get(value)) return no_json(error);
    const char* index = nullptr;
    char buffer[16];
    const std::size_t length = bson_uint32_to_string(number++, &index, buffer, sizeof buffer);
    PENSTOCK_TRY(append_element(child, {index, length}, value, context));
  }
  return {};
}

Status append_object(bson_t& document, std::string_view name, ondemand::value& value,
                     EncodeContext& context) {
  PENSTOCK_TRY(check_depth(context));
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return no_json(error);
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_document_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = fill_document(child, object, context);
  --context.depth;
  bson_append_document_end(&document, &child);
  return status;
}

Status append_array(bson_t& document, std::string_view name, ondemand::value& value, EncodeContext& context) {
  PENSTOCK_TRY(check_depth(context));
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return no_json(error);
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_array_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = fill_array(child, array, context);
  --context.depth;
  bson_append_array_end(&document, &child);
  return status;
}

Status append_bool(bson_t& document, std::string_view name, ondemand::value& value, EncodeContext& context) {
  bool flag = false;
  if (const auto error = value.get_bool().get(flag)) return no_json(error);
  return append_value(document, name, flag, context);
}

Status append_element(bson_t& document, std::string_view name, ondemand::value value,
                      EncodeContext& context) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return no_json(error);
  switch (type) {
    case ondemand::json_type::object:
      return append_object(document, name, value, context);
    case ondemand::json_type::array:
      return append_array(document, name, value, context);
    case ondemand::json_type::boolean:
      return append_bool(document, name, value, context);
    case ondemand::json_type::null: {
      bool null = false;
      if (const auto error = value.is_null().get(null)) return no_json(error);
      if (!null) return no_json(simdjson::N_ATOM_ERROR);
      return append_value(document, name, Null{}, context);
    }
    case ondemand::json_type::string: {
      std::string_view text;
      if (const auto error = value.get_string().get(text)) return no_json(error);
      return append_string(document, name, text);
    }
    case ondemand::json_type::number: {
      std::string_view token = value.raw_json_token();
      token = token.substr(0, token.find_last_not_of(kWhiteSpace) + 1);
      return append_number(document, name, token, context);
    }
  }
  return fail(ErrorKind::kBadValue, "it is no JSON");
}

// The text between brackets, with the padding the parser reads beyond the end: one way for documents and
// scalars alike.
class Scratch {
 public:
  simdjson::padded_string_view wrap(std::string_view json) {
    const std::size_t length = json.size() + 2;
    if (capacity_ < length + simdjson::SIMDJSON_PADDING) {
      capacity_ = length * 2 + simdjson::SIMDJSON_PADDING;
      buffer_ = std::make_unique<char[]>(capacity_);
    }
    buffer_[0] = '[';
    std::memcpy(buffer_.get() + 1, json.data(), json.size());
    buffer_[length - 1] = ']';
    return simdjson::padded_string_view(buffer_.get(), length, capacity_);
  }
  void shrink() {
    if (capacity_ <= kKeptBuffer) return;
    buffer_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
};

Status append_wrapped(bson_t& document, std::string_view name, ondemand::document& json,
                      EncodeContext& context) {
  ondemand::array outer;
  if (const auto error = json.get_array().get(outer)) return no_json(error);
  int elements = 0;
  for (auto entry : outer) {
    ondemand::value value;
    if (const auto error = entry.get(value)) return no_json(error);
    if (++elements > 1) break;
    PENSTOCK_TRY(append_element(document, name, value, context));
  }
  const bool at_end = json.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (elements != 1 || !at_end) return fail(ErrorKind::kBadValue, "it is no JSON: not one value");
  return {};
}

// In `_id` an array is its text, and so is a string that could be taken for one.
bool text_in_id(std::string_view json) {
  if (json.starts_with('[')) return true;
  return json.starts_with("\"[") || json.starts_with("\"\\\"");
}

}  // namespace

Status append_json(bson_t& document, std::string_view name, std::string_view json, EncodeContext& context) {
  thread_local ondemand::parser parser;
  thread_local Scratch scratch;
  const std::size_t first = json.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return fail(ErrorKind::kBadValue, "it is no JSON: empty");
  if (context.in_id && text_in_id(json.substr(first)))
    return append_string(document, name, json.substr(first));
  if (json.size() > 4 * kMaxDocumentBytes) return fail(ErrorKind::kRejectedDocument, "more than 16 MiB");
  ondemand::document parsed;
  if (const auto error = parser.iterate(scratch.wrap(json)).get(parsed)) return no_json(error);
  Status status = append_wrapped(document, name, parsed, context);
  scratch.shrink();
  return status;
}

}  // namespace penstock::mongo
