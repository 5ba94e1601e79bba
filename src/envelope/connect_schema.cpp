#include "envelope/connect_schema.h"

#include <fmt/format.h>

#include <iterator>

#include "envelope/source_type.h"
#include "envelope/value_writer.h"

namespace penstock::envelope {
namespace {

ConnectSchema named(std::string_view type, std::string name, int version = 1) {
  ConnectSchema schema = primitive(type);
  schema.name = std::move(name);
  schema.version = version;
  return schema;
}

ConnectSchema time_schema(std::string_view type, const std::string& name) {
  return named(type, "io.debezium.time." + name);
}

// Dates and times that Kafka Connect knows itself, with time.precision.mode connect.
ConnectSchema moment_schema(std::string_view type, const std::string& name, const Options& options) {
  if (options.times == TimeMode::kConnect) return named(type, "org.apache.kafka.connect.data." + name);
  return time_schema(type, name);
}

ConnectSchema decimal_schema(int scale) {
  ConnectSchema schema = named("bytes", "org.apache.kafka.connect.data.Decimal");
  schema.parameters = {{"scale", std::to_string(scale)}};
  return schema;
}

ConnectSchema fixed_schema(const ColumnFacts& column, int scale) {
  ConnectSchema schema = decimal_schema(scale);
  const int precision = ((column.modifier - 4) >> 16) & 0xffff;  // PostgreSQL source: numeric.c
  schema.parameters.emplace_back("connect.decimal.precision", std::to_string(precision));
  return schema;
}

ConnectSchema variable_schema() {
  ConnectSchema schema = struct_of({{"scale", primitive("int32")}, {"value", primitive("bytes")}},
                                   "io.debezium.data.VariableScaleDecimal", 1);
  schema.doc = "Variable scaled decimal";
  return schema;
}

ConnectSchema bits_schema(const ColumnFacts& column) {
  ConnectSchema schema = named("bytes", "io.debezium.data.Bits");
  schema.parameters = {{"length", column.modifier > 0 ? std::to_string(column.modifier) : "2147483647"}};
  return schema;
}

ConnectSchema point_schema() {
  ConnectSchema schema = struct_of({{"x", primitive("double")},
                                    {"y", primitive("double")},
                                    {"wkb", primitive("bytes", true)},
                                    {"srid", primitive("int32", true)}},
                                   "io.debezium.data.geometry.Point", 1);
  schema.doc = "Geometry (POINT)";
  return schema;
}

ConnectSchema hstore_schema(HstoreMode mode) {
  if (mode == HstoreMode::kJson) return named("string", "io.debezium.data.Json");
  ConnectSchema schema;
  schema.type = R"("type":"map","keys":)" + schema_json(primitive("string")) + R"(,"values":)" +
                schema_json(primitive("string", true));
  return schema;
}

ConnectSchema text_schema(const ColumnFacts& column, std::uint32_t type) {
  if (!column.enum_labels.empty()) {
    ConnectSchema schema = named("string", "io.debezium.data.Enum");
    schema.parameters = {{"allowed", column.enum_labels}};
    return schema;
  }
  switch (type) {
    case 114:
    case 3802:
      return named("string", "io.debezium.data.Json");
    case 142:
      return named("string", "io.debezium.data.Xml");
    case 2950:
      return named("string", "io.debezium.data.Uuid");
    case 3614:
      return named("string", "io.debezium.data.Tsvector");
    default:
      return primitive("string");
  }
}

// `type`: the OID of one value's type.
ConnectSchema one_schema(const ColumnFacts& column, const ColumnForm& form, const Options& options,
                         std::uint32_t type) {
  switch (form.form) {
    case Form::kBool:
      return primitive("boolean");
    case Form::kInteger:
      return primitive(type == 21 ? "int16" : type == 23 ? "int32" : "int64");
    case Form::kFloat:
      return primitive(type == 700 ? "float" : "double");
    case Form::kText:
      return text_schema(column, type);
    case Form::kFixedDecimal:
      return fixed_schema(column, form.scale);
    case Form::kVariableDecimal:
      return variable_schema();
    case Form::kDoubleDecimal:
      return primitive("double");
    case Form::kMoney:
      return form.scale < 0 ? primitive("string") : decimal_schema(form.scale);
    case Form::kBytes:
      return primitive(options.binary == BinaryMode::kBytes ? "bytes" : "string");
    case Form::kBits:
      return bits_schema(column);
    case Form::kDate:
      return moment_schema("int32", "Date", options);
    case Form::kMillis:
      return moment_schema("int64", "Timestamp", options);
    case Form::kTimeMillis:
      return moment_schema("int32", "Time", options);
    case Form::kMicros:
      return time_schema("int64", "MicroTimestamp");
    case Form::kNanos:
      return time_schema("int64", "NanoTimestamp");
    case Form::kTimeMicros:
      return time_schema("int64", "MicroTime");
    case Form::kTimeNanos:
      return time_schema("int64", "NanoTime");
    case Form::kIsoDate:
      return time_schema("string", "IsoDate");
    case Form::kIsoTimestamp:
      return time_schema("string", "IsoTimestamp");
    case Form::kIsoTime:
      return time_schema("string", "IsoTime");
    case Form::kZonedTimestamp:
      return time_schema("string", "ZonedTimestamp");
    case Form::kZonedTime:
      return time_schema("string", "ZonedTime");
    case Form::kIntervalMicros:
      return time_schema("int64", "MicroDuration");
    case Form::kIsoInterval:
      return time_schema("string", "Interval");
    case Form::kPoint:
      return point_schema();
    case Form::kHstore:
      return hstore_schema(options.hstore);
  }
  return primitive("string");
}

// What a character of a name becomes; `c` is ASCII, as in the names of topics.
std::string allowed(char c, bool first, NameMode mode) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  if (letter || (!first && (digit || c == '.'))) return std::string(1, c);
  if (mode == NameMode::kAvroUnicode) return fmt::format("_u{:04x}", static_cast<unsigned char>(c));
  return digit ? std::string("_") + c : "_";
}

}  // namespace

ConnectSchema primitive(std::string_view type, bool optional) {
  return {fmt::format(R"("type":"{}")", type), optional};
}

ConnectSchema array_of(const ConnectSchema& items) {
  return {R"("type":"array","items":)" + schema_json(items)};
}

ConnectSchema struct_of(const std::vector<SchemaField>& fields, std::string name, int version) {
  ConnectSchema schema{R"("type":"struct","fields":[)"};
  for (const SchemaField& field : fields) {
    if (&field != &fields.front()) schema.type += ',';
    schema.type += schema_json(field.schema, field.name);
  }
  schema.type += ']';
  schema.name = std::move(name);
  schema.version = version;
  return schema;
}

std::string schema_json(const ConnectSchema& schema, std::optional<std::string_view> field) {
  std::string out = "{" + schema.type + R"(,"optional":)" + (schema.optional ? "true" : "false");
  const auto add = [&](std::string_view name, std::string_view text) {
    out += fmt::format(R"(,"{}":)", name);
    append_json_string(out, text);
  };
  if (!schema.name.empty()) add("name", schema.name);
  if (schema.version > 0) out += fmt::format(R"(,"version":{})", schema.version);
  if (!schema.doc.empty()) add("doc", schema.doc);
  if (!schema.parameters.empty()) {
    out += R"(,"parameters":{)";
    for (const auto& [name, value] : schema.parameters) {
      if (out.back() != '{') out += ',';
      append_json_string(out, name);
      out += ':';
      append_json_string(out, value);
    }
    out += '}';
  }
  if (!schema.default_value.empty()) out += R"(,"default":)" + schema.default_value;
  if (field) add("field", *field);
  return out + "}";
}

std::string with_schema(const ConnectSchema& schema) {
  return R"({"schema":)" + schema_json(schema) + R"(,"payload":)";
}

ConnectSchema schema_of(const ColumnFacts& column, const ColumnForm& form, const Options& options) {
  if (!form.list) return one_schema(column, form, options, column.type);
  ConnectSchema items = one_schema(column, form, options, column.element);
  items.optional = column.enum_labels.empty();  // as Debezium has it
  return array_of(items);
}

ConnectSchema value_schema_of(const ColumnFacts& column, const ColumnForm& form, const Options& options) {
  ConnectSchema schema = schema_of(column, form, options);
  if (column.mask && column.mask->kind == Mask::Kind::kTruncate) {
    schema.parameters.emplace_back("truncateLength", std::to_string(column.mask->length));
  } else if (column.mask) {
    schema.parameters.emplace_back("masked", "true");
  } else if (column.names_source_type) {
    for (auto& parameter : source_type_parameters(column)) schema.parameters.push_back(std::move(parameter));
  }
  return schema;
}

std::string adjusted(std::string_view name, NameMode mode) {
  if (mode == NameMode::kNone) return std::string(name);
  std::string made;
  for (const char c : name) {
    const bool keeps = c == '_' && mode == NameMode::kAvro;
    made += keeps ? "_" : allowed(c, made.empty(), mode);
  }
  return made;
}

}  // namespace penstock::envelope
