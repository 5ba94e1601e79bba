#include <chrono>
#include <cstdio>

#include "app/apply/topics.h"
#include "app/commands/commands.h"
#include "app/commands/load_state.h"
#include "app/commands/status_view.h"
#include "base/log.h"
#include "sink/mongo/mongo_sink.h"

namespace penstock::app {
namespace {

std::string phase_of(const Checkpoint& checkpoint, const std::vector<StatusView::Table>& tables) {
  if (!checkpoint.exists) return "never ran";
  if (checkpoint.restart) return "resync requested";
  for (const auto& table : tables)
    if (table.state != "loaded" && table.state != "shared") return "loading";
  if (!checkpoint.pending.building.empty()) return "building";
  return "streaming";
}

void put_tables(const Settings& settings, const Checkpoint& checkpoint, StatusView& view) {
  for (const Settings::Table& table : settings.tables()) {
    StatusView::Table shown{to_string(table.name), "pending", 0, 0, ""};
    if (checkpoint.shared && !table.mirrored) shown.state = "shared";
    const auto found = checkpoint.tables.find(shown.name);
    if (found != checkpoint.tables.end()) {
      shown.state = name_of(found->second.state);
      shown.estimated_rows = found->second.estimated_rows;
      for (const DoneChunk& chunk : found->second.done) shown.rows += chunk.rows;
    }
    view.tables.push_back(std::move(shown));
  }
}

Status read_sink(const Settings& settings, StatusView& view) {
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader->read_checkpoint());
  PENSTOCK_ASSIGN(view.progress, reader->read_progress());
  PENSTOCK_ASSIGN(view.lease, reader->read_lease());
  if (view.topics) {
    PENSTOCK_ASSIGN(view.health, reader->read_health());
    view.trouble = {view.health.trouble, view.health.remedy, view.health.trouble_millis};
  }
  put_tables(settings, checkpoint, view);
  view.phase = phase_of(checkpoint, view.tables);
  view.position = checkpoint.position;
  view.rereads = checkpoint.rereads.size() + (checkpoint.shared ? checkpoint.shared->rereads.size() : 0);
  view.has_models = settings.reads_models();
  view.pending = checkpoint.pending;
  for (const CollectionSettings& collection : settings.collections) {
    StatusView::Collection shown{collection.spec.name, 0, 0};
    PENSTOCK_ASSIGN(shown.documents, reader->count(shown.name, false));
    PENSTOCK_ASSIGN(shown.dead_letters, reader->count(mongo::dead_letter_collection(shown.name), false));
    view.collections.push_back(std::move(shown));
  }
  PENSTOCK_ASSIGN(view.unassigned_dead_letters, reader->count(mongo::kDeadLetters, false));
  return {};
}

Status read_source(const Settings& settings, StatusView& view) {
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  // MongoDB's own outage is told by read_sink().
  const auto checkpoint = reader->read_checkpoint();
  if (checkpoint && reads_topics(settings, *checkpoint))
    return look_at_topics(settings, *checkpoint, view.topics.emplace());
  PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings.source.postgres));
  PENSTOCK_ASSIGN(const auto server, postgres::describe_server(connection));
  PENSTOCK_ASSIGN(view.slot, postgres::describe_slot(connection, settings.source.slot));
  view.wal_end = server.wal_end;
  return {};
}

Status read_journal(const Settings& settings, StatusView& view) {
  PENSTOCK_ASSIGN(const auto outline, journal::outline(settings.journal.folder, journal::Tail::kTrusted));
  if (outline.empty()) return {};
  JournalView& shown = view.journal.emplace();
  shown.folder = settings.journal.folder;
  shown.bytes = outline.bytes;
  shown.segments = outline.segments.size();
  shown.from = outline.segments.front().position.through_lsn;
  shown.from_micros = outline.segments.front().begun;
  shown.to = journal::end_of(outline);
  PENSTOCK_ASSIGN(shown.tables, journal::completeness(outline));
  for (const Settings::Table& table : settings.tables()) shown.tables.try_emplace(to_string(table.name));
  return {};
}

}  // namespace

Status status_command(const Settings& given, const StatusOptions& options) {
  PENSTOCK_ASSIGN(const Settings settings, with_brokers(given, options.kafka));
  StatusView view;
  view.pipeline = settings.pipeline;
  view.slot_name = settings.source.slot;
  // The WAL's end first: what the position includes by then is lag of 0, not below it.
  const Status source = read_source(settings, view);
  if (!source) view.source_error = redact(source.error().message);
  PENSTOCK_TRY(read_sink(settings, view));
  if (settings.journal.on) PENSTOCK_TRY(read_journal(settings, view));
  view.now_micros = std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
  std::fputs((options.json ? status_json(view) + "\n" : status_text(view)).c_str(), stdout);
  std::fflush(stdout);
  return source;
}

}  // namespace penstock::app
