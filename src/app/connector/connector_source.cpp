#include "app/connector/connector_source.h"

#include <filesystem>

#include "app/connector/setting_reader.h"

namespace penstock::app {

Status use_connector(Settings& settings, const Environment& environment) {
  const auto folder = std::filesystem::path(settings.file).parent_path();
  PENSTOCK_ASSIGN(const ConnectorFile file,
                  load_connector_file((folder / settings.source.connector).string(), environment));
  return use_connector(settings, file);
}

Status use_connector(Settings& settings, const ConnectorFile& file) {
  const std::chrono::seconds interval = settings.source.catalog_interval;
  const bool create = settings.source.create_publication;
  const std::string path = settings.source.connector;
  PENSTOCK_ASSIGN(settings.source, source_of(file));
  settings.source.connector = path;
  settings.source.catalog_interval = interval;
  settings.source.create_publication = create;
  const SettingReader in(file);
  const std::string prefix = in.text("topic.prefix", in.text("database.server.name"));
  if (settings.kafka.prefix == settings.pipeline && !prefix.empty()) settings.kafka.prefix = prefix;
  settings.kafka.delimiter = in.text("topic.delimiter", ".");
  for (const auto& [name, value] : file.settings) settings.kafka.events.emplace(name, value);
  return {};
}

Result<envelope::Options> event_options(const Settings& settings) {
  ConnectorFile file{settings.file, settings.pipeline, settings.kafka.events};
  file.settings["topic.prefix"] = settings.kafka.prefix;
  envelope::Options values;
  PENSTOCK_TRY(read_values(SettingReader(file), values));
  return values;
}

}  // namespace penstock::app
