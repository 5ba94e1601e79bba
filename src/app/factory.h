// The one place that names concrete stages.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "journal/writer.h"
#include "model/table_schema.h"
#include "projection/projector.h"
#include "sink/document_sink.h"
#include "sink/mongo/worker/shares.h"
#include "source/source.h"

namespace penstock {
class CompositeProjector;
class SummaryFactory;
}  // namespace penstock

namespace penstock::mongo {
class Clients;
struct Options;
}  // namespace penstock::mongo

namespace penstock::app {

// Where a projector keeps the rows of read models.
struct StatePlace {
  std::string path;  // of the file
  std::size_t cache = 0;
  std::string pipeline_file;  // for messages
};

// `projector` must outlive the source: it says what the loads of its tables must have been made with. With a
// journal, where the settings ask for one.
std::unique_ptr<Source> make_source(const Settings& settings, CompositeProjector& projector);

// The tables whose rows read models are made of, as PostgreSQL's catalog has them now.
Result<std::vector<TableSchema>> mirrored_tables(const Settings& settings);

// `settings` with their joins resolved. Read models ask PostgreSQL for their tables and open the state, which
// belongs to one process at a time: call it once this one leads.
Result<std::unique_ptr<CompositeProjector>> make_projector(const Settings& settings);
// The same over given tables and another state.
Result<std::unique_ptr<CompositeProjector>> make_projector(std::vector<CollectionSpec> collections,
                                                           const std::vector<TableSchema>& tables,
                                                           const StatePlace& place);
// All of them, plain ones too, made from a state that does not outlive the process.
Result<std::unique_ptr<Projector>> make_recomputing_projector(std::vector<CollectionSpec> collections,
                                                              const std::vector<TableSchema>& tables,
                                                              const StatePlace& place);
// Of collections with `group_by`; lives as long as the program.
SummaryFactory& summary_factory();

// `from_topics`: the changes come from Kafka. `clients`: see mongo::Options.
Result<std::unique_ptr<DocumentSink>> make_sink(const Settings& settings, bool from_topics = false,
                                                std::shared_ptr<mongo::Clients> clients = nullptr);

// Of the journal that the settings ask for.
journal::Options journal_options(const Settings& settings);
// For the partitions that a worker was given, each with what its documents are made with.
Result<std::unique_ptr<DocumentSink>> make_worker_sink(const Settings& settings, const mongo::Shares& shares,
                                                       std::shared_ptr<mongo::Clients> clients);

// What sinks of the settings are made with.
mongo::Options sink_options(const Settings& settings, bool from_topics);

// The file of the local state, and those that SQLite keeps beside it.
std::string state_path(const Settings& settings);
std::vector<std::string> state_files(const Settings& settings);

}  // namespace penstock::app
