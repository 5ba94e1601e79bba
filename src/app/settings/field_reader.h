// `fields`, `id` and `key` of a collection.
#pragma once

#include <string>
#include <vector>

#include "app/settings/yaml_node.h"
#include "base/result.h"
#include "projection/spec.h"

namespace penstock::app {

struct FieldList {
  bool all_columns = false;  // "*": true
  std::vector<FieldSpec> fields;
};

// `where`: "\"fields\" of collection \"orders\"".
Result<FieldList> read_fields(const std::string& file, const YamlNode::Entry& entry,
                              const std::string& where);
// A column, a list of columns, or a map of fields without "*" and without dropped ones.
Result<std::vector<FieldSpec>> read_id(const std::string& file, const YamlNode::Entry& entry,
                                       const std::string& where);
// A column or a list of columns.
Result<std::vector<std::string>> read_key(const std::string& file, const YamlNode::Entry& entry,
                                          const std::string& where);

}  // namespace penstock::app
