#include <bson/bson.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "model/number_text.h"
#include "sink/mongo/encode/bson_append.h"
#include "sink/mongo/encode/decimal128.h"
#include "sink/mongo/encode/document_encoder.h"
#include "sink/mongo/encode/field_error.h"
#include "sink/mongo/encode/value_encoder.h"

namespace penstock::mongo {
namespace {

constexpr std::string_view kId = "_id";
constexpr double kTwoTo63 = 9223372036854775808.0;

// What stands before each value of a comparison key. Whole numbers of every BSON type share one form, as
// MongoDB compares numbers by value.
enum class KeyTag : char {
  kWhole = 'i',
  kDouble = 'd',
  kDecimal = 'n',
  kText = 's',
  kBinary = 'b',
  kObjectId = 'o',
  kTrue = 't',
  kFalse = 'f',
  kDate = 'D',
  kNull = '0',
  kDocument = '{',
  kArray = '[',
  kEnd = '}',
};

void put_tag(std::string& key, KeyTag tag) { key += static_cast<char>(tag); }

template <class Number>
void put_raw(std::string& key, KeyTag tag, Number number) {
  char bytes[1 + sizeof number];
  bytes[0] = static_cast<char>(tag);
  std::memcpy(bytes + 1, &number, sizeof number);
  key.append(bytes, sizeof bytes);
}

void put_sized(std::string& key, KeyTag tag, std::string_view bytes) {
  put_raw(key, tag, static_cast<std::uint64_t>(bytes.size()));
  key += bytes;
}

void put_double(std::string& key, double number) {
  if (std::trunc(number) == number && number >= -kTwoTo63 && number < kTwoTo63) {
    put_raw(key, KeyTag::kWhole, static_cast<std::int64_t>(number));
  } else {
    put_raw(key, KeyTag::kDouble, std::isnan(number) ? std::nan("") : number);
  }
}

void put_decimal(std::string& key, const bson_decimal128_t& number) {
  const std::string text = to_text(Decimal128{number.high, number.low});
  if (const auto whole = to_int64(text)) {
    put_raw(key, KeyTag::kWhole, *whole);
    return;
  }
  const DecimalParts parts = split_decimal(text);
  if (!parts.valid) {  // NaN and infinities, which double and Decimal128 share
    put_double(key, text == "NaN" ? std::nan("") : text[0] == '-' ? -HUGE_VAL : HUGE_VAL);
    return;
  }
  std::string digits(parts.negative ? "-" : "");
  for (const char c : parts.digits) {
    if (c != '.') digits += c;
  }
  digits.resize(digits.size() - parts.trailing_zeros);
  digits += 'E' + std::to_string(parts.exponent + static_cast<std::int64_t>(parts.trailing_zeros));
  put_sized(key, KeyTag::kDecimal, digits);
}

void put_element(std::string& key, const bson_iter_t& element);

void put_container(std::string& key, KeyTag tag, const bson_iter_t& element) {
  put_tag(key, tag);
  bson_iter_t child;
  if (bson_iter_recurse(&element, &child)) {
    while (bson_iter_next(&child)) {
      put_sized(key, KeyTag::kText, {bson_iter_key(&child), bson_iter_key_len(&child)});
      put_element(key, child);
    }
  }
  put_tag(key, KeyTag::kEnd);
}

void put_bytes(std::string& key, const bson_iter_t& element) {
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  bson_iter_binary(&element, &subtype, &size, &bytes);
  key += static_cast<char>(subtype);
  put_sized(key, KeyTag::kBinary, {reinterpret_cast<const char*>(bytes), size});
}

void put_element(std::string& key, const bson_iter_t& element) {
  switch (bson_iter_type(&element)) {
    case BSON_TYPE_INT32:
      return put_raw(key, KeyTag::kWhole, static_cast<std::int64_t>(bson_iter_int32(&element)));
    case BSON_TYPE_INT64:
      return put_raw(key, KeyTag::kWhole, bson_iter_int64(&element));
    case BSON_TYPE_DOUBLE:
      return put_double(key, bson_iter_double(&element));
    case BSON_TYPE_DECIMAL128: {
      bson_decimal128_t number{};
      bson_iter_decimal128(&element, &number);
      return put_decimal(key, number);
    }
    case BSON_TYPE_UTF8: {
      std::uint32_t size = 0;
      const char* text = bson_iter_utf8(&element, &size);
      return put_sized(key, KeyTag::kText, {text, size});
    }
    case BSON_TYPE_BINARY:
      return put_bytes(key, element);
    case BSON_TYPE_OID:
      return put_sized(key, KeyTag::kObjectId,
                       {reinterpret_cast<const char*>(bson_iter_oid(&element)->bytes), 12});
    case BSON_TYPE_BOOL:
      return put_tag(key, bson_iter_bool(&element) ? KeyTag::kTrue : KeyTag::kFalse);
    case BSON_TYPE_DATE_TIME:
      return put_raw(key, KeyTag::kDate, bson_iter_date_time(&element));
    case BSON_TYPE_DOCUMENT:
      return put_container(key, KeyTag::kDocument, element);
    case BSON_TYPE_ARRAY:
      return put_container(key, KeyTag::kArray, element);
    default:
      return put_tag(key, KeyTag::kNull);  // the encoder writes no other type
  }
}

// MongoDB 6: "_id fields may not contain '$'-prefixed fields", at any depth.
bool has_dollar_name(bson_iter_t& element) {
  bson_iter_t child;
  if (!BSON_ITER_HOLDS_DOCUMENT(&element) && !BSON_ITER_HOLDS_ARRAY(&element)) return false;
  if (!bson_iter_recurse(&element, &child)) return false;
  while (bson_iter_next(&child)) {
    if (bson_iter_key(&child)[0] == '$' || has_dollar_name(child)) return true;
  }
  return false;
}

Status append_part(bson_t& document, std::string_view name, const FieldShape& field, const Value& value,
                   EncodeCounts& counts, int depth, bool is_group) {
  if (value.is_null() && is_group) return appended(bson_append_null(&document, name.data(), length_of(name)));
  if (value.is_null() || value.is_unchanged()) {
    return fail(ErrorKind::kBadValue,
                field.source + (value.is_null() ? ": a NULL" : ": a value PostgreSQL did not send") +
                    " cannot be the key of a document");
  }
  EncodeContext context{counts, true, is_real(field), depth};
  Status status = append_as(document, name, field.as, value, context);
  if (!status) return fail(field_error(field, value, std::move(status).error()));
  return {};
}

Status append_parts(bson_t& document, const DocumentShape& shape, const Value* id, EncodeCounts& counts) {
  const bool is_group = shape.id_columns.empty();
  if (shape.id.size() == 1) return append_part(document, kId, shape.id[0], id[0], counts, 0, is_group);
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_document_begin(&document, kId.data(), length_of(kId), &child)));
  Status status;
  for (std::size_t i = 0; status && i < shape.id.size(); ++i) {
    status = append_part(child, shape.id[i].name, shape.id[i], id[i], counts, 1, is_group);
  }
  bson_append_document_end(&document, &child);
  return status;
}

}  // namespace

std::string key_of_id(const _bson_t& document) {
  std::string key;
  bson_iter_t element;
  if (bson_iter_init_find(&element, &document, kId.data())) put_element(key, element);
  return key;
}

Result<EncodedId> encode_id(const DocumentShape& shape, const Value* id, EncodeCounts& counts) {
  BsonDocument document;
  PENSTOCK_TRY(append_parts(document.get(), shape, id, counts));
  EncodedId encoded;
  bson_iter_t element;
  if (!bson_iter_init(&element, &document.get()) || !bson_iter_next(&element)) {
    return fail(ErrorKind::kInternal, "collection " + shape.name() + " has no `_id`");
  }
  if (has_dollar_name(element)) {
    return fail(
        ErrorKind::kRejectedDocument,
        describe_row(shape, id) + ": MongoDB refuses names that begin with '$' inside `_id`",
        "give the key column another name in the pipeline file: collections: " + shape.name() + ": id:");
  }
  put_element(encoded.key, element);
  encoded.bson = document.bytes();
  return encoded;
}

}  // namespace penstock::mongo
