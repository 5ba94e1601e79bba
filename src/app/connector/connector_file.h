// A Debezium connector file, as it is posted to Kafka Connect.
#pragma once

#include <map>
#include <string>

#include "app/settings/yaml_node.h"
#include "base/result.h"

namespace penstock::app {

struct ConnectorFile {
  std::string file;
  std::string name;  // empty where the file does not say
  std::map<std::string, std::string> settings;

  const std::string* find(const std::string& setting) const;
};

// {"name": …, "config": {…}} or the settings alone, in JSON. Kafka's references in values are put in:
// ${env:NAME}, and ${file:/path:key} from a file of properties. kConfiguration.
Result<ConnectorFile> load_connector_file(const std::string& path,
                                          const Environment& environment = process_environment);
Result<ConnectorFile> parse_connector_file(const std::string& text, const std::string& file,
                                           const Environment& environment = process_environment);

}  // namespace penstock::app
