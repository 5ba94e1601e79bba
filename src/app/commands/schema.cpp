#include <cstdio>

#include "app/commands/commands.h"
#include "app/settings/setting_table.h"

namespace penstock::app {

Status schema_command(const SchemaOptions& options) {
  std::fputs((options.markdown ? configuration_markdown() : configuration_json_schema()).c_str(), stdout);
  return {};
}

}  // namespace penstock::app
