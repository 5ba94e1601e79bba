#include "app/replay/replay.h"

#include <fmt/format.h>

#include "app/commands/run.h"
#include "app/factory.h"
#include "app/preview/preview.h"
#include "app/replay/replay_projector.h"
#include "app/verify/temporary_folder.h"
#include "base/log.h"
#include "projection/composite_projector.h"
#include "projection/view/definition.h"
#include "sink/mongo/encode/document_json.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/reader.h"

namespace penstock::app {
namespace {

std::string hidden_name(const std::string& into) { return "penstock_replay_" + into; }

// A document that outlives its row can only be made where the row was deleted: such collections follow their
// history change by change. The others are made once, at the end.
journal::Loads loads_of(const CollectionSpec& spec) {
  return spec.soft_deletes ? journal::Loads::kInPlace : journal::Loads::kAtEnd;
}

Result<std::unique_ptr<ReplayProjector>> make_projector(const Settings& settings,
                                                        const ReplayRequest& request,
                                                        const CollectionSpec& spec,
                                                        const std::vector<TableSchema>& tables,
                                                        const std::string& folder) {
  const StatePlace place{folder + "/state", settings.state_cache, settings.file};
  std::unique_ptr<Projector> inner;
  if (loads_of(spec) == journal::Loads::kInPlace) {
    PENSTOCK_ASSIGN(inner, app::make_projector({spec}, tables, place));
  } else {
    PENSTOCK_ASSIGN(inner, make_recomputing_projector({spec}, tables, place));
  }
  return std::make_unique<ReplayProjector>(std::move(inner), request.key);
}

Result<std::unique_ptr<DocumentSink>> make_sink(const Settings& settings, const ReplayRequest& request,
                                                const std::string& pipeline) {
  mongo::Options options;
  options.uri = settings.sink.mongodb;
  options.database = settings.sink.database;
  options.pipeline = pipeline;
  options.dead_letters = settings.errors == OnBadRow::kDeadLetter;
  options.allow_standalone = settings.sink.delivery == Delivery::kIdempotent;
  options.chunk_lanes = settings.load.writers;
  options.begins_anew = true;
  mongo::CollectionOptions collection;
  collection.name = hidden_name(request.into);
  collection.built_beside =
      loads_of(request.collection.spec) == journal::Loads::kAtEnd || !request.collection.spec.is_plain();
  for (const auto& index : request.collection.indexes)
    collection.indexes.push_back({index.name, index.keys, index.options_json});
  options.collections.push_back(std::move(collection));
  return mongo::make_sink(std::move(options));
}

Status not_known_whole(const std::string& table, const KeyText& key) {
  return fail(
      ErrorKind::kCheckFailed,
      fmt::format("the row ({}) of {} is not known whole as of then: PostgreSQL did not send a value that "
                  "its last update left alone, and what is kept does not have it from before",
                  fmt::join(key, ", "), table),
      "use a later --as-of, or load the table anew: penstock resync PIPELINE --table " + table +
          " (with --capture where topics are replayed)");
}

Status check_whole(const ReplayProjector& projector, mongo::Reader& reader) {
  if (const auto row = projector.unresolved()) return not_known_whole(row->table, row->key);
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader.read_checkpoint());
  if (!checkpoint.rereads.empty())
    return not_known_whole(checkpoint.rereads.front().table, checkpoint.rereads.front().key);
  return {};
}

Status publish(const ReplayRequest& request, mongo::Reader& reader) {
  const std::string hidden = hidden_name(request.into);
  PENSTOCK_ASSIGN(
      [[maybe_unused]] const bool letters,
      reader.rename(mongo::dead_letter_collection(hidden), mongo::dead_letter_collection(request.into)));
  PENSTOCK_ASSIGN(const bool renamed, reader.rename(hidden, request.into));
  if (!renamed) return fail(ErrorKind::kInternal, "the collection " + hidden + " was not made");
  PENSTOCK_ASSIGN(const std::uint64_t documents, reader.count(request.into, true));
  log::info("collection {} is complete: {} documents", request.into, documents);
  return {};
}

}  // namespace

Status replay_collection(const Settings& settings, const ReplayRequest& request, std::stop_token stop) {
  CollectionSpec spec = request.collection.spec;
  PENSTOCK_ASSIGN(ReplaySource from,
                  open_replay_source(settings, tables_of(spec), request.as_of, loads_of(spec), stop));
  log::info("making {} from {}", request.into, from.reach);
  const std::string pipeline = settings.pipeline + "/replay/" + request.into;
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, pipeline));
  PENSTOCK_ASSIGN(const auto folder, TemporaryFolder::make(request.folder, "replay"));
  spec.name = hidden_name(request.into);
  PENSTOCK_ASSIGN(const auto projector, make_projector(settings, request, spec, from.tables, folder.path()));
  {
    PENSTOCK_ASSIGN(const auto sink, make_sink(settings, request, pipeline));
    PENSTOCK_TRY(sink->lead(stop));
    RunOptions run;
    run.until_current = run.until_loaded = true;
    Status done;
    if (!stop.stop_requested())
      done = run_with_progress(settings.groups, run, *from.source, *projector, *sink, stop);
    if (done && stop.stop_requested()) done = fail(ErrorKind::kCancelled, "stopped");
    if (done) done = check_whole(*projector, *reader);
    if (done) done = publish(request, *reader);
    if (!done) {
      static_cast<void>(reader->forget_state());
      return done;
    }
  }
  return reader->forget_state();
}

namespace {

// The projector without a sink: writes are looked at and dropped.
class DocumentFinder {
 public:
  explicit DocumentFinder(Projector& projector) : projector_(projector) {}

  Status take(const EventBatch& batch) {
    if (batch.step) return projector_.load_step(*batch.step);
    WriteGroup group;
    PENSTOCK_TRY(projector_.project(batch, 0, batch.events.size(), group));
    if (!batch.events.empty() && !batch.chunk) position_ = batch.events.back().position;
    unsaved_ += batch.bytes();
    constexpr std::size_t kMost = 64U << 20;  // what is saved needs no place in the cache
    if (unsaved_ < kMost) return {};
    unsaved_ = 0;
    return projector_.save(position_, {});
  }

  // Of the documents that the rows now make, the one that the projector lets through; empty: none.
  Result<std::string> find() {
    while (projector_.has_pending()) {
      WriteGroup group;
      PENSTOCK_TRY(projector_.step(position_, group));
      if (!group.rejected.empty()) return fail(group.rejected.front().error);
      for (const DocumentWrite& write : group.writes)
        if (write.kind == WriteKind::kInsert || write.kind == WriteKind::kReplace)
          return mongo::document_json(write);
      if (group.publish) break;
      PENSTOCK_TRY(projector_.save(position_, {}));
    }
    return std::string();
  }

 private:
  Projector& projector_;
  Position position_{Lsn{1}, 0, Lsn{1}};
  std::size_t unsaved_ = 0;
};

Status read_all(Source& source, DocumentFinder& finder, std::stop_token stop) {
  PENSTOCK_ASSIGN([[maybe_unused]] const Source::Start start, source.open(Checkpoint{}));
  Status taken;
  std::stop_source ended;
  const std::stop_callback pass_stop(stop, [&] { ended.request_stop(); });
  PENSTOCK_TRY(source.run(ended.get_token(), [&](EventBatchPtr& batch) {
    taken = finder.take(*batch);
    if (!taken) ended.request_stop();
    return taken.has_value();
  }));
  PENSTOCK_TRY(std::move(taken));
  if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
  return {};
}

}  // namespace

Status print_document(const Settings& settings, const ReplayRequest& request, std::stop_token stop) {
  CollectionSpec spec = request.collection.spec;
  spec.soft_deletes = false;  // a document without a row is not printed
  PENSTOCK_ASSIGN(ReplaySource from,
                  open_replay_source(settings, tables_of(spec), request.as_of, journal::Loads::kAtEnd, stop));
  log::info("reading {}", from.reach);
  PENSTOCK_ASSIGN(const auto folder, TemporaryFolder::make(request.folder, "replay"));
  PENSTOCK_ASSIGN(const auto projector, make_projector(settings, request, spec, from.tables, folder.path()));
  PENSTOCK_ASSIGN([[maybe_unused]] const Position begin, projector->open(Checkpoint{}));
  DocumentFinder finder(*projector);
  PENSTOCK_TRY(read_all(*from.source, finder, stop));
  if (const auto row = projector->unresolved()) return not_known_whole(row->table, row->key);
  PENSTOCK_ASSIGN(const std::string document, finder.find());
  if (document.empty())
    return fail(ErrorKind::kCheckFailed,
                fmt::format("{} has no document ({}) as of then", spec.name, fmt::join(request.key, ", ")));
  std::fputs((indented(document) + "\n").c_str(), stdout);
  return {};
}

}  // namespace penstock::app
