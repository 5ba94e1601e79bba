#include "sink/mongo/worker/claims.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/lease/process_identity.h"
#include "sink/mongo/state/takeover.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

constexpr int kRemoveTries = 5;
constexpr int kRemoveMillis = 3000;
constexpr int kMaxTimeExpired = 50;
constexpr std::chrono::minutes kOrphaned{10};

Status make_lane(Connection& connection, const Context& context, const std::string& id,
                 const std::string& session) {
  const ProcessIdentity self = this_process();
  Bson lane;
  lane.put_text("pipeline", context.options.pipeline).put_text("kind", "worker");
  lane.put_long("epoch", 1)
      .put_long("sequence", 0)
      .put_text("worker", self.host + ":" + std::to_string(self.pid));
  lane.put_uuid("session", session).put_now("taken_over_at");
  put_position(lane, Position{});
  return to_status(update(connection, context, kPositions, Bson().put_text("_id", id),
                          Bson().put("$setOnInsert", lane), true, "creating the worker's lane " + id));
}

Find of_shares(const Context& context, const Shares& shares) {
  BsonList ids;
  for (const auto& [partition, share] : shares) ids.add(shared_place_id(context.options.pipeline, partition));
  Find find;
  find.filter.put("_id", Bson().put_array("$in", ids.elements()));
  return find;
}

Result<std::map<PartitionId, Bson>> read_shares(Connection& connection, const Context& context,
                                                const Shares& shares) {
  PENSTOCK_ASSIGN(std::vector<Bson> found,
                  to_result(connection.find(context.options.database, kOffsets, of_shares(context, shares),
                                            nullptr, "reading the partitions' owners")));
  std::map<PartitionId, Bson> stored;
  for (Bson& document : found) {
    PartitionId partition = place_from(document).first;
    stored.emplace(std::move(partition), std::move(document));
  }
  return stored;
}

// The owner of each from whom it was seen to have, to this lane.
Status own(Connection& connection, const Context& context, const std::string& id, const Shares& shares,
           const std::map<PartitionId, Bson>& stored) {
  const ProcessIdentity self = this_process();
  for (const auto& [partition, share] : shares) {
    const auto before = stored.find(partition);
    Bson filter;
    filter.put("_id", shared_place_id(context.options.pipeline, partition));
    const auto owner = before == stored.end() ? std::nullopt : text_at(before->second.get(), "owner");
    owner ? filter.put_text("owner", *owner) : filter.put("owner", Bson().put_bool("$exists", false));
    Bson set;
    set.put_text("owner", id)
        .put_text("worker", self.host + ":" + std::to_string(self.pid))
        .put_now("taken_over_at");
    const Tried<Bson> owned = update(connection, context, kOffsets, filter, Bson().put("$set", set),
                                     before == stored.end(), "taking over " + to_string(partition));
    if (owned && unsigned_at(owned->get(), "n") == 1) continue;
    if (!owned && owned.error().kind != FailureKind::kDuplicateKey) return fail(owned.error().error);
    return fail(ErrorKind::kFenced,
                "another worker takes over " + to_string(partition) + " at the same moment");
  }
  return {};
}

Status set_place(Connection& connection, const Context& context, const std::string& id,
                 const PartitionId& partition, const Bson& change) {
  PENSTOCK_ASSIGN(
      const Bson reply,
      to_result(update(
          connection, context, kOffsets,
          Bson().put("_id", shared_place_id(context.options.pipeline, partition)).put_text("owner", id),
          change, false, "storing where " + to_string(partition) + " is read from")));
  if (unsigned_at(reply.get(), "n") == 1) return {};
  return fail(ErrorKind::kFenced, "another worker has taken over " + to_string(partition));
}

Status begin_anew_where_defined_otherwise(Connection& connection, const Context& context,
                                          const std::string& id, const Shares& shares,
                                          const std::map<PartitionId, Bson>& stored, Places& places) {
  for (const auto& [partition, share] : shares) {
    const Bson& document = stored.at(partition);
    const auto known = text_at(document.get(), "definition");
    const bool same = known && *known == share.definition;
    if (same && has(document.get(), "next")) places[partition] = place_fields_from(document);
    if (same) continue;
    if (known)
      log::info("{} is read from its beginning: its collections are defined otherwise", to_string(partition));
    Bson nowhere;
    for (const char* field : {"next", "last_millis", "last_commit", "lsn", "topic_id"})
      nowhere.put_bool(field, true);
    Bson change;
    change.put("$set", Bson().put_text("definition", share.definition)).put("$unset", nowhere);
    PENSTOCK_TRY(set_place(connection, context, id, partition, change));
  }
  return {};
}

// A partition that a lane before had when it asked for a row.
struct Origin {
  PartitionId partition;
  Bson document;
};
std::vector<Origin> origins_of(const Bson& reread) {
  std::vector<Origin> origins;
  for (Bson& one : documents_at(reread.get(), "origins")) {
    PartitionId partition{text_at(one.get(), "topic").value_or(""),
                          static_cast<std::int32_t>(long_at(one.get(), "partition").value_or(0))};
    origins.push_back({std::move(partition), std::move(one)});
  }
  return origins;
}

// Those that are settled: of lanes before. One that takes a partition over meanwhile adds its own.
Status forget_origins(Connection& connection, const Context& context, const std::vector<Bson>& rereads,
                      const Shares& shares) {
  Bulk settled(connection, context.options.database, kRereads, nullptr);
  for (const Bson& reread : rereads) {
    Bson filter;
    filter.put_copy("_id", reread.get(), "_id");
    for (const Origin& origin : origins_of(reread)) {
      if (!shares.contains(origin.partition)) continue;
      Bson one;
      one.put_text("topic", origin.partition.topic).put_int("partition", origin.partition.number);
      one.put_text("lane", text_at(origin.document.get(), "lane").value_or(""));
      settled.update(filter, Bson().put("$pull", Bson().put("origins", one)));
    }
  }
  PENSTOCK_TRY(to_status(settled.execute("forgetting re-reads that will be met again")));
  Bulk forget(connection, context.options.database, kRereads, nullptr);
  forget.remove(
      Bson().put_text("_id.pipeline", context.options.pipeline).put("origins", Bson().put_int("$size", 0)));
  return to_status(forget.execute("forgetting re-reads that will be met again"));
}

Result<std::vector<Bson>> open_rereads(Connection& connection, const Context& context) {
  Find find;
  find.filter.put_text("_id.pipeline", context.options.pipeline);
  find.filter.put("origins", Bson().put_bool("$exists", true));
  return to_result(
      connection.find(context.options.database, kRereads, find, nullptr, "reading the re-reads"));
}

// Rows that lanes before asked for and did not get: their partitions go back to before the asking.
Status go_back(Connection& connection, const Context& context, const std::string& id, const Shares& shares,
               const std::vector<Bson>& open, Places& places) {
  std::set<PartitionId> back;
  for (const Bson& reread : open)
    for (const Origin& origin : origins_of(reread)) {
      const auto place = places.find(origin.partition);
      if (!shares.contains(origin.partition) || place == places.end()) continue;
      const Place before = place_fields_from(origin.document);
      if (before.next < place->second.next) place->second = before;
      back.insert(origin.partition);
    }
  for (const PartitionId& partition : back)
    PENSTOCK_TRY(set_place(connection, context, id, partition,
                           Bson().put("$set", place_fields(places.at(partition)))));
  return forget_origins(connection, context, open, shares);
}

Status take(Connection& connection, const Context& context, const std::string& id, const Shares& shares,
            Places& places) {
  PENSTOCK_ASSIGN(auto stored, read_shares(connection, context, shares));
  std::set<std::string> before;
  for (const auto& [partition, document] : stored)
    if (const auto owner = text_at(document.get(), "owner")) before.insert(*owner);
  for (const std::string& lane : before) PENSTOCK_TRY(end_lane(connection, context, lane));
  // Before anybody owns them: these lanes ask for nothing any more, nobody after us has asked yet.
  PENSTOCK_ASSIGN(const std::vector<Bson> open, open_rereads(connection, context));
  PENSTOCK_TRY(own(connection, context, id, shares, stored));
  // What the lanes before committed until they were removed.
  PENSTOCK_ASSIGN(stored, read_shares(connection, context, shares));
  if (stored.size() != shares.size())
    return fail(ErrorKind::kFenced,
                "partitions of the pipeline " + context.options.pipeline + " were removed");
  PENSTOCK_TRY(begin_anew_where_defined_otherwise(connection, context, id, shares, stored, places));
  return go_back(connection, context, id, shares, open, places);
}

// Lanes whose worker died before it owned a partition are in nobody's way. One of a worker that is only slow
// is fenced by this, as by a take-over.
void forget_orphans(Connection& connection, const Context& context) {
  Find find;
  find.filter.put_text("_id.pipeline", context.options.pipeline)
      .put("owner", Bson().put_bool("$exists", true));
  find.projection.put_int("owner", 1);
  const auto owned =
      connection.find(context.options.database, kOffsets, find, nullptr, "reading the partitions' owners");
  if (!owned) return;
  std::set<std::string> owners;
  for (const Bson& document : *owned) owners.insert(text_at(document.get(), "owner").value_or(""));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto before = std::chrono::duration_cast<std::chrono::milliseconds>(now - kOrphaned).count();
  Bulk orphans(connection, context.options.database, kPositions, nullptr);
  orphans.remove(Bson()
                     .put_text("pipeline", context.options.pipeline)
                     .put_text("kind", "worker")
                     .put("_id", Bson().put_texts("$nin", {owners.begin(), owners.end()}))
                     .put("taken_over_at", Bson().put_date("$lt", before)));
  static_cast<void>(orphans.execute("forgetting lanes that own nothing"));
}

}  // namespace

Status end_lane(Connection& connection, const Context& context, const std::string& id) {
  PENSTOCK_ASSIGN(const auto lane, position_document(connection, context, id));
  for (int tries = 1;; ++tries) {
    if (lane) PENSTOCK_TRY(kill_sessions(connection, {lane_from(*lane)}));
    BsonList statements;
    statements.add(Bson().put("q", Bson().put_text("_id", id)).put_int("limit", 1));
    Bson command;
    command.put_text("delete", kPositions).put_array("deletes", statements.elements());
    command.put_int("maxTimeMS", kRemoveMillis);
    const Bson options = context.durable();
    Tried<Bson> removed = connection.write(context.options.database, command, &options,
                                           "ending the worker before (" + id + ")");
    if (removed) return {};
    const Failure& failure = removed.error();
    const bool held = failure.code == kMaxTimeExpired || failure.kind == FailureKind::kConflict;
    if (!held || tries == kRemoveTries) return fail(failure.error);
  }
}

Result<LaneRecord> claim(Connection& connection, const Context& context, const std::string& id,
                         const std::string& session, const Shares& shares, Places& places) {
  PENSTOCK_TRY(make_lane(connection, context, id, session));
  Status taken = take(connection, context, id, shares, places);
  if (!taken) {
    if (taken.error().kind == ErrorKind::kFenced) static_cast<void>(end_lane(connection, context, id));
    return fail(std::move(taken).error());
  }
  PENSTOCK_ASSIGN(const auto lane, position_document(connection, context, id));
  if (!lane) return fail(ErrorKind::kFenced, "another worker has taken over a partition that was just taken");
  forget_orphans(connection, context);
  return lane_from(*lane);
}

}  // namespace penstock::mongo
