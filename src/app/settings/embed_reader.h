// `embed` of a collection or of an embed.
#pragma once

#include <string>
#include <vector>

#include "app/settings/yaml_node.h"
#include "base/result.h"
#include "projection/spec.h"

namespace penstock::app {

// `owner`: the table of the rows that hold the embeds. `where`: "collection \"orders\"".
Result<std::vector<EmbedSpec>> read_embeds(const std::string& file, const YamlNode::Entry& entry,
                                           const TableName& owner, const std::string& where);

// A field that is named twice at one level: under `fields`, by an embed, by a merged embed.
Status check_names(const std::string& file, const std::vector<FieldSpec>& fields,
                   const std::vector<EmbedSpec>& embeds, const std::string& where);

// schema.table behind `key` of an open section; the key must be there.
class Section;
Result<TableName> read_table(const Section& section, std::string_view key);

}  // namespace penstock::app
