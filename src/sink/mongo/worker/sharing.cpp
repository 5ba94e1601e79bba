#include "sink/mongo/worker/sharing.h"

#include <optional>

#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/state/records.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

constexpr const char* kBeginAnew =
    "end all its processes, then begin anew: penstock teardown PIPELINE --yes; the documents "
    "stay until their rows come";

constexpr const char* kShared = "shared";
constexpr const char* kSharedSlot = "shared_slot";

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

Status store_first_places(Connection& connection, const Context& context, const Shares& shares,
                          const Places& places, const std::string& slot) {
  const Bson durable = context.durable();
  Bulk first(connection, context.options.database, kOffsets, &durable);
  for (const auto& [partition, place] : places) {
    const auto share = shares.find(partition);
    if (share == shares.end()) continue;
    Bson fresh = place_fields(place);
    fresh.put_text("definition", share->second.definition);
    first.upsert(Bson().put("_id", shared_place_id(context.options.pipeline, partition)),
                 Bson().put("$setOnInsert", fresh));
  }
  PENSTOCK_TRY(to_status(first.execute("storing the first offsets")));
  return store_shared_slot(connection, context, slot);
}

}  // namespace penstock::mongo
