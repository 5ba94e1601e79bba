#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "app/settings.h"
#include "app/settings/field_reader.h"
#include "app/settings/index_reader.h"
#include "app/settings/names.h"
#include "app/settings/section.h"

namespace penstock::app {
namespace {

// What the whole file says and each collection starts from.
struct Defaults {
  bool soft_deletes = false;
  std::optional<std::string> change_field;
  std::optional<std::string> time_field;
};

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
  PENSTOCK_ASSIGN(source.postgres, section.text("postgres"));
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

Result<Defaults> read_defaults(const Section& file) {
  Defaults defaults;
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

class CollectionReader {
 public:
  CollectionReader(const Section& section, const Defaults& defaults)
      : section_(section), defaults_(defaults) {}

  Result<CollectionSettings> read(const YamlNode::Entry& entry) {
    CollectionSettings result;
    CollectionSpec& spec = result.spec;
    spec.name = entry.key;
    spec.line = entry.line;
    spec.change_field = defaults_.change_field;
    spec.time_field = defaults_.time_field;
    PENSTOCK_TRY(read_from(spec));
    PENSTOCK_TRY(read_columns(spec));
    PENSTOCK_TRY(read_deletes(spec));
    if (const YamlNode::Entry* indexes = section_.find("indexes")) {
      PENSTOCK_ASSIGN(result.indexes, read_indexes(section_.file(), *indexes, section_.where()));
    }
    return result;
  }

 private:
  std::string part(const char* key) const { return fmt::format("\"{}\" of {}", key, section_.where()); }

  Status read_from(CollectionSpec& spec) {
    PENSTOCK_ASSIGN(const std::string from, section_.text("from"));
    const auto table = parse_table_name(from);
    if (!table)
      return fail(section_.error("from",
                                 fmt::format("{} must be schema.table, not \"{}\"", part("from"), from),
                                 "e.g. public.orders; names with dots or quotes go in double quotes"));
    spec.from = *table;
    return {};
  }

  Status read_columns(CollectionSpec& spec) {
    const std::string& file = section_.file();
    if (const YamlNode::Entry* key = section_.find("key")) {
      PENSTOCK_ASSIGN(spec.key, read_key(file, *key, part("key")));
    }
    if (const YamlNode::Entry* id = section_.find("id")) {
      PENSTOCK_ASSIGN(spec.id, read_id(file, *id, part("id")));
    }
    const YamlNode::Entry* fields = section_.find("fields");
    if (fields == nullptr) return {};
    PENSTOCK_ASSIGN(FieldList list, read_fields(file, *fields, part("fields")));
    spec.all_columns = list.all_columns;
    spec.fields = std::move(list.fields);
    for (const FieldSpec& field : spec.fields) {
      if (field.drop || (field.name != spec.change_field && field.name != spec.time_field)) continue;
      return fail(error_at(
          file, field.line, 1,
          fmt::format("field \"{}\" of {} is the name of a metadata field too", field.name, section_.where()),
          "give one of them another name"));
    }
    return {};
  }

  Status read_deletes(CollectionSpec& spec) {
    PENSTOCK_ASSIGN(const std::string deletes, section_.choice("deletes"));
    spec.soft_deletes = deletes.empty() ? defaults_.soft_deletes : deletes == "soft";
    if (spec.soft_deletes && !spec.change_field)
      return fail(section_.error(
          "deletes", fmt::format("\"deletes: soft\" of {} needs a field that says so", section_.where()),
          "add metadata: { change: cdc_changed }"));
    return {};
  }

  const Section& section_;
  const Defaults& defaults_;
};

Result<std::vector<CollectionSettings>> read_collections(const Section& file, const Defaults& defaults) {
  const YamlNode::Entry& all = *file.find("collections");
  if (all.value.kind != YamlNode::Kind::kMap || all.value.entries.empty())
    return fail(error_at(file.file(), all, "\"collections\" must be a map with at least one collection",
                         "e.g. products: { from: public.products }"));
  std::vector<CollectionSettings> collections;
  for (const YamlNode::Entry& entry : all.value.entries) {
    if (const auto what = bad_collection_name(entry.key))
      return fail(
          error_at(file.file(), entry, fmt::format("the collection name \"{}\" {}", entry.key, *what)));
    PENSTOCK_ASSIGN(const Section section, Section::open(file.file(), entry.value, &entry, "collections.*",
                                                         fmt::format("collection \"{}\"", entry.key)));
    PENSTOCK_ASSIGN(CollectionSettings collection, CollectionReader(section, defaults).read(entry));
    for (const CollectionSettings& other : collections)
      if (other.spec.from == collection.spec.from && other.spec.key != collection.spec.key)
        return fail(section.error("key",
                                  fmt::format("collections \"{}\" and \"{}\" give {} different keys",
                                              other.spec.name, entry.key, to_string(collection.spec.from)),
                                  "give both the same \"key\", and use \"id\" where only _id shall differ"));
    collections.push_back(std::move(collection));
  }
  return collections;
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
  PENSTOCK_ASSIGN(const bool dead_letter, is_chosen(section, "errors", "dead_letter"));
  settings.errors = dead_letter ? OnBadRow::kDeadLetter : OnBadRow::kStop;
  PENSTOCK_ASSIGN(settings.source, read_source(section, settings.pipeline));
  PENSTOCK_ASSIGN(settings.sink, read_sink(section));
  PENSTOCK_ASSIGN(settings.load, read_load(section));
  PENSTOCK_ASSIGN(settings.groups, read_groups(section));
  PENSTOCK_ASSIGN(const Defaults defaults, read_defaults(section));
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
  return parse_settings(text, path, environment);
}

std::vector<Settings::Table> Settings::tables() const {
  std::vector<Table> tables;
  for (const CollectionSettings& collection : collections) {
    auto found = std::find_if(tables.begin(), tables.end(),
                              [&](const Table& table) { return table.name == collection.spec.from; });
    if (found == tables.end())
      found = tables.insert(found, Table{collection.spec.from, collection.spec.key, {}});
    found->collections.push_back(collection.spec.name);
  }
  return tables;
}

}  // namespace penstock::app
