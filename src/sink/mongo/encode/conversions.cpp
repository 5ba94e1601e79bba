// The conversions of `as:`: what loses nothing, or an error with the reason.
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "model/civil_time.h"
#include "model/number_text.h"
#include "sink/mongo/encode/bson_append.h"
#include "sink/mongo/encode/decimal128.h"
#include "sink/mongo/encode/value_encoder.h"

namespace penstock::mongo {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr std::size_t kObjectIdBytes = 12;

tl::unexpected<Error> refuse(std::string why) { return fail(ErrorKind::kBadValue, std::move(why)); }
tl::unexpected<Error> refuse_kind() { return refuse("there is no such conversion"); }
tl::unexpected<Error> refuse_in_id() { return refuse("two different keys could become one `_id`"); }

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end;
}

std::optional<std::int64_t> double_to_int64(double number) {
  if (!(number >= -kTwoTo63 && number < kTwoTo63) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

Result<std::int64_t> to_integer(const Value& value) {
  if (const auto* flag = value.get<bool>()) return *flag ? 1 : 0;
  if (const auto* number = value.get<std::int32_t>()) return *number;
  if (const auto* number = value.get<std::int64_t>()) return *number;
  std::optional<std::int64_t> number;
  if (const auto* real = value.get<double>()) {
    number = double_to_int64(*real);
  } else if (const auto* decimal = value.get<Decimal>()) {
    number = to_int64(decimal->text);
  } else if (const auto* text = value.get<Text>()) {
    // "007" and "+7" are not written as an integer is: the text could not be told from "7" again.
    std::int64_t parsed = 0;
    if (parse_whole(text->text, parsed) && std::to_string(parsed) == text->text) number = parsed;
  } else {
    return refuse_kind();
  }
  if (!number) return refuse("it is no integer of 64 bits");
  return *number;
}

Status append_int32(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  PENSTOCK_ASSIGN(const std::int64_t number, to_integer(value));
  if (number < INT32_MIN || number > INT32_MAX) return refuse("it is out of the range of 32 bits");
  return append_value(document, name, static_cast<std::int32_t>(number), context);
}

Status append_int64(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  PENSTOCK_ASSIGN(const std::int64_t number, to_integer(value));
  return append_value(document, name, number, context);
}

std::optional<double> special_double(std::string_view text) {
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return HUGE_VAL;
  if (text == "-Infinity") return -HUGE_VAL;
  return std::nullopt;
}

// The nearest double of a decimal text; `exact`: only if its shortest text is the same number.
Result<double> parse_double(std::string_view text, bool exact) {
  if (const auto special = special_double(text)) return *special;
  const DecimalParts parts = split_decimal(text);
  if (!parts.valid) return refuse("it is no number");
  double number = 0;
  if (!parse_whole(text, number) || std::isinf(number) || (number == 0 && !parts.digits.empty())) {
    return refuse("it is beyond the range of a double");
  }
  std::string shortest;
  if (exact) append_double(shortest, number);
  if (exact && !same_decimal(shortest, text)) return refuse("a double would not keep all its digits");
  return number;
}

Result<double> to_double(const Value& value, bool in_id) {
  if (const auto* number = value.get<double>()) return *number;
  if (const auto* number = value.get<std::int32_t>()) return *number;
  if (const auto* number = value.get<std::int64_t>()) {
    const auto converted = static_cast<double>(*number);
    if (double_to_int64(converted) != *number) return refuse("a double would not keep all its digits");
    return converted;
  }
  if (const auto* decimal = value.get<Decimal>()) return parse_double(decimal->text, in_id);
  const auto* text = value.get<Text>();
  if (text == nullptr) return refuse_kind();
  PENSTOCK_ASSIGN(const double number, parse_double(text->text, true));
  std::string printed;
  append_double(printed, number);
  if (in_id && printed != text->text) return refuse_in_id();
  return number;
}

Status append_as_decimal(bson_t& document, std::string_view name, const Value& value,
                         EncodeContext& context) {
  const bool convertible = value.get<std::int32_t>() != nullptr || value.get<std::int64_t>() != nullptr ||
                           value.get<double>() != nullptr || value.get<Decimal>() != nullptr ||
                           value.get<Text>() != nullptr;
  if (!convertible) return refuse_kind();
  const std::string text = to_text(value);
  const auto number = to_decimal128(text);
  if (!number) {
    return refuse(value.get<Text>() != nullptr ? "it is no number that Decimal128 holds exactly"
                                               : "Decimal128 does not hold it exactly");
  }
  if (context.in_id && value.get<Text>() != nullptr && to_text(*number) != text) return refuse_in_id();
  return append_decimal(document, name, text, context);
}

Status append_as_string(bson_t& document, std::string_view name, const Value& value,
                        const EncodeContext& context) {
  if (const auto* flag = value.get<bool>()) return append_string(document, name, *flag ? "true" : "false");
  if (const auto* decimal = value.get<Decimal>(); decimal != nullptr && context.in_id) {
    return append_string(document, name, without_trailing_zeros(decimal->text));
  }
  std::string text;
  if (const auto* number = value.get<double>()) {
    const double printed = context.in_id && *number == 0 ? 0.0 : *number;  // -0 and 0 are one key
    context.from_real ? append_real(text, printed) : append_double(text, printed);
  } else {
    append_text(text, value);
  }
  return append_string(document, name, text);
}

Status append_as_bool(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  if (value.get<bool>() != nullptr) return append_value(document, name, value, context);
  if (const auto* text = value.get<Text>()) {
    if (context.in_id) return refuse_in_id();
    const bool yes = text->text == "t" || text->text == "true";
    if (!yes && text->text != "f" && text->text != "false") return refuse("it is none of t, f, true, false");
    return append_value(document, name, yes, context);
  }
  PENSTOCK_ASSIGN(const std::int64_t number, to_integer(value));
  if (number != 0 && number != 1) return refuse("it is neither 0 nor 1");
  return append_value(document, name, number == 1, context);
}

std::optional<DayTime> parse_any_time(std::string_view text) {
  if (const auto days = parse_date(text)) {
    if (*days == kPlusInfinity || *days == kMinusInfinity) return std::nullopt;
    return DayTime{*days, 0};
  }
  if (const auto time = parse_day_time(text, false)) return time;
  if (const auto time = parse_day_time(text, true)) return time;
  return parse_iso_time(text);
}

Status append_as_date(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  constexpr const char* kInfinite = "a Date holds no infinity";
  if (const auto* date = value.get<Date>()) {
    if (date->days == kPlusInfinity || date->days == kMinusInfinity) return refuse(kInfinite);
    return append_value(document, name, value, context);
  }
  if (const auto* timestamp = value.get<Timestamp>()) {
    if (!day_time_of(*timestamp)) return refuse(kInfinite);
    return append_value(document, name, value, context);
  }
  const auto* text = value.get<Text>();
  if (text == nullptr) return refuse_kind();
  if (context.in_id) return refuse_in_id();
  const auto time = parse_any_time(text->text);
  if (!time) return refuse("it is no date or UTC time in ISO form");
  if (time->micros % 1000 != 0) return refuse("it is finer than milliseconds");
  return append_date_time(document, name, floor_to_millis(*time));
}

Status append_as_binary(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  if (const auto* text = value.get<Text>()) return append_value(document, name, Bytes{text->text}, context);
  if (value.get<Bytes>() == nullptr && value.get<Uuid>() == nullptr) return refuse_kind();
  return append_value(document, name, value, context);
}

Status append_object_id(bson_t& document, std::string_view name, const Value& value) {
  bson_oid_t id;
  if (const auto* bytes = value.get<Bytes>()) {
    if (bytes->bytes.size() != kObjectIdBytes) return refuse("it is not 12 bytes long");
    bson_oid_init_from_data(&id, reinterpret_cast<const std::uint8_t*>(bytes->bytes.data()));
  } else if (const auto* text = value.get<Text>()) {
    const bool hex = text->text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (text->text.size() != 2 * kObjectIdBytes || !hex) return refuse("it is not 24 lower-case hex digits");
    bson_oid_init_from_string(&id, std::string(text->text).c_str());
  } else {
    return refuse_kind();
  }
  return appended(bson_append_oid(&document, name.data(), length_of(name), &id));
}

Status append_as_json(bson_t& document, std::string_view name, const Value& value, EncodeContext& context) {
  if (value.get<Json>() != nullptr) return append_value(document, name, value, context);
  const auto* text = value.get<Text>();
  if (text == nullptr) return refuse_kind();
  if (context.in_id) return refuse_in_id();  // white space would go
  return append_json(document, name, text->text, context);
}

// A JSON scalar as the value it stands for; other values as they are.
Value unwrap_json(const Value& value) {
  const auto* json = value.get<Json>();
  if (json == nullptr) return value;
  if (json->text == "null") return Null{};
  if (json->text == "true") return true;
  if (json->text == "false") return false;
  return split_decimal(json->text).valid ? Value(Decimal{json->text}) : value;
}

bool converts_elements(BsonType as) {
  return as != BsonType::kDefault && as != BsonType::kString && as != BsonType::kJson;
}

Status append_each(bson_t& document, std::string_view name, BsonType as, const Array& array,
                   EncodeContext& context) {
  PENSTOCK_TRY(check_depth(context));
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_array_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status;
  for (std::uint32_t i = 0; status && i < array.size; ++i) {
    const char* index = nullptr;
    char buffer[16];
    const std::size_t length = bson_uint32_to_string(i, &index, buffer, sizeof buffer);
    status = append_as(child, {index, length}, as, array.items[i], context);
  }
  --context.depth;
  bson_append_array_end(&document, &child);
  return status;
}

Status append_scalar_as(bson_t& document, std::string_view name, BsonType as, const Value& value,
                        EncodeContext& context) {
  switch (as) {
    case BsonType::kInt:
      return append_int32(document, name, value, context);
    case BsonType::kLong:
      return append_int64(document, name, value, context);
    case BsonType::kDouble: {
      PENSTOCK_ASSIGN(const double number, to_double(value, context.in_id));
      return append_value(document, name, number, context);
    }
    case BsonType::kDecimal:
      return append_as_decimal(document, name, value, context);
    case BsonType::kBool:
      return append_as_bool(document, name, value, context);
    case BsonType::kString:
      return append_as_string(document, name, value, context);
    case BsonType::kDate:
      return append_as_date(document, name, value, context);
    case BsonType::kBinary:
      return append_as_binary(document, name, value, context);
    case BsonType::kObjectId:
      return append_object_id(document, name, value);
    case BsonType::kJson:
      return append_as_json(document, name, value, context);
    case BsonType::kDefault:
      break;
  }
  return append_value(document, name, value, context);
}

}  // namespace

Status append_as(bson_t& document, std::string_view name, BsonType as, const Value& value,
                 EncodeContext& context) {
  if (as == BsonType::kDefault || value.is_null() || value.is_unchanged()) {
    return append_value(document, name, value, context);
  }
  const auto* array = value.get<Array>();
  if (array != nullptr && converts_elements(as)) {
    if (context.in_id) return append_value(document, name, value, context);
    return append_each(document, name, as, *array, context);
  }
  if (value.get<Json>() == nullptr || !converts_elements(as)) {
    return append_scalar_as(document, name, as, value, context);
  }
  const Value scalar = unwrap_json(value);
  if (scalar.is_null()) return append_value(document, name, scalar, context);
  return append_scalar_as(document, name, as, scalar, context);
}

}  // namespace penstock::mongo
