#include "sink/mongo/kept/kept_models.h"

#include "base/log.h"
#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/state/records.h"
#include "sink/mongo/worker/shares.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

std::string models_id(const std::string& pipeline) { return pipeline + "/read models"; }

Find of_pipeline(const std::string& pipeline) {
  Find find;
  find.filter.put_text("_id.pipeline", pipeline).put_bool("_id.shared", true);
  find.read_concern = "majority";
  return find;
}

// The places of lanes: from now on nobody makes documents of what was kept.
Status forget_lanes(Connection& connection, const Context& context) {
  PENSTOCK_ASSIGN(const auto places, to_result(connection.find(context.options.database, kOffsets,
                                                               of_pipeline(context.options.pipeline), nullptr,
                                                               "reading the lanes of read models")));
  const Bson durable = context.durable();
  Bulk gone(connection, context.options.database, kOffsets, &durable);
  std::size_t count = 0;
  for (const Bson& document : places) {
    const PartitionId partition = place_from(document).first;
    if (!is_lane(partition)) continue;
    gone.remove(Bson().put("_id", shared_place_id(context.options.pipeline, partition)));
    ++count;
  }
  return count == 0 ? Status() : to_status(gone.execute("forgetting the lanes of read models"));
}

Status clear_documents(Connection& connection, const Context& context, const KeptModels& models) {
  for (const std::string& name : models.collections) {
    log::info("collection {}: it is defined otherwise than when its rows were kept: it is made anew", name);
    BsonList statements;
    statements.add(Bson().put("q", Bson()).put_int("limit", 0));
    Bson command;
    command.put_text("delete", name).put_array("deletes", statements.elements());
    const Bson options = context.durable();
    PENSTOCK_TRY(
        to_status(connection.write(context.options.database, command, &options, "emptying " + name)));
  }
  return {};
}

}  // namespace

Status begin_models(Connection& connection, const Context& context, const KeptModels& models, bool anew) {
  const Options& options = context.options;
  PENSTOCK_ASSIGN(const auto stored, position_document(connection, context, models_id(options.pipeline)));
  const auto before = stored ? text_at(stored->get(), "definition") : std::nullopt;
  const bool other = before != models.definition;
  if (other || anew) {
    PENSTOCK_TRY(forget_lanes(connection, context));
    PENSTOCK_TRY(drop_kept(connection, options.database, options.pipeline));
    if (before && !anew) PENSTOCK_TRY(clear_documents(connection, context, models));
  }
  PENSTOCK_TRY(ensure_kept(connection, options.database, options.pipeline, models.tables));
  const Bson durable = context.durable();
  Bulk layouts(connection, options.database, kept::kLayouts, &durable);
  for (const KeptTable& table : models.tables)
    layouts.replace(Bson().put_unsigned("_id", table.layout),
                    Bson().put_unsigned("_id", table.layout).put_binary(kept::kColumns, table.columns));
  PENSTOCK_TRY(to_status(layouts.execute("storing the layouts of kept rows")));
  if (!other) return {};
  Bson set;
  set.put_text("pipeline", options.pipeline).put_text("kind", "read models");
  set.put_text("definition", models.definition);
  return to_status(update(connection, context, kPositions,
                          Bson().put_text("_id", models_id(options.pipeline)), Bson().put("$set", set), true,
                          "storing how read models are defined"));
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
  // The places first: what is applied after them may have marks that are not looked for.
  PENSTOCK_ASSIGN(const auto places,
                  to_result(connection.find(options.database, kOffsets, of_pipeline(options.pipeline),
                                            nullptr, "reading the offsets")));
  PENSTOCK_ASSIGN(auto lanes, marked_lanes(connection, options.database, options.pipeline));
  if (!lanes.empty()) return lanes;
  const Bson durable = context.durable();
  Bulk settled(connection, options.database, kOffsets, &durable);
  std::size_t moved = 0;
  for (const Bson& document : places) {
    const auto [partition, place] = place_from(document);
    const auto next = long_at(document.get(), "next");
    if (is_lane(partition) || !next || long_at(document.get(), "settled") == next) continue;
    settled.update(Bson().put("_id", shared_place_id(options.pipeline, partition)),
                   Bson().put("$set", Bson().put_long("settled", *next)));
    ++moved;
  }
  if (moved > 0) PENSTOCK_TRY(to_status(settled.execute("storing what is settled")));
  return lanes;
}

}  // namespace penstock::mongo
