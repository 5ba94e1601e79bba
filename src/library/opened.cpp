#include "library/opened.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "app/connector/connector_source.h"
#include "library/json_writer.h"
#include "projection/view/collections.h"
#include "source/postgres/conninfo.h"

namespace penstock::library {
namespace {

// Of the process, or as given; notes what was asked for.
app::Environment noting(const OpenOptions& options, std::map<std::string, std::string>& noted) {
  return [&options, &noted](const std::string& name) -> std::optional<std::string> {
    std::optional<std::string> value;
    if (!options.environment) {
      value = app::process_environment(name);
    } else if (const auto given = options.environment->find(name); given != options.environment->end()) {
      value = given->second;
    }
    if (value) noted[name] = *value;
    return value;
  };
}

Result<std::string> connector_text(const Opened& opened) {
  if (opened.options.connector) return *opened.options.connector;
  const auto path = std::filesystem::path(opened.options.file).parent_path() / opened.all.source.connector;
  std::ifstream stream(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (stream && !text.empty()) return text;
  return fail(ErrorKind::kConfiguration, path.string() + ": the connector file cannot be read",
              "it is looked for beside the pipeline file " + opened.options.file);
}

// With what the file leaves to the connector's and to the options.
Status complete(Opened& opened, const app::Environment& environment) {
  if (!opened.all.source.connector.empty()) {
    PENSTOCK_ASSIGN(opened.ship.connector, connector_text(opened));
    PENSTOCK_ASSIGN(const auto file, app::parse_connector_file(*opened.ship.connector,
                                                               opened.all.source.connector, environment));
    PENSTOCK_TRY(app::use_connector(opened.all, file));
  }
  if (!opened.options.brokers.empty()) opened.all.kafka.brokers = opened.options.brokers;
  for (const auto& [name, value] : opened.options.kafka) opened.all.kafka.settings.emplace_back(name, value);
  return {};
}

Status refuse(const app::Settings& settings, const std::string& which, const std::string& why) {
  return fail(
      ErrorKind::kConfiguration, settings.file + ": " + which + " cannot be written here: " + why,
      "choose the others by name (stream.py --collection NAME), and keep these with penstock apply and a "
      "pipeline file of their own");
}

Status check_kinds(const app::Settings& chosen) {
  std::string own_ids;
  for (const app::CollectionSettings& collection : chosen.collections)
    if (!collection.spec.id.empty()) own_ids += (own_ids.empty() ? "" : ", ") + collection.spec.name;
  if (own_ids.empty()) return {};
  return refuse(chosen, own_ids,
                "with an `id` of its own a document may come from rows of several partitions");
}

bool reads(const CollectionSpec& spec, const TableName& table) {
  const auto tables = tables_of(spec);
  return std::find(tables.begin(), tables.end(), table) != tables.end();
}

bool is_chosen(const app::Settings& chosen, const app::CollectionSettings& one) {
  return std::any_of(chosen.collections.begin(), chosen.collections.end(),
                     [&](const auto& other) { return other.spec.name == one.spec.name; });
}

// One place of a partition speaks for all collections that are made of its table's rows: neither a plain one
// may be left out of which a chosen one's table is, nor a read model that shows the rows of a chosen one.
Status check_tables(const app::Settings& all, const app::Settings& chosen, bool plain) {
  for (const app::CollectionSettings& one : all.collections) {
    if (one.spec.is_plain() != plain || is_chosen(chosen, one)) continue;
    const auto sharing = std::find_if(
        chosen.collections.begin(), chosen.collections.end(), [&](const app::CollectionSettings& other) {
          return plain ? reads(other.spec, one.spec.from)
                       : other.spec.is_plain() && reads(one.spec, other.spec.from);
        });
    if (sharing == chosen.collections.end()) continue;
    return fail(ErrorKind::kConfiguration,
                all.file + ": " + sharing->spec.name + " and " + one.spec.name + " are both made from " +
                    to_string(plain ? one.spec.from : sharing->spec.from) +
                    ", so that they are written together",
                "choose both, or put one of them into a pipeline file of its own");
  }
  return {};
}

// What they keep is kept for all of them, and begun anew with another choice.
Status check_models(const app::Settings& all, const app::Settings& chosen) {
  std::string left_out;
  for (const app::CollectionSettings& one : all.collections) {
    if (!one.spec.is_plain() && !is_chosen(chosen, one))
      left_out += (left_out.empty() ? "" : ", ") + one.spec.name;
  }
  if (left_out.empty() || !chosen.reads_models()) return {};
  return fail(ErrorKind::kConfiguration,
              all.file + ": the rows of a pipeline's read models are kept together, and " + left_out +
                  " is not among those chosen",
              "choose all read models or none, or put some of them into a pipeline file of another name");
}

Status choose(Opened& opened) {
  opened.chosen = opened.all;
  const auto& names = opened.options.collections;
  for (const std::string& name : names) {
    const auto& known = opened.all.collections;
    if (std::none_of(known.begin(), known.end(), [&](const auto& one) { return one.spec.name == name; }))
      return fail(ErrorKind::kConfiguration, opened.all.file + ": there is no collection " + name);
  }
  if (!names.empty())
    std::erase_if(opened.chosen.collections, [&](const app::CollectionSettings& one) {
      return std::find(names.begin(), names.end(), one.spec.name) == names.end();
    });
  PENSTOCK_TRY(check_kinds(opened.chosen));
  PENSTOCK_TRY(check_models(opened.all, opened.chosen));
  PENSTOCK_TRY(check_tables(opened.all, opened.chosen, true));
  return check_tables(opened.all, opened.chosen, false);
}

void put_collections(JsonWriter& out, const Opened& opened) {
  out.key("collections").begin_list();
  for (const app::CollectionSettings& collection : opened.all.collections) {
    out.begin().text("name", collection.spec.name).text("table", to_string(collection.spec.from));
    out.text("kind", collection.spec.is_plain() ? "plain" : "read model")
        .truth("chosen", is_chosen(opened.chosen, collection));
    out.key("tables").begin_list();
    for (const TableName& table : tables_of(collection.spec)) out.item(to_string(table));
    out.end_list().end();
  }
  out.end_list();
}

}  // namespace

Result<Opened> open_pipeline(std::string yaml, OpenOptions options) {
  Opened opened;
  opened.yaml = std::move(yaml);
  opened.options = std::move(options);
  opened.ship = opened.options;
  std::map<std::string, std::string> noted;
  const app::Environment environment = noting(opened.options, noted);
  PENSTOCK_ASSIGN(opened.all, app::parse_settings(opened.yaml, opened.options.file, environment));
  PENSTOCK_TRY(complete(opened, environment));
  opened.ship.environment = std::move(noted);
  PENSTOCK_TRY(choose(opened));
  return opened;
}

Result<std::string> describe(const Opened& opened) {
  const app::Settings& settings = opened.chosen;
  PENSTOCK_ASSIGN(const auto postgres, postgres::read_conninfo(settings.source.postgres));
  JsonWriter out;
  out.begin().text("pipeline", settings.pipeline).text("database", settings.sink.database);
  out.text("errors", settings.errors == app::OnBadRow::kDeadLetter ? "dead_letter" : "stop");
  out.text("brokers", settings.kafka.brokers).text("prefix", settings.kafka.prefix);
  out.text("slot", settings.source.slot).text("publication", settings.source.publication);
  out.key("kafka").begin();
  for (const auto& [name, value] : settings.kafka.settings) out.text(name, value);
  out.end();
  out.text("conninfo", settings.source.postgres);
  out.key("postgres").begin().text("host", postgres.host).text("port", postgres.port);
  out.text("user", postgres.user)
      .text("password", postgres.password)
      .text("database", postgres.database)
      .end();
  put_collections(out, opened);
  out.key("ship").begin().text("yaml", opened.yaml).key("options").raw(to_json(opened.ship)).end();
  out.end();
  return out.finish();
}

}  // namespace penstock::library
