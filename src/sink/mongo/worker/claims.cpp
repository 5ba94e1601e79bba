#include "sink/mongo/worker/claims.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/lease/process_identity.h"
#include "sink/mongo/state/takeover.h"

namespace penstock::mongo {
namespace {

constexpr int kRemoveTries = 5;
constexpr int kRemoveMillis = 3000;
constexpr int kMaxTimeExpired = 50;
constexpr const char* kBeginAnew =
    "end all its processes, then begin anew: penstock teardown PIPELINE --yes; the documents "
    "stay until their rows come";

constexpr const char* kShared = "shared";
constexpr const char* kSharedSlot = "shared_slot";

template <class T>
Status to_status(Tried<T> tried) {
  return to_result(std::move(tried)).map([](const auto&) {});
}

Result<std::optional<Bson>> position_document(Connection& connection, const Context& context,
                                              const std::string& id) {
  Find find;
  find.filter.put_text("_id", id);
  find.limit = 1;
  PENSTOCK_ASSIGN(std::vector<Bson> found, to_result(connection.find(context.options.database, kPositions,
                                                                     find, nullptr, "reading " + id)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Tried<Bson> update(Connection& connection, const Context& context, const char* collection, const Bson& filter,
                   const Bson& change, bool upsert, const std::string& what) {
  BsonList statements;
  statements.add(Bson().put("q", filter).put("u", change).put_bool("upsert", upsert));
  Bson command;
  command.put_text("update", collection).put_array("updates", statements.elements());
  const Bson options = context.durable();
  return connection.write(context.options.database, command, &options, what);
}

Status remove_lane(Connection& connection, const Context& context, const std::string& id) {
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
  for (const auto& [partition, definition] : shares)
    ids.add(shared_place_id(context.options.pipeline, partition));
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
  for (const auto& [partition, definition] : shares) {
    const auto before = stored.find(partition);
    Bson filter;
    filter.put("_id", shared_place_id(context.options.pipeline, partition));
    if (before == stored.end()) {
      filter.put("owner", Bson().put_bool("$exists", false));
    } else {
      filter.put_text("owner", text_at(before->second.get(), "owner").value_or(""));
    }
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
  for (const auto& [partition, definition] : shares) {
    const Bson& document = stored.at(partition);
    const auto known = text_at(document.get(), "definition");
    const bool same = known && *known == definition;
    if (same && has(document.get(), "next")) places[partition] = place_fields_from(document);
    if (same) continue;
    if (known)
      log::info("{} is read from its beginning: its collections are defined otherwise", to_string(partition));
    Bson nowhere;
    for (const char* field : {"next", "last_millis", "last_commit", "lsn"}) nowhere.put_bool(field, true);
    Bson change;
    change.put("$set", Bson().put_text("definition", definition)).put("$unset", nowhere);
    PENSTOCK_TRY(set_place(connection, context, id, partition, change));
  }
  return {};
}

// Rows that lanes before asked for and did not get: their partitions go back to before the asking.
Status go_back(Connection& connection, const Context& context, const std::string& id, const Shares& shares,
               Places& places) {
  Find find;
  find.filter.put_text("_id.pipeline", context.options.pipeline);
  find.filter.put("origins", Bson().put_bool("$exists", true));
  PENSTOCK_ASSIGN(
      const std::vector<Bson> open,
      to_result(connection.find(context.options.database, kRereads, find, nullptr, "reading the re-reads")));
  std::set<PartitionId> back;
  for (const Bson& reread : open)
    for (const Bson& origin : documents_at(reread.get(), "origins")) {
      const PartitionId partition{text_at(origin.get(), "topic").value_or(""),
                                  static_cast<std::int32_t>(long_at(origin.get(), "partition").value_or(0))};
      const auto place = places.find(partition);
      if (!shares.contains(partition) || place == places.end()) continue;
      const Place before = place_fields_from(origin);
      if (before.next < place->second.next) place->second = before;
      back.insert(partition);
    }
  for (const PartitionId& partition : back)
    PENSTOCK_TRY(set_place(connection, context, id, partition,
                           Bson().put("$set", place_fields(places.at(partition)))));
  Bulk done(connection, context.options.database, kRereads, nullptr);
  for (const Bson& reread : open) {
    Bson filter;
    filter.put_copy("_id", reread.get(), "_id");
    for (const auto& [partition, definition] : shares) {
      Bson origin;
      origin.put_text("topic", partition.topic).put_int("partition", partition.number);
      done.update(filter, Bson().put("$pull", Bson().put("origins", origin)));
    }
  }
  PENSTOCK_TRY(to_status(done.execute("forgetting re-reads that will be met again")));
  Bulk forget(connection, context.options.database, kRereads, nullptr);
  forget.remove(
      Bson().put_text("_id.pipeline", context.options.pipeline).put("origins", Bson().put_int("$size", 0)));
  return to_status(forget.execute("forgetting re-reads that will be met again"));
}

Status take(Connection& connection, const Context& context, const std::string& id, const Shares& shares,
            Places& places) {
  PENSTOCK_ASSIGN(auto stored, read_shares(connection, context, shares));
  std::set<std::string> before;
  for (const auto& [partition, document] : stored)
    before.insert(text_at(document.get(), "owner").value_or(""));
  for (const std::string& lane : before) PENSTOCK_TRY(remove_lane(connection, context, lane));
  PENSTOCK_TRY(own(connection, context, id, shares, stored));
  // What the lanes before committed until they were removed.
  PENSTOCK_ASSIGN(stored, read_shares(connection, context, shares));
  if (stored.size() != shares.size())
    return fail(ErrorKind::kFenced,
                "partitions of the pipeline " + context.options.pipeline + " were removed");
  PENSTOCK_TRY(begin_anew_where_defined_otherwise(connection, context, id, shares, stored, places));
  return go_back(connection, context, id, shares, places);
}

}  // namespace

Status become_shared(Connection& connection, const Context& context) {
  const std::string& pipeline = context.options.pipeline;
  if (!context.transactional())
    return fail(ErrorKind::kConfiguration,
                "workers cannot share a pipeline on a standalone MongoDB: it has no transactions",
                "make it a replica set of one, or leave kafka.share out");
  PENSTOCK_ASSIGN(const auto stream, position_document(connection, context, stream_lane_id(pipeline)));
  if (stream && bool_at(stream->get(), kShared)) return {};
  Bson unused;  // by one writer
  unused.put_text("_id", stream_lane_id(pipeline))
      .put("system_identifier", Bson().put_bool("$exists", false));
  Bson fresh;
  fresh.put_text("pipeline", pipeline)
      .put_text("kind", "stream")
      .put_long("epoch", 0)
      .put_long("sequence", 0);
  put_position(fresh, Position{});
  Bson change;
  change.put("$set", Bson().put_bool(kShared, true)).put("$setOnInsert", fresh);
  const Tried<Bson> made =
      update(connection, context, kPositions, unused, change, true, "noting that the pipeline is shared");
  if (made) return {};
  if (made.error().kind != FailureKind::kDuplicateKey) return fail(made.error().error);
  PENSTOCK_ASSIGN(const auto now, position_document(connection, context, stream_lane_id(pipeline)));
  if (now && bool_at(now->get(), kShared)) return {};  // another worker was quicker
  return fail(ErrorKind::kConfiguration,
              "the pipeline " + pipeline +
                  " was applied by one process until now, its offsets are not those of workers",
              std::string("leave kafka.share out, or ") + kBeginAnew);
}

Status check_unshared(Connection& connection, const Context& context) {
  const std::string& pipeline = context.options.pipeline;
  PENSTOCK_ASSIGN(const auto stream, position_document(connection, context, stream_lane_id(pipeline)));
  if (!stream || !bool_at(stream->get(), kShared)) return {};
  return fail(ErrorKind::kConfiguration,
              "workers share the pipeline " + pipeline + ": one process alone would not know their offsets",
              std::string("set kafka: { share: true }, or ") + kBeginAnew);
}

Result<std::string> shared_slot(Connection& connection, const Context& context) {
  PENSTOCK_ASSIGN(const auto stream,
                  position_document(connection, context, stream_lane_id(context.options.pipeline)));
  return stream ? text_at(stream->get(), kSharedSlot).value_or("") : std::string();
}

Status store_shared_slot(Connection& connection, const Context& context, const std::string& slot) {
  Bson filter;
  filter.put_text("_id", stream_lane_id(context.options.pipeline))
      .put(kSharedSlot, Bson().put_bool("$exists", false));
  PENSTOCK_TRY(to_status(update(connection, context, kPositions, filter,
                                Bson().put("$set", Bson().put_text(kSharedSlot, slot)), false,
                                "storing which Kafka it is")));
  PENSTOCK_ASSIGN(const std::string stored, shared_slot(connection, context));
  if (stored == slot) return {};
  return fail(
      ErrorKind::kDivergence,
      "the other workers read from " + (stored.empty() ? "nowhere" : stored) + ", this one from " + slot,
      "name the same brokers for all workers");
}

Result<LaneRecord> claim(Connection& connection, const Context& context, const std::string& id,
                         const std::string& session, const Shares& shares, Places& places) {
  PENSTOCK_TRY(make_lane(connection, context, id, session));
  Status taken = take(connection, context, id, shares, places);
  if (!taken) {
    if (taken.error().kind == ErrorKind::kFenced) static_cast<void>(remove_lane(connection, context, id));
    return fail(std::move(taken).error());
  }
  PENSTOCK_ASSIGN(const auto lane, position_document(connection, context, id));
  if (!lane) return fail(ErrorKind::kFenced, "another worker has taken over a partition that was just taken");
  return lane_from(*lane);
}

}  // namespace penstock::mongo
