#include "sink/mongo/state/takeover.h"

#include <algorithm>

#include "base/log.h"
#include "sink/mongo/worker/shares.h"

namespace penstock::mongo {
namespace {

constexpr int kUnauthorized = 13;

}  // namespace

Status kill_sessions(Connection& connection, const std::vector<LaneRecord>& lanes) {
  BsonList sessions;
  for (const LaneRecord& lane : lanes) {
    if (lane.session.size() == 16) sessions.add(Bson().put_uuid("id", lane.session));
  }
  if (sessions.size() == 0) return {};
  const Bson command = std::move(Bson().put_array("killSessions", sessions.elements()));
  Tried<Bson> killed =
      connection.write("admin", command, nullptr, "ending the sessions of the writer before");
  if (killed) return {};
  if (killed.error().kind == FailureKind::kUnavailable) return fail(killed.error().error);
  log::warn(
      "{}; an open transaction of the writer before may hold the take-over up for a minute{}",
      killed.error().error.message,
      killed.error().code == kUnauthorized ? " (use the same MongoDB user, or grant it killAnySession)" : "");
  return {};
}

namespace {

constexpr int kRaiseTries = 5;
constexpr int kRaiseMillis = 3000;
constexpr int kMaxTimeExpired = 50;

Bson lane_document(const Context& context, const LaneClaim& claim) {
  Bson document;
  document.put_text("_id", claim.id).put_text("pipeline", context.options.pipeline);
  document.put_text("kind", claim.stream ? "stream" : "load").put_long("epoch", 0).put_long("sequence", 0);
  if (claim.stream) put_position(document, Position{});
  return document;
}

Status create_missing(Connection& connection, const Context& context, const std::vector<LaneRecord>& lanes,
                      const std::vector<LaneClaim>& claims) {
  for (const LaneClaim& claim : claims) {
    if (std::any_of(lanes.begin(), lanes.end(), [&](const LaneRecord& lane) { return lane.id == claim.id; }))
      continue;
    BsonList statements;
    const Bson document = lane_document(context, claim);
    statements.add(Bson()
                       .put("q", Bson().put_text("_id", claim.id))
                       .put("u", Bson().put("$setOnInsert", document))
                       .put_bool("upsert", true));
    Bson command;
    command.put_text("update", kPositions).put_array("updates", statements.elements());
    const Bson options = context.durable();
    Tried<Bson> created = connection.write(context.options.database, command, &options,
                                           "creating the position document " + claim.id);
    if (!created && created.error().kind != FailureKind::kDuplicateKey) return fail(created.error().error);
  }
  return {};
}

// One lane document from its epoch to `epoch`. False: it is not at `from` any more.
Tried<bool> raise(Connection& connection, const Context& context, const LaneRecord& lane, std::uint64_t epoch,
                  const std::string& session) {
  Bson set;
  set.put_unsigned("epoch", epoch).put_now("taken_over_at");
  if (!session.empty()) set.put_uuid("session", session);
  BsonList statements;
  statements.add(Bson()
                     .put("q", Bson().put_text("_id", lane.id).put_unsigned("epoch", lane.epoch))
                     .put("u", Bson().put("$set", set)));
  Bson command;
  command.put_text("update", kPositions).put_array("updates", statements.elements());
  command.put_int("maxTimeMS", kRaiseMillis);
  const Bson options = context.durable();
  PENSTOCK_ATTEMPT_ASSIGN(const Bson reply, connection.write(context.options.database, command, &options,
                                                             "raising the epoch of " + lane.id));
  return unsigned_at(reply.get(), "n") == 1;
}

// A writer that is alive may begin another transaction after its session was killed: it is killed again.
Status raise_or_kill(Connection& connection, const Context& context, const LaneRecord& lane,
                     std::uint64_t epoch, const std::string& session) {
  for (int tries = 1;; ++tries) {
    Tried<bool> raised = raise(connection, context, lane, epoch, session);
    if (raised && *raised) return {};
    if (raised) {
      return fail(ErrorKind::kFenced, "another process takes over the pipeline " + context.options.pipeline +
                                          " at the same moment (" + lane.id + ")");
    }
    const Failure& failure = raised.error();
    const bool held = failure.code == kMaxTimeExpired || failure.kind == FailureKind::kConflict;
    if (!held || tries == kRaiseTries) return fail(failure.error);
    PENSTOCK_TRY(kill_sessions(connection, {lane}));
  }
}

Find of_pipeline(const std::string& pipeline, const char* read_concern) {
  Find find;
  find.filter.put_text("_id.pipeline", pipeline);
  find.read_concern = read_concern;
  return find;
}

}  // namespace

Result<std::vector<LaneRecord>> load_lanes(Connection& connection, const std::string& database,
                                           const std::string& pipeline, const char* read_concern,
                                           const Bson* options) {
  Find find;
  find.filter.put_text("pipeline", pipeline).put("kind", Bson().put_texts("$in", {"stream", "load"}));
  find.read_concern = read_concern;
  PENSTOCK_ASSIGN(const std::vector<Bson> found,
                  to_result(connection.find(database, kPositions, find, options, "reading the positions")));
  std::vector<LaneRecord> lanes;
  lanes.reserve(found.size());
  for (const Bson& document : found) lanes.push_back(lane_from(document));
  return lanes;
}

Result<std::vector<LaneRecord>> raise_epoch(Connection& connection, const Context& context,
                                            const std::vector<LaneClaim>& claims) {
  const std::string& database = context.options.database;
  const std::string& pipeline = context.options.pipeline;
  PENSTOCK_ASSIGN(std::vector<LaneRecord> lanes, load_lanes(connection, database, pipeline, nullptr));
  PENSTOCK_TRY(kill_sessions(connection, lanes));
  PENSTOCK_TRY(create_missing(connection, context, lanes, claims));
  PENSTOCK_ASSIGN(lanes, load_lanes(connection, database, pipeline, nullptr));
  std::uint64_t epoch = 0;
  for (const LaneRecord& lane : lanes) epoch = std::max(epoch, lane.epoch);
  ++epoch;
  for (const LaneRecord& lane : lanes) {
    const auto claim =
        std::find_if(claims.begin(), claims.end(), [&](const LaneClaim& one) { return one.id == lane.id; });
    PENSTOCK_TRY(
        raise_or_kill(connection, context, lane, epoch, claim == claims.end() ? "" : claim->session));
  }
  // Read anew: until a lane's epoch was raised, the writer before could still move its position.
  PENSTOCK_ASSIGN(lanes, load_lanes(connection, database, pipeline, nullptr));
  std::vector<LaneRecord> ours;
  for (const LaneClaim& claim : claims) {
    const auto lane =
        std::find_if(lanes.begin(), lanes.end(), [&](const LaneRecord& one) { return one.id == claim.id; });
    if (lane == lanes.end() || lane->epoch != epoch) {
      return fail(ErrorKind::kFenced,
                  "another process takes over the pipeline " + pipeline + " at the same moment");
    }
    ours.push_back(*lane);
  }
  return ours;
}

Result<Checkpoint> load_checkpoint(Connection& connection, const std::string& database,
                                   const std::string& pipeline, const char* read_concern,
                                   const Bson* options) {
  Checkpoint checkpoint;
  PENSTOCK_ASSIGN(const std::vector<LaneRecord> lanes,
                  load_lanes(connection, database, pipeline, read_concern, options));
  for (const LaneRecord& lane : lanes) {
    if (lane.id != stream_lane_id(pipeline)) continue;
    checkpoint.exists = lane.has_source;
    checkpoint.epoch = lane.epoch;
    checkpoint.position = lane.position;
    checkpoint.source = lane.source;
    checkpoint.restart = lane.restart;
    checkpoint.pending = lane.pending;
    if (lane.shared) checkpoint.shared.emplace().slot = lane.shared_slot;
  }
  const Find all = of_pipeline(pipeline, read_concern);
  PENSTOCK_ASSIGN(const std::vector<Bson> tables,
                  to_result(connection.find(database, kTables, all, options, "reading the tables' loads")));
  for (const Bson& document : tables) {
    TableCheckpoint table = table_from(document);
    checkpoint.tables.emplace(table.table, table);
  }
  PENSTOCK_ASSIGN(const std::vector<Bson> chunks,
                  to_result(connection.find(database, kChunks, all, options, "reading the chunks")));
  for (const Bson& document : chunks) {
    const auto table = checkpoint.tables.find(text_at(document.get(), "_id.table").value_or(""));
    if (table == checkpoint.tables.end() ||
        table->second.load_id != unsigned_at(document.get(), "_id.load_id"))
      continue;
    table->second.done.push_back(chunk_from(document));
  }
  PENSTOCK_ASSIGN(const std::vector<Bson> rereads,
                  to_result(connection.find(database, kRereads, all, options, "reading the re-reads")));
  // Before the places: a worker that goes back for them stores the places before it forgets them.
  for (const Bson& document : rereads) {
    const bool of_worker = has(document.get(), "origins");
    if (!of_worker) checkpoint.rereads.push_back(reread_from(document));
    if (of_worker && checkpoint.shared) checkpoint.shared->rereads.push_back(reread_from(document));
  }
  PENSTOCK_ASSIGN(const std::vector<Bson> places,
                  to_result(connection.find(database, kOffsets, all, options, "reading the offsets")));
  for (const Bson& document : places) {
    auto place = place_from(document);
    const bool is_shared = has(document.get(), "_id.shared");
    if (is_lane(place.first)) continue;
    if (is_shared && checkpoint.shared)
      checkpoint.shared->partitions.emplace(std::move(place.first), share_from(document));
    if (!is_shared) checkpoint.places.insert(std::move(place));
  }
  for (auto& [name, table] : checkpoint.tables) {
    std::sort(table.done.begin(), table.done.end(),
              [](const DoneChunk& a, const DoneChunk& b) { return a.number < b.number; });
  }
  return checkpoint;
}

}  // namespace penstock::mongo
