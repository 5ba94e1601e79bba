#include "app/source_options.h"

namespace penstock::app {

postgres::SourceOptions source_options(const SourceSettings& source, const LoadSettings& load) {
  postgres::SourceOptions options;
  options.url = source.postgres;
  options.slot = source.slot;
  options.publication = source.publication;
  options.create_publication = source.create_publication;
  options.load_readers = load.readers;
  options.chunk_rows = load.chunk_rows;
  options.chunk_bytes = load.chunk_bytes;
  options.catalog_interval = source.catalog_interval;
  return options;
}

}  // namespace penstock::app
