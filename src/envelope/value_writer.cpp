#include "envelope/value_writer.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "envelope/absent_value.h"
#include "envelope/numbers.h"
#include "envelope/times.h"
#include "model/civil_time.h"

namespace penstock::envelope {
namespace {

// What Debezium writes for infinite timestamps, in microseconds (its documentation, "Temporal types").
constexpr std::int64_t kInfiniteMicros = 9223372036825200000;
constexpr std::int64_t kMinusInfiniteMicros = -9223372036832400000;

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_double(std::string& out, double number) {
  if (std::isfinite(number)) {
    const std::size_t first = out.size();
    fmt::format_to(std::back_inserter(out), "{}", number);
    // A number with a point also to readers who tell 5 from 5.0.
    if (out.find_first_of(".e", first) == std::string::npos) out += ".0";
  } else {
    append_json_string(out, std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
  }
}

// "…:05.120000Z" as "…:05.12Z", "…:05.000000Z" as "…:05Z".
void drop_zeros(std::string& time) {
  const std::size_t point = time.find('.');
  if (point == std::string::npos || time.back() != 'Z') return;
  time.pop_back();
  while (time.back() == '0') time.pop_back();
  if (time.back() == '.') time.pop_back();
  time += 'Z';
}

bool is_money(const ColumnFacts& column) {
  constexpr std::uint32_t kMoney = 790;
  return column.type == kMoney || column.element == kMoney;
}

// "2024-01-02Z", "-0043-03-15Z" of 44 BC, "+12024-01-02Z", "infinity"
std::string iso_date(const Date& date) {
  if (date.days == kMinusInfinity || date.days == kPlusInfinity) return std::string(date.text);
  std::string text;
  append_iso_time(text, {date.days, 0});
  return text.substr(0, text.find('T')) + "Z";
}

// Points are little-endian doubles after a byte order and a type (OGC well-known binary).
std::string point_wkb(double x, double y) {
  std::string bytes("\x01\x01\x00\x00\x00", 5);
  for (const double coordinate : {x, y}) {
    std::array<char, sizeof coordinate> raw{};
    std::memcpy(raw.data(), &coordinate, sizeof coordinate);
    bytes.append(raw.data(), raw.size());
  }
  return bytes;
}
static_assert(std::endian::native == std::endian::little);

}  // namespace

// Most texts have nothing to escape.
void append_json_string(std::string& out, std::string_view text) {
  if (std::none_of(text.begin(), text.end(), needs_escape)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  out.append(buffer.GetString(), buffer.GetSize());
}

ValueWriter::ValueWriter(ColumnFacts column, const ColumnForm& form, const Options& options)
    : column_(std::move(column)), form_(form), options_(options) {}

tl::unexpected<Error> ValueWriter::refuse(std::string_view text, const std::string& setting) const {
  return fail(
      ErrorKind::kBadValue,
      "column " + column_.name + ": " + std::string(text) + " has no place in the form that was chosen",
      setting);
}

Status ValueWriter::append(std::string& out, const Value& value) const {
  if (value.is_null()) {
    append_null(out);
    return {};
  }
  if (value.is_unchanged()) {
    append_placeholder(out);
    return {};
  }
  const Array* list = value.get<Array>();
  if (!form_.list || list == nullptr) return append_one(out, value);
  out += '[';
  for (std::uint32_t i = 0; i < list->size; ++i) {
    if (i > 0) out += ',';
    PENSTOCK_TRY(append(out, list->items[i]));  // an array of more dimensions is a list of lists
  }
  out += ']';
  return {};
}

Status ValueWriter::append_one(std::string& out, const Value& value) const {
  switch (form_.form) {
    case Form::kBool:
      out += (value.get<bool>() != nullptr ? *value.get<bool>() : to_text(value) == "1") ? "true" : "false";
      return {};
    case Form::kInteger:
      append_text(out, value);
      return {};
    case Form::kFloat:
      append_double(out, *value.get<double>());
      return {};
    case Form::kText:
      if (const Text* text = value.get<Text>(); text != nullptr && !column_.mask) {
        append_json_string(out, text->text);
        return {};
      }
      append_json_string(out, column_.mask ? masked(*column_.mask, to_text(value)) : to_text(value));
      return {};
    case Form::kFixedDecimal:
    case Form::kDoubleDecimal:
      return append_decimal(out, form_.form == Form::kDoubleDecimal && is_money(column_)
                                     ? decimal_of_money(to_text(value))
                                     : to_text(value));
    case Form::kMoney:
      return append_decimal(out, decimal_of_money(to_text(value)));
    case Form::kVariableDecimal:
      return append_variable(out, to_text(value));
    case Form::kBytes:
      append_bytes(out, value.get<Bytes>()->bytes);
      return {};
    case Form::kBits:
      append_json_string(out, base64(bytes_of_bits(to_text(value))));
      return {};
    case Form::kTimeMillis:
    case Form::kTimeMicros:
    case Form::kTimeNanos:
    case Form::kIsoTime:
    case Form::kZonedTime:
      return append_time(out, value.get<Time>()->text);
    case Form::kIntervalMicros:
    case Form::kIsoInterval:
      return append_interval(out, value.get<Interval>()->text);
    case Form::kPoint:
      return append_point(out, to_text(value));
    case Form::kHstore:
      append_hstore(out, *value.get<Struct>());
      return {};
    default:
      return append_moment(out, value);
  }
}

Status ValueWriter::append_decimal(std::string& out, std::string_view text) const {
  if (form_.form == Form::kDoubleDecimal) {
    double number = 0;
    if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
      append_json_string(out, text);
      return {};
    }
    std::from_chars(text.data(), text.data() + text.size(), number);
    append_double(out, number);
    return {};
  }
  if (form_.scale < 0 && form_.form == Form::kMoney) {  // decimal.handling.mode = string
    append_json_string(out, text);
    return {};
  }
  const auto number = unscaled(text, form_.scale);
  if (!number) return refuse(text, "set decimal.handling.mode to string");
  append_json_string(out, base64(number->bytes));
  return {};
}

Status ValueWriter::append_variable(std::string& out, std::string_view text) const {
  const auto number = unscaled_short(text);
  if (!number) return refuse(text, "set decimal.handling.mode to string");
  fmt::format_to(std::back_inserter(out), R"({{"scale":{},"value":"{}"}})", number->scale,
                 base64(number->bytes));
  return {};
}

// Dates and timestamps.
Status ValueWriter::append_moment(std::string& out, const Value& value) const {
  if (const Date* date = value.get<Date>()) {
    if (form_.form == Form::kIsoDate) {
      append_json_string(out, iso_date(*date));
      return {};
    }
    if (date->days == kMinusInfinity || date->days == kPlusInfinity)
      return refuse(date->text, "exclude the column, or replace infinity by NULL");
    append_integer(out, date->days);
    return {};
  }
  const Timestamp& moment = *value.get<Timestamp>();
  const bool infinite = moment.text == "infinity" || moment.text == "-infinity";
  const std::int64_t edge = moment.micros > 0 ? kInfiniteMicros : kMinusInfiniteMicros;
  if (form_.form == Form::kZonedTimestamp || form_.form == Form::kIsoTimestamp) {
    std::string text;
    if (infinite) {
      text = moment.text;
    } else if (const auto time = parse_day_time(moment.text, moment.with_zone)) {
      append_iso_time(text, *time);
      if (form_.form == Form::kIsoTimestamp) drop_zeros(text);
    }
    append_json_string(out, text);
    return {};
  }
  if (infinite) {
    append_integer(out, form_.form == Form::kMillis ? edge / 1000 : edge);
    return {};
  }
  if (form_.form == Form::kMillis) {
    if (const auto time = parse_day_time(moment.text, moment.with_zone)) {
      append_integer(out, floor_to_millis(*time));
      return {};
    }
  }
  const bool nanos = form_.form == Form::kNanos;
  const std::int64_t most = nanos ? kPlusInfinity / 1000 : kPlusInfinity - 1;
  if (moment.micros > most || moment.micros < -most)
    return refuse(moment.text, "set time.precision.mode to connect or isostring");
  append_integer(out, nanos ? moment.micros * 1000 : moment.micros);
  return {};
}

Status ValueWriter::append_time(std::string& out, std::string_view text) const {
  if (form_.form == Form::kZonedTime) {
    const auto time = zoned_time(text);
    if (!time) return refuse(text, "report it with the value");
    append_json_string(out, *time);
    return {};
  }
  if (form_.form == Form::kIsoTime) {
    append_json_string(out, std::string(text) + "Z");
    return {};
  }
  const auto micros = time_micros(text);
  if (!micros) return refuse(text, "report it with the value");
  append_integer(out, form_.form == Form::kTimeMillis  ? *micros / 1000
                      : form_.form == Form::kTimeNanos ? *micros * 1000
                                                       : *micros);
  return {};
}

Status ValueWriter::append_interval(std::string& out, std::string_view text) const {
  const auto interval = parse_interval(text);
  if (!interval) return refuse(text, "exclude the column");
  if (form_.form == Form::kIsoInterval) {
    append_json_string(out, iso_interval(*interval));
  } else {
    append_integer(out, interval_micros(*interval));
  }
  return {};
}

void ValueWriter::append_bytes(std::string& out, std::string_view bytes) const {
  append_json_string(out, text_of_bytes(bytes, options_.binary));
}

// "(1.5,2.5)"
Status ValueWriter::append_point(std::string& out, std::string_view text) const {
  double x = 0;
  double y = 0;
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || text.size() < 5) return refuse(text, "exclude the column");
  std::from_chars(text.data() + 1, text.data() + comma, x);
  std::from_chars(text.data() + comma + 1, text.data() + text.size() - 1, y);
  out += "{\"x\":";
  append_double(out, x);
  out += ",\"y\":";
  append_double(out, y);
  out += ",\"wkb\":\"" + base64(point_wkb(x, y)) + "\",\"srid\":null}";
  return {};
}

void ValueWriter::append_hstore(std::string& out, const Struct& value) const {
  std::string map = "{";
  for (std::uint32_t i = 0; i < value.size; ++i) {
    if (i > 0) map += ',';
    append_json_string(map, value.fields[i].name);
    map += ':';
    if (value.fields[i].value.is_null()) {
      map += "null";
    } else {
      append_json_string(map, to_text(value.fields[i].value));
    }
  }
  map += '}';
  if (options_.hstore == HstoreMode::kMap) {
    out += map;
  } else {
    append_json_string(out, map);
  }
}

std::string text_of_bytes(std::string_view bytes, BinaryMode mode) {
  return mode == BinaryMode::kHex ? hex(bytes) : base64(bytes, mode == BinaryMode::kBase64UrlSafe);
}

// Seen of Debezium 3.5.0: in the column's own shape where text or numbers can carry it, else null.
void ValueWriter::append_placeholder(std::string& out) const {
  const std::string& text = options_.unavailable;
  std::string one = "null";
  if (form_.form == Form::kText) {
    one.clear();
    append_json_string(one, text);
  } else if (form_.form == Form::kBytes) {
    one.clear();
    if (options_.binary == BinaryMode::kHex) {
      append_json_string(one, text);
    } else {
      append_bytes(one, text);
    }
  } else if (form_.form == Form::kHstore) {
    std::string name;
    append_json_string(name, text);
    one.clear();
    if (options_.hstore == HstoreMode::kMap) {
      one = "{" + name + ":" + name + "}";
    } else {
      append_json_string(one, "{" + name + ":" + name + "}");
    }
  } else if (form_.form == Form::kInteger && form_.list) {
    out += '[';
    for (std::size_t i = 0; i < text.size(); ++i)
      out += (i > 0 ? "," : "") + std::to_string(static_cast<unsigned char>(text[i]));
    out += ']';
    return;
  }
  out += form_.list && one != "null" ? "[" + one + "]" : one;
}

// Where nothing stands nothing is to be read either.
void ValueWriter::append_null(std::string& out) const {
  if (column_.mask && column_.mask->kind == Mask::Kind::kAsterisks) {
    append_json_string(out, masked(*column_.mask, ""));
  } else {
    out += "null";
  }
}

void ValueWriter::append_absent(std::string& out) const {
  if (!column_.not_null || column_.mask) {
    append_null(out);
  } else if (!column_.default_json.empty()) {
    out += column_.default_json;
  } else {
    out += form_.list ? "[]" : absent_value(column_, form_, options_);
  }
}

}  // namespace penstock::envelope
