// Expressions of the pipeline file: `where`, `order_by`, the values of fields. Only their borders are read
// here; what they mean is the projector's business.
#pragma once

#include <string>
#include <vector>

#include "app/settings/yaml_node.h"
#include "base/result.h"
#include "projection/spec.h"

namespace penstock::app {

// The scalar as an expression. A plain word is a column as it is in the catalog, never folded to lower case:
// its name in double quotes. `what`: "\"where\" of collection \"orders\"".
Result<SqlText> read_sql(const std::string& file, const YamlNode& node, const std::string& what);

// "a desc nulls first, lower(b)", or a list of such texts. NULLs sort last unless they are said to
// come first, also when descending.
Result<std::vector<OrderSpec>> read_order(const std::string& file, const YamlNode::Entry& entry,
                                          const std::string& what);

// At the commas outside of parentheses, brackets, quotes and comments; the parts are trimmed and know their
// places. kConfiguration where something is not closed or a part is empty.
Result<std::vector<SqlText>> split_list(const std::string& file, const SqlText& list,
                                        const std::string& what);

}  // namespace penstock::app
