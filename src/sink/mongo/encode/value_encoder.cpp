#include "sink/mongo/encode/value_encoder.h"

#include "model/civil_time.h"
#include "model/value.h"
#include "sink/mongo/encode/bson_append.h"
#include "sink/mongo/encode/decimal128.h"

namespace penstock::mongo {
namespace {

constexpr std::int64_t kMillisPerDay = 86'400'000;
constexpr std::uint32_t kUuidBytes = 16;

Status append_binary(bson_t& document, std::string_view name, bson_subtype_t subtype, const void* bytes,
                     std::size_t size) {
  if (size > kMaxDocumentBytes) return fail(ErrorKind::kRejectedDocument, "more than 16 MiB");
  return appended(bson_append_binary(&document, name.data(), length_of(name), subtype,
                                     static_cast<const std::uint8_t*>(bytes),
                                     static_cast<std::uint32_t>(size)));
}

// One visit writes one element.
struct Writer {
  bson_t& document;
  std::string_view name;
  EncodeContext& context;

  Status operator()(Null) const {
    return appended(bson_append_null(&document, name.data(), length_of(name)));
  }
  Status operator()(Unchanged) const {
    return fail(ErrorKind::kInternal, "a value that PostgreSQL did not send cannot be written");
  }
  Status operator()(bool value) const {
    return appended(bson_append_bool(&document, name.data(), length_of(name), value));
  }
  Status operator()(std::int32_t value) const {
    return appended(bson_append_int32(&document, name.data(), length_of(name), value));
  }
  Status operator()(std::int64_t value) const {
    return appended(bson_append_int64(&document, name.data(), length_of(name), value));
  }
  Status operator()(double value) const {
    return appended(bson_append_double(&document, name.data(), length_of(name), value));
  }
  Status operator()(const Decimal& value) const {
    return append_decimal(document, name, value.text, context);
  }
  Status operator()(const Text& value) const { return append_string(document, name, value.text); }
  Status operator()(const Time& value) const { return append_string(document, name, value.text); }
  Status operator()(const Interval& value) const { return append_string(document, name, value.text); }
  Status operator()(const Bytes& value) const {
    return append_binary(document, name, BSON_SUBTYPE_BINARY, value.bytes.data(), value.bytes.size());
  }
  Status operator()(const Uuid& value) const {
    return append_binary(document, name, BSON_SUBTYPE_UUID, value.bytes.data(), kUuidBytes);
  }
  Status operator()(const Date& value) const {
    if (value.days == kPlusInfinity || value.days == kMinusInfinity)
      return append_string(document, name, value.text);
    return append_date_time(document, name, value.days * kMillisPerDay);
  }
  Status operator()(const Timestamp& value) const {
    const auto time = day_time_of(value);
    if (!time) return append_string(document, name, to_text(Value(value)));
    if (!context.in_id || time->micros % 1000 == 0)
      return append_date_time(document, name, floor_to_millis(*time));
    std::string text;
    append_iso_time(text, *time);
    return append_string(document, name, text);
  }
  Status operator()(const Json& value) const { return append_json(document, name, value.text, context); }
  Status operator()(const Array& value) const;
  Status operator()(const Struct& value) const;
  Status operator()(const Range& value) const;
};

Status fill_array(bson_t& child, const Array& value, EncodeContext& context) {
  for (std::uint32_t i = 0; i < value.size; ++i) {
    const char* index = nullptr;
    char buffer[16];
    const std::size_t length = bson_uint32_to_string(i, &index, buffer, sizeof buffer);
    PENSTOCK_TRY(append_value(child, {index, length}, value.items[i], context));
  }
  return {};
}

Status fill_struct(bson_t& child, const Struct& value, EncodeContext& context) {
  for (std::uint32_t i = 0; i < value.size; ++i) {
    PENSTOCK_TRY(append_value(child, value.fields[i].name, value.fields[i].value, context));
  }
  return {};
}

Status fill_range(bson_t& child, const Range& value, EncodeContext& context) {
  const Value none;
  PENSTOCK_TRY(append_value(child, "lower", value.lower != nullptr ? *value.lower : none, context));
  PENSTOCK_TRY(append_value(child, "upper", value.upper != nullptr ? *value.upper : none, context));
  PENSTOCK_TRY(append_value(child, "lower_inclusive", value.lower_inclusive, context));
  PENSTOCK_TRY(append_value(child, "upper_inclusive", value.upper_inclusive, context));
  return append_value(child, "empty", value.empty, context);
}

Status Writer::operator()(const Array& value) const {
  // MongoDB refuses an array as `_id`, and inside one it would not be told from a document of its indexes.
  if (context.in_id) return append_string(document, name, value.text);
  PENSTOCK_TRY(check_depth(context));
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_array_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = fill_array(child, value, context);
  --context.depth;
  bson_append_array_end(&document, &child);
  return status;
}

Status Writer::operator()(const Struct& value) const {
  PENSTOCK_TRY(check_depth(context));
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_document_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = fill_struct(child, value, context);
  --context.depth;
  bson_append_document_end(&document, &child);
  return status;
}

Status Writer::operator()(const Range& value) const {
  PENSTOCK_TRY(check_depth(context));
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_document_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = fill_range(child, value, context);
  --context.depth;
  bson_append_document_end(&document, &child);
  return status;
}

}  // namespace

std::optional<DayTime> day_time_of(const Timestamp& timestamp) {
  if (timestamp.micros == kMinusInfinity) return std::nullopt;
  if (timestamp.micros != kPlusInfinity) return from_micros(timestamp.micros);
  return parse_day_time(timestamp.text, timestamp.with_zone);
}

Status append_date_time(bson_t& document, std::string_view name, std::int64_t millis) {
  return appended(bson_append_date_time(&document, name.data(), length_of(name), millis));
}

Status check_depth(const EncodeContext& context) {
  if (context.depth < kMaxNesting) return {};
  return fail(ErrorKind::kRejectedDocument,
              "it is nested deeper than the " + std::to_string(kMaxNesting) + " levels MongoDB takes");
}

Status append_string(bson_t& document, std::string_view name, std::string_view text) {
  if (text.size() > kMaxDocumentBytes) return fail(ErrorKind::kRejectedDocument, "more than 16 MiB");
  // A view of nothing has no address, and libbson takes that for null.
  const char* data = text.empty() ? "" : text.data();
  return appended(bson_append_utf8(&document, name.data(), length_of(name), data, length_of(text)));
}

Status append_decimal(bson_t& document, std::string_view name, std::string_view text,
                      EncodeContext& context) {
  if (const auto number = to_decimal128(text)) {
    bson_decimal128_t decimal{};
    decimal.high = number->high;
    decimal.low = number->low;
    return appended(bson_append_decimal128(&document, name.data(), length_of(name), &decimal));
  }
  ++context.counts.numerics_as_text;
  return append_string(document, name, context.in_id ? without_trailing_zeros(text) : text);
}

Status append_value(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  return std::visit(Writer{document, name, context}, value.v);
}

}  // namespace penstock::mongo
