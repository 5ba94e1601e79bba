// `indexes` of a collection.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"
#include "app/settings/yaml_node.h"
#include "base/result.h"

namespace penstock::app {

// `where`: "collection \"orders\"".
Result<std::vector<IndexSettings>> read_indexes(const std::string& file, const YamlNode::Entry& entry,
                                                const std::string& where);

}  // namespace penstock::app
