#include "sink/mongo/encode/bson_json.h"

#include "model/number_text.h"
#include "sink/mongo/encode/decimal128.h"

namespace penstock::mongo {
namespace {

bool append_element(std::string& out, const bson_iter_t& element);

bool append_members(std::string& out, const bson_iter_t& element, bool named) {
  bson_iter_t child;
  if (!bson_iter_recurse(&element, &child)) return false;
  out += named ? '{' : '[';
  bool first = true;
  while (bson_iter_next(&child)) {
    if (!first) out += ", ";
    first = false;
    if (named) out += json_string({bson_iter_key(&child), bson_iter_key_len(&child)}) + ": ";
    if (!append_element(out, child)) return false;
  }
  out += named ? '}' : ']';
  return true;
}

bool append_element(std::string& out, const bson_iter_t& element) {
  switch (bson_iter_type(&element)) {
    case BSON_TYPE_INT32:
      out += std::to_string(bson_iter_int32(&element));
      return true;
    case BSON_TYPE_INT64:
      out += std::to_string(bson_iter_int64(&element));
      return true;
    case BSON_TYPE_DOUBLE:
      append_double(out, bson_iter_double(&element));
      return true;
    case BSON_TYPE_DECIMAL128: {
      bson_decimal128_t number{};
      bson_iter_decimal128(&element, &number);
      out += to_text(Decimal128{number.high, number.low});
      return true;
    }
    case BSON_TYPE_UTF8: {
      std::uint32_t size = 0;
      const char* text = bson_iter_utf8(&element, &size);
      out += json_string({text, size});
      return true;
    }
    case BSON_TYPE_BOOL:
      out += bson_iter_bool(&element) ? "true" : "false";
      return true;
    case BSON_TYPE_NULL:
      out += "null";
      return true;
    case BSON_TYPE_DOCUMENT:
      return append_members(out, element, true);
    case BSON_TYPE_ARRAY:
      return append_members(out, element, false);
    default:
      return false;
  }
}

}  // namespace

std::optional<std::string> bson_to_json(const bson_iter_t* element) {
  std::string out;
  if (!append_element(out, *element)) return std::nullopt;
  return out;
}

std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (byte < 0x20) {
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace penstock::mongo
