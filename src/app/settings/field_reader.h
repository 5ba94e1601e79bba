// `fields`, `id`, `group_by` and `key` of a collection or an embed.
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
// A column or an expression, a list of columns, or a map of fields without "*" and without dropped ones. A
// lone expression is called _id.
Result<std::vector<FieldSpec>> read_id(const std::string& file, const YamlNode::Entry& entry,
                                       const std::string& where);
// Likewise, with columns of embedded rows (product.category) in the list, which go by their last name; no
// sub-documents.
Result<std::vector<FieldSpec>> read_group_by(const std::string& file, const YamlNode::Entry& entry,
                                             const std::string& where);
// A column or a list of columns.
Result<std::vector<std::string>> read_key(const std::string& file, const YamlNode::Entry& entry,
                                          const std::string& where);

}  // namespace penstock::app
