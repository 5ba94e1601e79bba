#include "sink/mongo/kept/kept_models.h"

#include <map>
#include <optional>

#include "base/log.h"
#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/state/records.h"
#include "sink/mongo/worker/generation.h"
#include "sink/mongo/worker/random_name.h"
#include "sink/mongo/worker/shares.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

Find of_pipeline(const std::string& pipeline) {
  Find find;
  find.filter.put_text("_id.pipeline", pipeline).put_bool("_id.shared", true);
  find.read_concern = "majority";
  return find;
}

// From now on nobody makes documents of what was kept, nor keeps more of it: of the places those of lanes go,
// and those of partitions whose rows are kept are of no definition.
Status end_places(Connection& connection, const Context& context) {
  PENSTOCK_ASSIGN(const auto places, to_result(connection.find(context.options.database, kOffsets,
                                                               of_pipeline(context.options.pipeline), nullptr,
                                                               "reading the lanes of read models")));
  const Bson durable = context.durable();
  Bulk gone(connection, context.options.database, kOffsets, &durable);
  std::size_t count = 0;
  for (const Bson& document : places) {
    const PartitionId partition = place_from(document).first;
    Bson id;
    id.put("_id", shared_place_id(context.options.pipeline, partition));
    const bool is_kept =
        text_at(document.get(), "definition").value_or("").find(kKeptFor) != std::string::npos;
    if (is_lane(partition)) {
      gone.remove(id);
    } else if (is_kept) {
      gone.update(id, Bson()
                          .put("$set", Bson().put_text("definition", "to be kept anew"))
                          .put("$inc", Bson().put_long("sequence", 1)));
    }
    count += is_lane(partition) || is_kept ? 1 : 0;
  }
  return count == 0 ? Status() : to_status(gone.execute("forgetting the lanes of read models"));
}

Status clear_documents(Connection& connection, const Context& context, const KeptModels& models) {
  for (const std::string& name : models.collections) {
    log::info("collection {}: it is defined otherwise than when its rows were kept: it is made anew", name);
    PENSTOCK_TRY(remove(connection, context, name, Bson(), "emptying " + name));
  }
  return {};
}

// Lanes that were worked on between two looks.
std::vector<std::string> moved_lanes(const std::vector<Bson>& before, const std::vector<Bson>& after) {
  std::map<PartitionId, std::uint64_t> sequences;
  for (const Bson& document : before)
    sequences[place_from(document).first] = unsigned_at(document.get(), "sequence");
  std::vector<std::string> moved;
  for (const Bson& document : after) {
    const PartitionId partition = place_from(document).first;
    const auto known = sequences.find(partition);
    const bool same = known != sequences.end() && known->second == unsigned_at(document.get(), "sequence");
    if (is_lane(partition) && !same) moved.push_back(lane_of(partition));
  }
  return moved;
}

std::string generation_of(const std::optional<Bson>& stored, const KeptModels& models) {
  const bool is_current =
      stored && text_at(stored->get(), "definition") == models.definition && bool_at(stored->get(), "ready");
  return is_current ? text_at(stored->get(), "generation").value_or("") : std::string();
}

Error by_somebody_else() {
  return make_error(ErrorKind::kFenced, "somebody else begins with the read models at the same moment",
                    "begin again");
}

// The generation, before anything goes: what is kept is not to be used until it is ready. Who is interrupted
// in between leaves it so, and the next one does it all again.
Status announce(Connection& connection, const Context& context, const KeptModels& models,
                const std::string& generation, const Bson* before) {
  Bson set;
  set.put_text("pipeline", context.options.pipeline).put_text("kind", "read models");
  set.put_text("definition", models.definition).put_text("generation", generation).put_bool("ready", false);
  Bson filter;
  filter.put_text("_id", models_id(context.options.pipeline));
  if (before != nullptr && has(before->get(), "generation"))
    filter.put_copy("generation", before->get(), "generation");
  const auto done = update(connection, context, kPositions, filter,
                           Bson().put(before != nullptr ? "$set" : "$setOnInsert", set), before == nullptr,
                           "storing how read models are defined");
  if (!done && done.error().kind == FailureKind::kDuplicateKey) return fail(by_somebody_else());
  if (!done) return fail(done.error().error);
  const bool is_ours = before != nullptr ? unsigned_at(done->get(), "n") == 1 : has(done->get(), "upserted");
  return is_ours ? Status() : fail(by_somebody_else());
}

Status store_layouts(Connection& connection, const Context& context, const KeptModels& models) {
  const Bson durable = context.durable();
  Bulk layouts(connection, context.options.database, kept::kLayouts, &durable);
  for (const KeptTable& table : models.tables)
    layouts.replace(Bson().put_unsigned("_id", table.layout),
                    Bson().put_unsigned("_id", table.layout).put_binary(kept::kColumns, table.columns));
  return to_status(layouts.execute("storing the layouts of kept rows"));
}

}  // namespace

Result<std::string> kept_generation(Connection& connection, const Context& context,
                                    const KeptModels& models) {
  return position_document(connection, context, models_id(context.options.pipeline))
      .map([&](const auto& stored) { return generation_of(stored, models); });
}

Result<std::string> begin_models(Connection& connection, const Context& context, const KeptModels& models,
                                 bool anew) {
  const Options& options = context.options;
  PENSTOCK_ASSIGN(const auto stored, position_document(connection, context, models_id(options.pipeline)));
  std::string generation = generation_of(stored, models);
  if (!anew && !generation.empty()) {
    PENSTOCK_TRY(ensure_kept(connection, options.database, options.pipeline, models.tables));
    PENSTOCK_TRY(store_layouts(connection, context, models));
    return generation;
  }
  generation = random_name();
  PENSTOCK_TRY(announce(connection, context, models, generation, stored ? &*stored : nullptr));
  PENSTOCK_TRY(end_places(connection, context));
  PENSTOCK_TRY(drop_kept(connection, options.database, options.pipeline));
  if (stored && !anew) PENSTOCK_TRY(clear_documents(connection, context, models));
  PENSTOCK_TRY(ensure_kept(connection, options.database, options.pipeline, models.tables));
  PENSTOCK_TRY(store_layouts(connection, context, models));
  Bson own;
  own.put_text("_id", models_id(options.pipeline)).put_text("generation", generation);
  const auto done =
      update(connection, context, kPositions, own, Bson().put("$set", Bson().put_bool("ready", true)), false,
             "beginning with read models");
  if (!done) return fail(done.error().error);
  if (unsigned_at(done->get(), "n") != 1) return fail(by_somebody_else());
  return generation;
}

Status refuse_kept_models(Connection& connection, const Context& context) {
  const std::string& pipeline = context.options.pipeline;
  PENSTOCK_ASSIGN(const auto stored, position_document(connection, context, models_id(pipeline)));
  if (!stored) return {};
  return fail(ErrorKind::kConfiguration,
              "spark/stream.py keeps the read models of the pipeline " + pipeline +
                  ": workers of penstock apply would make them a second time",
              "end the stream, then begin anew: penstock teardown PIPELINE --yes; or give the workers a "
              "pipeline file "
              "of another name");
}

Result<std::vector<std::string>> lanes_to_settle(Connection& connection, const Context& context) {
  const Options& options = context.options;
  const auto look = [&] {
    return to_result(connection.find(options.database, kOffsets, of_pipeline(options.pipeline), nullptr,
                                     "reading the offsets"));
  };
  // The places first: what is applied after them may have marks that are not looked for.
  PENSTOCK_ASSIGN(const auto places, look());
  PENSTOCK_ASSIGN(auto lanes, marked_lanes(connection, options.database, options.pipeline));
  if (!lanes.empty()) return lanes;
  // Whoever settles a lane may mark another one where it was looked for already.
  PENSTOCK_ASSIGN(const auto after, look());
  lanes = moved_lanes(places, after);
  if (!lanes.empty()) return lanes;
  const Bson durable = context.durable();
  Bulk settled(connection, options.database, kOffsets, &durable);
  std::size_t moved = 0;
  for (const Bson& document : places) {
    const auto [partition, place] = place_from(document);
    const auto next = long_at(document.get(), "next");
    if (is_lane(partition) || !next || long_at(document.get(), "settled") == next) continue;
    Bson as_seen;
    as_seen.put("_id", shared_place_id(options.pipeline, partition));
    as_seen.put("next", Bson().put_long("$gte", *next))
        .put_copy("taken_over_at", document.get(), "taken_over_at");
    settled.update(as_seen, Bson().put("$set", Bson().put_long("settled", *next)));
    ++moved;
  }
  if (moved > 0) PENSTOCK_TRY(to_status(settled.execute("storing what is settled")));
  return lanes;
}

}  // namespace penstock::mongo
