#include "app/factory.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/source_options.h"
#include "journal/journaled_source.h"
#include "projection/composite_projector.h"
#include "projection/summary/stored_summary.h"
#include "projection/view/definition.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/worker/worker_sink.h"
#include "source/postgres/catalog.h"
#include "source/postgres/postgres_source.h"

namespace penstock::app {

std::unique_ptr<Source> make_source(const Settings& settings, CompositeProjector& projector) {
  postgres::SourceOptions options = source_options(settings.source, settings.load);
  for (const auto& table : settings.tables()) {
    postgres::TableSelection selection{table.name, table.key, {}, {}, {}};
    // A load writes the plain collections; read models are built from the state, which has an identity of its
    // own.
    for (const auto& collection : settings.collections) {
      if (collection.spec.from != table.name || !collection.spec.is_plain()) continue;
      selection.collections.push_back(collection.spec.name);
      selection.definition += fingerprint(collection.spec) + "; ";
    }
    if (table.mirrored)
      selection.state = [views = projector.views(), name = to_string(table.name)] {
        return views->load_fingerprint(name);
      };
    options.tables.push_back(std::move(selection));
  }
  auto source = postgres::make_source(std::move(options));
  if (!settings.journal.on) return source;
  return journal::make_journaled_source(std::move(source), journal_options(settings));
}

journal::Options journal_options(const Settings& settings) {
  journal::Options options;
  options.folder = settings.journal.folder;
  options.pipeline = settings.pipeline;
  options.keep = settings.journal.keep;
  options.keep_bytes = settings.journal.keep_bytes;
  return options;
}

SummaryFactory& summary_factory() {
  static const std::unique_ptr<SummaryFactory> factory = make_summary_factory();
  return *factory;
}

static ViewOptions view_options(const StatePlace& place) {
  ViewOptions options;
  options.state.path = place.path;
  options.state.cache_bytes = place.cache;
  options.file = place.pipeline_file;
  options.summaries = &summary_factory();
  options.types = expression_type;
  return options;
}

Result<std::unique_ptr<CompositeProjector>> make_projector(std::vector<CollectionSpec> collections,
                                                           const std::vector<TableSchema>& tables,
                                                           const StatePlace& place) {
  return make_composite_projector(std::move(collections), tables, view_options(place));
}

Result<std::unique_ptr<Projector>> make_recomputing_projector(std::vector<CollectionSpec> collections,
                                                              const std::vector<TableSchema>& tables,
                                                              const StatePlace& place) {
  ViewOptions options = view_options(place);
  options.state.scratch = true;
  return ViewProjector::make(std::move(collections), tables, options);
}

Result<std::vector<TableSchema>> mirrored_tables(const Settings& settings) {
  std::vector<TableSchema> tables;
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings.source.postgres));
  for (const auto& table : settings.tables()) {
    if (!table.mirrored) continue;
    PENSTOCK_ASSIGN(const auto described,
                    postgres::describe_table(connection, table.name, settings.source.publication, table.key));
    tables.push_back(*described.schema);
  }
  return tables;
}

Result<std::unique_ptr<CompositeProjector>> make_projector(const Settings& settings) {
  std::vector<CollectionSpec> specs;
  for (const auto& collection : settings.collections) specs.push_back(collection.spec);
  const StatePlace place{state_path(settings), settings.state_cache, settings.file};
  if (!settings.reads_models()) return make_projector(std::move(specs), {}, place);
  PENSTOCK_ASSIGN(const auto tables, mirrored_tables(settings));
  std::error_code error;
  std::filesystem::create_directories(settings.state, error);
  if (error)
    return fail(ErrorKind::kConfiguration,
                fmt::format("the state directory {} cannot be made: {}", settings.state, error.message()),
                "name another one under \"state\" in " + settings.file);
  return make_projector(std::move(specs), tables, place);
}

std::string state_path(const Settings& settings) {
  return (std::filesystem::path(settings.state) / (settings.pipeline + ".sqlite")).string();
}

std::vector<std::string> state_files(const Settings& settings) {
  const std::string path = state_path(settings);
  return {path, path + "-wal", path + "-shm"};
}

mongo::Options sink_options(const Settings& settings, bool from_topics) {
  mongo::Options options;
  options.uri = settings.sink.mongodb;
  options.database = settings.sink.database;
  options.pipeline = settings.pipeline;
  options.from_topics = from_topics;
  options.shared = from_topics && settings.kafka.share;
  options.dead_letters = settings.errors == OnBadRow::kDeadLetter;
  options.allow_standalone = settings.sink.delivery == Delivery::kIdempotent;
  options.chunk_lanes = settings.load.writers;
  options.ends_with_process = true;
  for (const auto& collection : settings.collections) {
    mongo::CollectionOptions one;
    one.name = collection.spec.name;
    one.built_beside = !collection.spec.is_plain();
    one.keep_previous = settings.keep_previous;
    for (const auto& index : collection.indexes)
      one.indexes.push_back({index.name, index.keys, index.options_json});
    options.collections.push_back(std::move(one));
  }
  for (const auto& table : settings.tables()) options.made_from[to_string(table.name)] = table.collections;
  return options;
}

Result<std::unique_ptr<DocumentSink>> make_sink(const Settings& settings, bool from_topics,
                                                std::shared_ptr<mongo::Clients> clients) {
  mongo::Options options = sink_options(settings, from_topics);
  options.clients = std::move(clients);
  return mongo::make_sink(std::move(options));
}

Result<std::unique_ptr<DocumentSink>> make_worker_sink(const Settings& settings, const mongo::Shares& shares,
                                                       std::shared_ptr<mongo::Clients> clients) {
  mongo::Options options = sink_options(settings, true);
  options.clients = std::move(clients);
  return mongo::make_worker_sink(std::move(options), shares);
}

}  // namespace penstock::app
