// Schemas as Kafka Connect's JSON converter writes them beside the data (Kafka source: JsonConverter.java,
// asJsonSchema).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "envelope/column_form.h"
#include "envelope/options.h"

namespace penstock::envelope {

struct ConnectSchema {
  // JSON up to `optional`: "type":"int32", or "type":"array","items":{…}, …
  std::string type;
  bool optional = false;
  std::string name = {};  // of its meaning: io.debezium.time.Date
  int version = 0;        // 0: none
  std::string doc = {};
  std::vector<std::pair<std::string, std::string>> parameters = {};
  std::string default_value = {};  // JSON; empty: none
};

struct SchemaField {
  std::string name;
  ConnectSchema schema;
};

ConnectSchema primitive(std::string_view type, bool optional = false);
ConnectSchema array_of(const ConnectSchema& items);
ConnectSchema struct_of(const std::vector<SchemaField>& fields, std::string name, int version = 0);

// {"type":"int32","optional":false} and, of a field, its name in it.
std::string schema_json(const ConnectSchema& schema, std::optional<std::string_view> field = std::nullopt);
// {"schema":…,"payload": — what stands between that and } is the data.
std::string with_schema(const ConnectSchema& schema);

// Of a column's values, not optional and without a default.
ConnectSchema schema_of(const ColumnFacts& column, const ColumnForm& form, const Options& options);
// The same for a value among a table's, with what settings say of the source (mask, type).
ConnectSchema value_schema_of(const ColumnFacts& column, const ColumnForm& form, const Options& options);

// `name` as Avro or the other formats allow it (schema.name.adjustment.mode).
std::string adjusted(std::string_view name, NameMode mode);

}  // namespace penstock::envelope
