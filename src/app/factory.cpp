#include "app/factory.h"

#include "projection/row_projector.h"
#include "sink/mongo/mongo_sink.h"
#include "source/postgres/postgres_source.h"

namespace penstock::app {

std::unique_ptr<Source> make_source(const Settings& settings) {
  postgres::SourceOptions options;
  options.url = settings.source.postgres;
  options.slot = settings.source.slot;
  options.publication = settings.source.publication;
  options.create_publication = settings.source.create_publication;
  options.load_readers = settings.load.readers;
  options.chunk_rows = settings.load.chunk_rows;
  options.chunk_bytes = settings.load.chunk_bytes;
  options.catalog_interval = settings.source.catalog_interval;
  for (const auto& table : settings.tables()) {
    postgres::TableSelection selection{table.name, table.key, {}, {}};
    // A load writes the plain collections; read models are built from the state, which has an identity of its
    // own.
    for (const auto& collection : settings.collections) {
      if (collection.spec.from != table.name || !collection.spec.is_plain()) continue;
      selection.collections.push_back(collection.spec.name);
      selection.definition += fingerprint(collection.spec) + "; ";
    }
    options.tables.push_back(std::move(selection));
  }
  return postgres::make_source(std::move(options));
}

Result<std::unique_ptr<Projector>> make_projector(const Settings& settings) {
  std::vector<CollectionSpec> specs;
  for (const auto& collection : settings.collections) specs.push_back(collection.spec);
  return std::make_unique<RowProjector>(std::move(specs));
}

Result<std::unique_ptr<DocumentSink>> make_sink(const Settings& settings) {
  mongo::Options options;
  options.uri = settings.sink.mongodb;
  options.database = settings.sink.database;
  options.pipeline = settings.pipeline;
  options.dead_letters = settings.errors == OnBadRow::kDeadLetter;
  options.allow_standalone = settings.sink.delivery == Delivery::kIdempotent;
  options.chunk_lanes = settings.load.writers;
  options.ends_with_process = true;
  for (const auto& collection : settings.collections) {
    mongo::CollectionOptions one;
    one.name = collection.spec.name;
    one.built_beside = !collection.spec.is_plain();
    for (const auto& index : collection.indexes)
      one.indexes.push_back({index.name, index.keys, index.options_json});
    options.collections.push_back(std::move(one));
  }
  return mongo::make_sink(std::move(options));
}

}  // namespace penstock::app
