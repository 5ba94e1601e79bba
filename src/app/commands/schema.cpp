#include <cstdio>

#include "app/commands/commands.h"
#include "app/connector/known_settings.h"
#include "app/settings/setting_table.h"

namespace penstock::app {

Status schema_command(const SchemaOptions& options) {
  if (options.connector) {
    std::fputs(known_settings_markdown().c_str(), stdout);
    return {};
  }
  std::fputs((options.markdown ? configuration_markdown() : configuration_json_schema()).c_str(), stdout);
  return {};
}

}  // namespace penstock::app
