#include "app/preflight/pipeline_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/apply/topics.h"
#include "app/factory.h"
#include "app/preflight/growth_checks.h"
#include "app/preflight/joins.h"
#include "app/preflight/mongo_checks.h"
#include "app/preflight/plan.h"
#include "app/preflight/postgres_checks.h"
#include "app/preflight/read_model_checks.h"
#include "app/preflight/topic_checks.h"
#include "app/preview/preview.h"
#include "projection/view/collections.h"
#include "source/postgres/continuity.h"

namespace penstock::app {
namespace {

constexpr std::size_t kSampleRows = 100;  // to find one that `where` lets through

}  // namespace

void PipelineCheck::run_offline() {
  report_.ok("pipeline file", fmt::format("{}: {} collections from {} tables", settings_.file,
                                          settings_.collections.size(), settings_.tables().size()));
}

void PipelineCheck::run() {
  run_offline();
  run_source();
  auto reader = mongo::Reader::open(settings_.sink.mongodb, settings_.sink.database, settings_.pipeline);
  if (!reader) return report_.fail("MongoDB", reader.error().message, reader.error().remedy);
  if (check_mongodb(**reader, settings_, report_)) check_position(**reader);
}

void PipelineCheck::run_source() {
  auto connection = postgres::Connection::open(settings_.source.postgres);
  if (!connection) return note(connection.error());
  connection_ = std::move(*connection);
  if (const Status status = check_server(*connection_, settings_, report_); !status)
    return note(status.error());
  if (const Status status = check_publication(*connection_, settings_, report_); !status)
    return note(status.error());
  auto tables = check_tables(*connection_, settings_, report_);
  if (!tables) return note(tables.error());
  tables_ = std::move(*tables);
  check_definitions();
}

void PipelineCheck::check_definitions() {
  if (!settings_.reads_models()) return;
  if (const Status joins = resolve_joins(settings_, *connection_); !joins)
    return report_.fail("joins", joins.error().message, joins.error().remedy);
  for (const CollectionSettings& collection : settings_.collections)
    if (!collection.spec.is_plain()) check_definition(collection.spec);
  auto statistics = read_statistics(*connection_, tables_);
  if (!statistics) return note(statistics.error());
  statistics_ = std::move(*statistics);
  check_growth(settings_, statistics_, report_);
}

// As `run` compiles it, unless something simpler was found.
void PipelineCheck::check_definition(const CollectionSpec& spec) {
  const std::size_t failures = report_.count(Outcome::kFail);
  check_read_model(spec, tables_, settings_.file, report_);
  if (report_.count(Outcome::kFail) > failures) return;
  std::vector<TableSchema> schemas;
  for (const TableName& table : tables_of(spec)) {
    const auto described = tables_.find(to_string(table));
    if (described == tables_.end() || described->second.schema->key.empty()) return;  // said already
    schemas.push_back(*described->second.schema);
  }
  const std::string subject = "collection " + spec.name;
  const auto read = try_definition(spec, schemas, {settings_.file, &summary_factory()});
  if (!read) return report_.fail(subject, read.error().message, read.error().remedy);
  std::size_t columns = 0;
  for (const auto& [table, names] : *read) {
    columns += names.size();
    columns_[table].insert(names.begin(), names.end());
  }
  report_.ok(subject, fmt::format("made of {} columns of {} tables", columns, read->size()));
}

// Whether the stored position continues on this server (design 3.4).
void PipelineCheck::check_position(mongo::Reader& reader) {
  const auto checkpoint = reader.read_checkpoint();
  if (!checkpoint) return report_.fail("position", checkpoint.error().message, checkpoint.error().remedy);
  if (connection_ && reads_topics(settings_, *checkpoint)) {
    if (const Status named = check_brokers(settings_); !named)
      return report_.fail("Kafka", named.error().message, named.error().remedy);
    return check_topics(settings_, tables_, *checkpoint, report_);
  }
  if (!checkpoint->exists) return report_.ok("position", "the pipeline never ran");
  if (!connection_) return;
  const auto server = postgres::describe_server(*connection_);
  const auto slot = postgres::describe_slot(*connection_, settings_.source.slot);
  if (!server || !slot) return note(server ? slot.error() : server.error());
  const Status status = postgres::check_continuity(*checkpoint, *server, *slot, settings_.source.slot);
  if (status)
    report_.ok("position", to_string(checkpoint->position) + ", continues on this server");
  else
    report_.fail("position", status.error().message, status.error().remedy);
}

std::string PipelineCheck::sample(const CollectionSpec& spec) {
  const auto documents = [&]() -> Result<std::vector<std::string>> {
    TableDescriptions tables;
    for (const TableName& table : tables_of(spec))
      if (const auto found = tables_.find(to_string(table)); found != tables_.end()) tables.insert(*found);
    PENSTOCK_ASSIGN(PreviewReader reader, PreviewReader::make(spec, tables, *connection_));
    PENSTOCK_ASSIGN(const PreviewRows rows, reader.read_first(kSampleRows));
    return make_documents(spec, tables, rows, settings_.file, 1);
  }();
  if (!documents) return fmt::format("  {}: none could be made: {}\n", spec.name, documents.error().message);
  if (documents->empty()) return fmt::format("  {}: no row was found that it shows\n", spec.name);
  return fmt::format("  {}:\n{}\n", spec.name, indented(documents->front(), "    "));
}

std::string PipelineCheck::plan() {
  std::string text = explain(settings_, tables_, statistics_, columns_);
  if (!connection_ || report_.count(Outcome::kFail) > 0) return text;
  text += "\nSample documents, from rows as they are now:\n";
  for (const CollectionSettings& collection : settings_.collections) text += sample(collection.spec);
  return text;
}

Status PipelineCheck::outcome() const {
  const std::size_t failures = report_.count(Outcome::kFail);
  if (failures == 0) return {};
  return fail(ErrorKind::kCheckFailed,
              fmt::format("{} {} not hold", failures, failures == 1 ? "check does" : "checks do"));
}

}  // namespace penstock::app
