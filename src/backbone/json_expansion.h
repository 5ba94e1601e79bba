// Text that holds JSON as data with a schema (Debezium source: JsonSchemaData.java).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "envelope/connect_schema.h"

namespace penstock::backbone {

struct Expanded {
  envelope::ConnectSchema schema;
  std::string json;
};

// Fields that are null or an empty array have no type and are left out (with `nulls_are_bytes` null fields
// stay); objects of an array get all fields of all of them. None for what is no JSON object, and for arrays
// of unlike values. `name`: of the schema.
std::optional<Expanded> expand_json(std::string_view text, const std::string& name, bool nulls_are_bytes);

}  // namespace penstock::backbone
