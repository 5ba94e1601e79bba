#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "app/connector/connector_source.h"
#include "app/settings.h"
#include "app/settings/collection_reader.h"
#include "app/settings/names.h"
#include "app/settings/section.h"

namespace penstock::app {
namespace {

constexpr std::size_t kLeastCache = std::size_t{1} << 20;

// The section below `key`, or one without keys where it is absent.
Result<Section> open_section(const Section& parent, std::string_view key) {
  static const YamlNode kEmpty = [] {
    YamlNode node;
    node.kind = YamlNode::Kind::kMap;
    return node;
  }();
  const YamlNode::Entry* entry = parent.find(key);
  return Section::open(parent.file(), entry != nullptr ? entry->value : kEmpty, entry, std::string(key),
                       fmt::format("\"{}\"", key));
}

Result<std::string> checked_name(const Section& section, std::string_view key, std::string value,
                                 std::optional<std::string> (*complaint)(std::string_view)) {
  if (const auto what = complaint(value)) {
    const std::string remedy =
        section.find(key) == nullptr ? fmt::format("give \"{}\" a name of its own", key) : "";
    return fail(section.error(key, fmt::format("\"{}\" \"{}\" {}", key, value, *what), remedy));
  }
  return value;
}

Result<bool> is_chosen(const Section& section, std::string_view key, std::string_view choice) {
  return section.choice(key).map([choice](const std::string& chosen) { return chosen == choice; });
}

Result<SourceSettings> read_source(const Section& file, const std::string& pipeline) {
  PENSTOCK_ASSIGN(const Section section, open_section(file, "source"));
  SourceSettings source;
  PENSTOCK_ASSIGN(source.connector, section.text("connector"));
  PENSTOCK_ASSIGN(source.postgres, section.text("postgres"));
  for (const char* key : {"postgres", "slot", "publication"}) {
    if (!source.connector.empty() && section.find(key) != nullptr)
      return fail(section.error(key, fmt::format("\"{}\" is said by the connector file", key),
                                "give either \"connector\" or \"postgres\", \"slot\" and \"publication\""));
  }
  if (source.connector.empty() && source.postgres.empty())
    return fail(section.error("postgres", "\"postgres\" is missing in \"source\"",
                              "postgres: postgresql://penstock@127.0.0.1/shop, or connector: FILE.json"));
  PENSTOCK_ASSIGN(std::string slot, section.text("slot"));
  if (slot.empty()) slot = pipeline + "_slot";
  PENSTOCK_ASSIGN(source.slot, checked_name(section, "slot", std::move(slot), bad_slot_name));
  PENSTOCK_ASSIGN(source.publication, section.text("publication"));
  if (source.publication.empty()) source.publication = pipeline + "_pub";
  if (source.publication.size() > 63)
    return fail(section.error("publication", "the publication's name is longer than 63 bytes"));
  PENSTOCK_ASSIGN(source.create_publication, section.truth("create_publication"));
  PENSTOCK_ASSIGN(const std::size_t seconds, section.count("catalog_interval", 86400));
  source.catalog_interval = std::chrono::seconds(seconds);
  return source;
}

Result<SinkSettings> read_sink(const Section& file) {
  PENSTOCK_ASSIGN(const Section section, open_section(file, "sink"));
  SinkSettings sink;
  PENSTOCK_ASSIGN(sink.mongodb, section.text("mongodb"));
  if (!sink.mongodb.starts_with("mongodb://") && !sink.mongodb.starts_with("mongodb+srv://"))
    return fail(section.error("mongodb", "\"mongodb\" must begin with mongodb:// or mongodb+srv://"));
  PENSTOCK_ASSIGN(std::string database, section.text("database"));
  PENSTOCK_ASSIGN(sink.database, checked_name(section, "database", std::move(database), bad_database_name));
  PENSTOCK_ASSIGN(const bool idempotent, is_chosen(section, "delivery", "idempotent"));
  sink.delivery = idempotent ? Delivery::kIdempotent : Delivery::kExactlyOnce;
  return sink;
}

Result<LoadSettings> read_load(const Section& file) {
  PENSTOCK_ASSIGN(const Section section, open_section(file, "load"));
  LoadSettings load;
  PENSTOCK_ASSIGN(const std::size_t readers, section.count("readers", 64));
  PENSTOCK_ASSIGN(const std::size_t writers, section.count("writers", 64));
  load.readers = static_cast<unsigned>(readers);
  load.writers = static_cast<unsigned>(writers);
  PENSTOCK_ASSIGN(load.chunk_rows, section.count("chunk_rows", 1000000));
  PENSTOCK_ASSIGN(load.chunk_bytes, section.size("chunk_bytes", 65536));
  return load;
}

Result<GroupSettings> read_groups(const Section& file) {
  PENSTOCK_ASSIGN(const Section section, open_section(file, "groups"));
  GroupSettings groups;
  PENSTOCK_ASSIGN(groups.rows, section.count("rows", 1000000));
  PENSTOCK_ASSIGN(groups.bytes, section.size("bytes", 65536));
  return groups;
}

Result<std::map<std::string, std::string>> read_texts(const Section& section, std::string_view key) {
  std::map<std::string, std::string> texts;
  const YamlNode::Entry* entry = section.find(key);
  if (entry == nullptr) return texts;
  if (entry->value.kind != YamlNode::Kind::kMap)
    return fail(section.error(key, fmt::format("\"{}\" is a map from names to texts", key)));
  for (const YamlNode::Entry& one : entry->value.entries) {
    PENSTOCK_ASSIGN(texts[one.key], scalar_text(section.file(), one.value, "a text"));
  }
  return texts;
}

Result<KafkaSettings> read_kafka(const Section& file, const std::string& pipeline) {
  PENSTOCK_ASSIGN(const Section section, open_section(file, "kafka"));
  KafkaSettings kafka;
  // A file for both ways may name brokers by the environment alone: ${KAFKA:-}.
  const YamlNode::Entry* brokers = section.find("brokers");
  const bool none = brokers != nullptr && brokers->value.is_scalar() && brokers->value.text.empty();
  if (!none) {
    PENSTOCK_ASSIGN(kafka.brokers, section.text("brokers"));
  }
  PENSTOCK_ASSIGN(kafka.prefix, section.text("prefix"));
  if (kafka.prefix.empty()) kafka.prefix = pipeline;
  PENSTOCK_ASSIGN(kafka.share, section.truth("share"));
  PENSTOCK_ASSIGN(kafka.events, read_texts(section, "events"));
  PENSTOCK_ASSIGN(const auto settings, read_texts(section, "settings"));
  kafka.settings.assign(settings.begin(), settings.end());
  return kafka;
}

Result<JournalSettings> read_journal(const Section& file, const std::string& state) {
  JournalSettings journal;
  const YamlNode::Entry* entry = file.find("journal");
  const bool plain = entry == nullptr || entry->value.is_scalar();
  if (plain) {
    PENSTOCK_ASSIGN(journal.on, file.truth("journal"));
  }
  static const YamlNode kEmpty = [] {
    YamlNode node;
    node.kind = YamlNode::Kind::kMap;
    return node;
  }();
  PENSTOCK_ASSIGN(const Section section,
                  Section::open(file.file(), plain ? kEmpty : entry->value, entry, "journal", "\"journal\""));
  journal.on = journal.on || !plain;
  PENSTOCK_ASSIGN(journal.folder, section.text("folder"));
  if (journal.folder.empty()) journal.folder = (std::filesystem::path(state) / "journal").string();
  PENSTOCK_ASSIGN(journal.keep, section.duration("keep"));
  PENSTOCK_ASSIGN(journal.keep_bytes, section.size("keep_bytes", kLeastCache));
  return journal;
}

Result<CollectionDefaults> read_defaults(const Section& file) {
  CollectionDefaults defaults;
  PENSTOCK_ASSIGN(const Section metadata, open_section(file, "metadata"));
  for (const char* key : {"change", "time"}) {
    PENSTOCK_ASSIGN(std::string name, metadata.text(key));
    if (name.empty()) continue;
    PENSTOCK_ASSIGN(name, checked_name(metadata, key, std::move(name), bad_metadata_field));
    (key == std::string_view("change") ? defaults.change_field : defaults.time_field) = name;
  }
  if (defaults.change_field && defaults.change_field == defaults.time_field)
    return fail(metadata.error("time", "\"change\" and \"time\" are the same field"));
  PENSTOCK_ASSIGN(defaults.soft_deletes, is_chosen(file, "deletes", "soft"));
  if (defaults.soft_deletes && !defaults.change_field)
    return fail(file.error("deletes", "\"deletes: soft\" needs a field that says so",
                           "add metadata: { change: cdc_changed }"));
  return defaults;
}

}  // namespace

Result<Settings> parse_settings(const std::string& text, const std::string& file,
                                const Environment& environment) {
  PENSTOCK_ASSIGN(const YamlNode root, parse_yaml(text, file, environment));
  PENSTOCK_ASSIGN(const Section section, Section::open(file, root, nullptr, "", "the pipeline file"));
  Settings settings;
  settings.file = file;
  PENSTOCK_ASSIGN(std::string pipeline, section.text("pipeline"));
  PENSTOCK_ASSIGN(settings.pipeline,
                  checked_name(section, "pipeline", std::move(pipeline), bad_pipeline_name));
  PENSTOCK_ASSIGN(settings.state, section.text("state"));
  PENSTOCK_ASSIGN(settings.state_cache, section.size("state_cache", kLeastCache));
  PENSTOCK_ASSIGN(settings.keep_previous, section.truth("keep_previous"));
  PENSTOCK_ASSIGN(const bool dead_letter, is_chosen(section, "errors", "dead_letter"));
  settings.errors = dead_letter ? OnBadRow::kDeadLetter : OnBadRow::kStop;
  PENSTOCK_ASSIGN(settings.source, read_source(section, settings.pipeline));
  PENSTOCK_ASSIGN(settings.sink, read_sink(section));
  PENSTOCK_ASSIGN(settings.load, read_load(section));
  PENSTOCK_ASSIGN(settings.groups, read_groups(section));
  PENSTOCK_ASSIGN(settings.journal, read_journal(section, settings.state));
  PENSTOCK_ASSIGN(settings.kafka, read_kafka(section, settings.pipeline));
  PENSTOCK_ASSIGN(const CollectionDefaults defaults, read_defaults(section));
  PENSTOCK_ASSIGN(settings.collections, read_collections(section, defaults));
  return settings;
}

Result<Settings> load_settings(const std::string& path, const Environment& environment) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    return fail(ErrorKind::kConfiguration, fmt::format("{}: the pipeline file cannot be read", path),
                "give the path of a pipeline file, e.g. examples/ecommerce/pipeline.yaml");
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (stream.bad())
    return fail(ErrorKind::kConfiguration, fmt::format("{}: the pipeline file cannot be read", path));
  PENSTOCK_ASSIGN(Settings settings, parse_settings(text, path, environment));
  if (!settings.source.connector.empty()) PENSTOCK_TRY(use_connector(settings, environment));
  return settings;
}

}  // namespace penstock::app
