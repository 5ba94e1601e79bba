#include "envelope/read/inline_types.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace penstock::envelope {
namespace {

namespace dom = simdjson::dom;

// A type of Kafka Connect with its semantic name (Debezium documentation 3.5: "Data type mappings").
struct ConnectType {
  std::string_view type;
  std::string_view name;  // empty: any other
  Form form;
  std::uint32_t oid;
  std::uint32_t array_oid;
  const char* printed;
};
constexpr ConnectType kTypes[] = {
    {"boolean", "", Form::kBool, 16, 1000, "boolean"},
    {"int8", "", Form::kInteger, 21, 1005, "smallint"},
    {"int16", "", Form::kInteger, 21, 1005, "smallint"},
    {"int32", "io.debezium.time.Date", Form::kDate, 1082, 1182, "date"},
    {"int32", "org.apache.kafka.connect.data.Date", Form::kDate, 1082, 1182, "date"},
    {"int32", "io.debezium.time.Time", Form::kTimeMillis, 1083, 1183, "time without time zone"},
    {"int32", "org.apache.kafka.connect.data.Time", Form::kTimeMillis, 1083, 1183, "time without time zone"},
    {"int32", "", Form::kInteger, 23, 1007, "integer"},
    {"int64", "io.debezium.time.MicroTime", Form::kTimeMicros, 1083, 1183, "time without time zone"},
    {"int64", "io.debezium.time.NanoTime", Form::kTimeNanos, 1083, 1183, "time without time zone"},
    {"int64", "io.debezium.time.Timestamp", Form::kMillis, 1114, 1115, "timestamp without time zone"},
    {"int64", "org.apache.kafka.connect.data.Timestamp", Form::kMillis, 1114, 1115,
     "timestamp without time zone"},
    {"int64", "io.debezium.time.MicroTimestamp", Form::kMicros, 1114, 1115, "timestamp without time zone"},
    {"int64", "io.debezium.time.NanoTimestamp", Form::kNanos, 1114, 1115, "timestamp without time zone"},
    {"int64", "io.debezium.time.MicroDuration", Form::kIntervalMicros, 1186, 1187, "interval"},
    {"int64", "", Form::kInteger, 20, 1016, "bigint"},
    {"float", "", Form::kFloat, 700, 1021, "real"},
    {"double", "", Form::kFloat, 701, 1022, "double precision"},
    {"bytes", "org.apache.kafka.connect.data.Decimal", Form::kFixedDecimal, 1700, 1231, "numeric"},
    {"bytes", "io.debezium.data.Bits", Form::kBits, 1560, 1561, "bit"},
    {"bytes", "", Form::kBytes, 17, 1001, "bytea"},
    {"string", "io.debezium.data.Json", Form::kText, 3802, 3807, "jsonb"},
    {"string", "io.debezium.data.Uuid", Form::kText, 2950, 2951, "uuid"},
    {"string", "io.debezium.data.Xml", Form::kText, 142, 143, "xml"},
    {"string", "io.debezium.time.ZonedTimestamp", Form::kZonedTimestamp, 1184, 1185,
     "timestamp with time zone"},
    {"string", "io.debezium.time.ZonedTime", Form::kZonedTime, 1266, 1270, "time with time zone"},
    {"string", "io.debezium.time.IsoDate", Form::kIsoDate, 1082, 1182, "date"},
    {"string", "io.debezium.time.IsoTime", Form::kIsoTime, 1083, 1183, "time without time zone"},
    {"string", "io.debezium.time.IsoTimestamp", Form::kIsoTimestamp, 1114, 1115,
     "timestamp without time zone"},
    {"string", "io.debezium.time.Interval", Form::kIsoInterval, 1186, 1187, "interval"},
    {"string", "", Form::kText, 25, 1009, "text"},
    {"struct", "io.debezium.data.VariableScaleDecimal", Form::kVariableDecimal, 1700, 1231, "numeric"},
    {"struct", "io.debezium.data.geometry.Point", Form::kPoint, 600, 1017, "point"},
    {"map", "", Form::kHstore, 0, 0, "hstore"},
};

std::string_view text_in(const dom::object& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::optional<int> parameter(const dom::object& field, std::string_view name) {
  std::string_view text;
  if (field["parameters"][name].get(text) != simdjson::SUCCESS) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void add_decimal(const dom::object& field, InlineColumn& made) {
  constexpr int kMostPrecision = 1000;
  made.form.scale = parameter(field, "scale").value_or(0);
  const auto precision = parameter(field, "connect.decimal.precision");
  if (!precision || *precision < 1 || *precision > kMostPrecision || made.form.scale < 0 ||
      made.form.scale > kMostPrecision) {
    return;
  }
  made.column.type_modifier = (*precision << 16 | made.form.scale) + 4;
  made.column.type_name =
      "numeric(" + std::to_string(*precision) + "," + std::to_string(made.form.scale) + ")";
}

void add_bits(const dom::object& field, InlineColumn& made) {
  if (const auto length = parameter(field, "length"); length && *length > 0) {
    made.column.type_modifier = *length;
    made.column.type_name = "bit(" + std::to_string(*length) + ")";
  }
}

InlineColumn column_of(const dom::object& field) {
  InlineColumn made;
  made.column.name = text_in(field, "field");
  dom::object described = field;
  if (text_in(field, "type") == "array") {
    made.form.list = true;
    if (field["items"].get(described) != simdjson::SUCCESS) return made;
  }
  const std::string_view type = text_in(described, "type");
  const std::string_view name = text_in(described, "name");
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const ConnectType& one) {
    return one.type == type && (one.name.empty() || one.name == name);
  });
  if (found == std::end(kTypes)) return made;  // a struct that no column of ours has: its values are refused
  made.form.form = found->form;
  made.column.type_oid = made.form.list ? found->array_oid : found->oid;
  made.column.type_name = found->printed;
  if (found->form == Form::kFixedDecimal) add_decimal(described, made);
  if (found->form == Form::kBits) add_bits(described, made);
  if (made.form.list) made.column.type_name += "[]";
  bool optional = true;
  made.column.not_null = field["optional"].get(optional) == simdjson::SUCCESS && !optional;
  return made;
}

}  // namespace

Result<std::vector<InlineColumn>> inline_columns(std::string_view schema) {
  const auto wrong = [] {
    return fail(ErrorKind::kBadValue, "the record's schema is none of Kafka Connect's");
  };
  dom::parser parser;
  dom::object described;
  dom::array fields;
  if (parser.parse(schema.data(), schema.size()).get(described) != simdjson::SUCCESS ||
      described["fields"].get(fields) != simdjson::SUCCESS) {
    return wrong();
  }
  std::vector<InlineColumn> columns;
  for (const dom::element item : fields) {
    dom::object field;
    if (item.get(field) != simdjson::SUCCESS) return wrong();
    dom::array inner;
    if (text_in(field, "field") == "after" && text_in(field, "type") == "struct" &&
        field["fields"].get(inner) == simdjson::SUCCESS && text_in(described, "name").ends_with("Envelope")) {
      columns.clear();
      for (const dom::element column : inner) {
        dom::object one;
        if (column.get(one) != simdjson::SUCCESS) return wrong();
        columns.push_back(column_of(one));
      }
      return columns;
    }
    columns.push_back(column_of(field));
  }
  return columns;
}

}  // namespace penstock::envelope
