#include "envelope/read/column_reader.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include "envelope/read/container_text.h"
#include "envelope/read/hstore_read.h"
#include "envelope/read/numbers_read.h"
#include "envelope/read/times_read.h"
#include "model/number_text.h"

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;
constexpr int kMaxDimensions = 6;  // PostgreSQL's MAXDIM
constexpr std::size_t kShownBytes = 80;

// OIDs of built-in types never change (PostgreSQL source: pg_type.dat).
constexpr std::uint32_t kInt8 = 20, kInt2 = 21, kInt4 = 23, kOid = 26, kReal = 700, kMoney = 790,
                        kDateType = 1082, kTimestamp = 1114, kTimestampTz = 1184, kInterval = 1186,
                        kTimeTz = 1266, kBit = 1560, kVarbit = 1562, kNumeric = 1700;

std::optional<std::string_view> text_of(const dom::element& json) {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<std::int64_t> integer_of(const dom::element& json) {
  std::int64_t number = 0;
  if (json.get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

// A double as Java writes it; texts where JSON has no number.
std::optional<double> double_of(const dom::element& json) {
  double number = 0;
  if (json.get(number) == simdjson::SUCCESS) return number;
  const auto text = text_of(json);
  if (!text) return std::nullopt;
  if (*text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (*text == "Infinity") return std::numeric_limits<double>::infinity();
  if (*text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

// The double that PostgreSQL's text of a real reads as: Java prints more digits than it needs.
double as_real(double number) {
  if (!std::isfinite(number) || std::fabs(number) > std::numeric_limits<float>::max()) return number;
  std::string text;
  append_real(text, number);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The names that decimal.handling.mode gives them ("string" has Java's enum constants).
std::string_view special_decimal(std::string_view text) {
  if (text == "NaN" || text == "NAN") return "NaN";
  if (text == "Infinity" || text == "POSITIVE_INFINITY") return "Infinity";
  if (text == "-Infinity" || text == "NEGATIVE_INFINITY") return "-Infinity";
  return {};
}

// A JSON number as a decimal with at least `scale` digits behind the point.
std::optional<std::string_view> decimal_of_number(const dom::element& json, int scale, Arena& arena) {
  if (const auto number = integer_of(json)) return decimal_of_whole(*number, scale, arena);
  double number = 0;
  if (json.get(number) != simdjson::SUCCESS) return std::nullopt;
  return decimal_of_double(number, scale, arena);
}

int scale_of(std::int32_t modifier) { return (((modifier - 4) & 0x7ff) ^ 1024) - 1024; }

// Of numeric(5,-2), whose scale Debezium takes for 2046 (11 bits without a sign): then the number has far
// more bytes than numeric's 1000 digits of a declared precision need.
std::optional<std::string_view> decimal_of_declared(std::string_view bytes, int scale, Arena& arena) {
  constexpr std::size_t kMostBytes = 420;
  if (scale >= 0 || bytes.size() <= kMostBytes) return decimal_of_bytes(bytes, scale, arena);
  const auto decimal = decimal_of_bytes(bytes, scale & 0x7ff, arena);
  return decimal ? std::optional(decimal->substr(0, decimal->find('.'))) : std::nullopt;
}

std::optional<std::string_view> variable_decimal(const dom::element& json, Arena& arena) {
  dom::object object;
  std::int64_t scale = 0;
  std::string_view value;
  if (json.get(object) != simdjson::SUCCESS || object["scale"].get(scale) != simdjson::SUCCESS ||
      object["value"].get(value) != simdjson::SUCCESS || scale > kMostDigitsBehind ||
      scale < -kMostDigitsBefore) {
    return std::nullopt;
  }
  const auto bytes = bytes_of_base64(value, arena);
  return bytes ? decimal_of_bytes(*bytes, static_cast<int>(scale), arena) : std::nullopt;
}

// {"x":1.5,"y":2.5,…} as "(1.5,2.5)".
std::optional<Value> read_point(const dom::element& json, ReadInto into) {
  dom::object point;
  if (json.get(point) != simdjson::SUCCESS) return std::nullopt;
  dom::element coordinates[2];
  if (point["x"].get(coordinates[0]) != simdjson::SUCCESS ||
      point["y"].get(coordinates[1]) != simdjson::SUCCESS)
    return std::nullopt;
  std::string& text = into.scratch;
  text = "(";
  for (const dom::element& coordinate : coordinates) {
    const auto number = double_of(coordinate);
    if (!number) return std::nullopt;
    if (text.size() > 1) text += ',';
    append_double(text, *number);
  }
  text += ')';
  return Text{into.arena.copy(text)};
}

}  // namespace

std::string shown(const dom::element& json) {
  std::ostringstream out;
  out << simdjson::minify(json);
  std::string text = std::move(out).str();
  if (text.size() <= kShownBytes) return text;
  std::size_t size = kShownBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  text.resize(size);
  return text + "…";
}

tl::unexpected<Error> ColumnReader::refuse(const Element& json) const {
  return fail(ErrorKind::kBadValue, "column " + plan_.what + ": " + shown(json) + " is no value of this type",
              "read the records with the handling modes that they were written with (decimal.handling.mode, "
              "time.precision.mode, binary.handling.mode, …)");
}

Result<Value> ColumnReader::read(const Element& json, ReadInto into) const {
  if (json.is_null()) return Value(Null{});
  if (placeholder_->is(json)) return Value(Unchanged{});
  auto value = plan_.opaque      ? read_opaque(json, into)
               : plan_.form.list ? read_list(json, into, 1)
                                 : read_one(json, into);
  if (!value) return refuse(json);
  return std::move(*value);
}

std::optional<Value> ColumnReader::read_list(const Element& json, ReadInto into, int depth) const {
  dom::array list;
  if (depth > kMaxDimensions || json.get(list) != simdjson::SUCCESS) return std::nullopt;
  std::size_t size = 0;  // list.size() stops counting at 2^24
  for (auto item = list.begin(); item != list.end(); ++item) ++size;
  if (size > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  Value* items = size == 0 ? nullptr : into.arena.array<Value>(size);
  std::size_t place = 0;
  for (const Element item : list) {
    if (!item.is_null()) {
      const auto value = item.is_array() ? read_list(item, into, depth + 1) : read_one(item, into);
      if (!value) return std::nullopt;
      items[place] = *value;
    }
    ++place;
  }
  into.scratch.clear();
  append_array_text(into.scratch, items, size, plan_.type == kReal);
  return Array{items, static_cast<std::uint32_t>(size), into.arena.copy(into.scratch)};
}

std::optional<Value> ColumnReader::read_one(const Element& json, ReadInto into) const {
  if (plan_.type == kNumeric) return read_decimal(json, into);
  if (plan_.type == kMoney) return read_money(json, into);
  switch (plan_.form.form) {
    case Form::kBool:
      return read_bool(json);
    case Form::kInteger:
      return read_integer(json);
    case Form::kFloat: {
      const auto number = double_of(json);
      if (!number) return std::nullopt;
      return plan_.type == kReal ? as_real(*number) : *number;
    }
    case Form::kText:
      return read_text(json, into);
    case Form::kBytes:
    case Form::kBits:
      return read_bytes(json, into);
    case Form::kPoint:
      return read_point(json, into);
    case Form::kHstore:
      return read_hstore(json, into);
    default:
      return read_moment(json, into);
  }
}

std::optional<Value> ColumnReader::read_bool(const Element& json) const {
  bool truth = false;
  if (json.get(truth) != simdjson::SUCCESS) return std::nullopt;
  if (plan_.type == kBit || plan_.type == kVarbit) return Text{truth ? "1" : "0"};
  return truth;
}

std::optional<Value> ColumnReader::read_integer(const Element& json) const {
  const auto number = integer_of(json);
  if (!number) return std::nullopt;
  if (plan_.type == kInt8) return *number;
  if (plan_.type == kOid) {
    if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return *number;
  }
  if (plan_.type == kInt2 && *number != static_cast<std::int16_t>(*number)) return std::nullopt;
  if (*number != static_cast<std::int32_t>(*number)) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

std::optional<Value> ColumnReader::read_text(const Element& json, ReadInto into) const {
  const auto text = text_of(json);
  if (!text || plan_.decoder == nullptr) return std::nullopt;
  const auto value = plan_.decoder->decode(into.arena.copy(*text), into.arena);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<Value> ColumnReader::read_decimal(const Element& json, ReadInto into) const {
  const int scale = plan_.modifier >= 4 ? scale_of(plan_.modifier) : 0;
  std::optional<std::string_view> decimal;
  if (const auto text = text_of(json)) {
    if (const auto special = special_decimal(*text); !special.empty()) return Decimal{special};
    if (plan_.form.form == Form::kText) return read_text(json, into);
    if (plan_.form.form != Form::kFixedDecimal) return std::nullopt;
    const auto bytes = bytes_of_base64(*text, into.arena);
    if (bytes) decimal = decimal_of_declared(*bytes, plan_.form.scale, into.arena);
  } else if (json.is_object()) {
    decimal = variable_decimal(json, into.arena);
  } else {
    decimal = decimal_of_number(json, scale, into.arena);
  }
  return decimal ? std::optional<Value>(Decimal{*decimal}) : std::nullopt;
}

std::optional<Value> ColumnReader::read_money(const Element& json, ReadInto into) const {
  constexpr int kCents = 2;
  std::optional<std::string_view> decimal;
  if (const auto text = text_of(json)) {
    if (plan_.form.scale < 0) {
      decimal = split_decimal(*text).valid ? text : std::nullopt;
    } else if (const auto bytes = bytes_of_base64(*text, into.arena)) {
      decimal = decimal_of_bytes(*bytes, plan_.form.scale, into.arena);
    }
  } else {
    decimal = decimal_of_number(json, kCents, into.arena);
  }
  if (!decimal) return std::nullopt;
  return Text{money_of_decimal(*decimal, into.arena)};
}

std::optional<Value> ColumnReader::read_bytes(const Element& json, ReadInto into) const {
  const auto text = text_of(json);
  if (!text) return std::nullopt;
  const bool bits = plan_.form.form == Form::kBits;
  const auto bytes = binary_ == BinaryMode::kHex && !bits ? bytes_of_hex(*text, into.arena)
                                                          : bytes_of_base64(*text, into.arena);
  if (!bytes) return std::nullopt;
  if (!bits) return Bytes{*bytes};
  // Only bit(n) says how long its values are.
  const bool fixed = plan_.type == kBit && plan_.modifier > 0;
  const auto made = bits_of_bytes(*bytes, fixed ? static_cast<std::size_t>(plan_.modifier) : 0, into.arena);
  return made ? std::optional<Value>(Text{*made}) : std::nullopt;
}

// Numbers are counted as the form says, texts are ISO 8601.
std::optional<Value> ColumnReader::read_moment(const Element& json, ReadInto into) const {
  Arena& arena = into.arena;
  std::string& scratch = into.scratch;
  const bool with_zone = plan_.type == kTimestampTz;
  if (const auto text = text_of(json)) {
    if (plan_.type == kDateType) return date_of_iso(*text, arena, scratch);
    if (plan_.type == kInterval) return interval_of_iso(*text, arena, scratch);
    if (plan_.type == kTimestamp || with_zone) return timestamp_of_iso(*text, with_zone, arena, scratch);
    return time_of_iso(*text, plan_.type == kTimeTz, arena, scratch);
  }
  const auto number = integer_of(json);
  if (!number) return std::nullopt;
  switch (plan_.form.form) {
    case Form::kDate:
      return date_of_days(*number, arena, scratch);
    case Form::kMillis:
      return timestamp_of_number(*number, TimeUnit::kMillis, with_zone, arena, scratch);
    case Form::kMicros:
      return timestamp_of_number(*number, TimeUnit::kMicros, with_zone, arena, scratch);
    case Form::kNanos:
      return timestamp_of_number(*number, TimeUnit::kNanos, with_zone, arena, scratch);
    case Form::kTimeMillis:
      return time_of_number(*number, TimeUnit::kMillis, arena, scratch);
    case Form::kTimeMicros:
      return time_of_number(*number, TimeUnit::kMicros, arena, scratch);
    case Form::kTimeNanos:
      return time_of_number(*number, TimeUnit::kNanos, arena, scratch);
    case Form::kIntervalMicros:
      return interval_of_micros(*number, arena, scratch);
    default:
      return std::nullopt;
  }
}

std::optional<Value> ColumnReader::read_opaque(const Element& json, ReadInto into) const {
  const auto text = text_of(json);
  if (!text || plan_.decoder == nullptr) return std::nullopt;
  const auto bytes =
      binary_ == BinaryMode::kHex ? bytes_of_hex(*text, into.arena) : bytes_of_base64(*text, into.arena);
  if (!bytes || !simdjson::validate_utf8(bytes->data(), bytes->size())) return std::nullopt;
  const auto value = plan_.decoder->decode(*bytes, into.arena);
  return value ? std::optional(*value) : std::nullopt;
}

}  // namespace penstock::envelope
