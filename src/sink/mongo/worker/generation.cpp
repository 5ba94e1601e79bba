#include "sink/mongo/worker/generation.h"

#include <optional>
#include <vector>

#include "sink/mongo/state/records.h"
#include "sink/mongo/worker/random_name.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

Result<std::optional<std::string>> generation_of(Connection& connection, const Context& context,
                                                 const std::string& id) {
  PENSTOCK_ASSIGN(const auto document, position_document(connection, context, id));
  return document ? text_at(document->get(), "generation") : std::nullopt;
}

}  // namespace

std::string stream_id(const std::string& pipeline) { return pipeline + "/stream"; }
std::string models_id(const std::string& pipeline) { return pipeline + "/read models"; }

Result<std::string> stream_generation(Connection& connection, const Context& context) {
  const std::string id = stream_id(context.options.pipeline);
  PENSTOCK_ASSIGN(const auto before, generation_of(connection, context, id));
  if (before) return *before;
  Bson fresh;
  fresh.put_text("pipeline", context.options.pipeline).put_text("kind", "stream");
  fresh.put_text("generation", random_name());
  const auto made = update(connection, context, kPositions, Bson().put_text("_id", id),
                           Bson().put("$setOnInsert", fresh), true, "beginning a stream");
  if (!made && made.error().kind != FailureKind::kDuplicateKey) return fail(made.error().error);
  PENSTOCK_ASSIGN(const auto now, generation_of(connection, context, id));
  if (now) return *now;
  return fail(ErrorKind::kFenced, "somebody else begins the pipeline anew at the same moment", "begin again");
}

Result<bool> is_in_force(Connection& connection, const Context& context, const std::string& id,
                         const std::string& generation) {
  return generation_of(connection, context, id).map([&](const auto& now) { return now == generation; });
}

Status end_generations(Connection& connection, const std::string& database, const std::string& pipeline) {
  BsonList statements;
  statements.add(
      Bson()
          .put("q", Bson().put("_id", Bson().put_texts("$in", {stream_id(pipeline), models_id(pipeline)})))
          .put_int("limit", 0));
  Bson command;
  command.put_text("delete", kPositions).put_array("deletes", statements.elements());
  command.put("writeConcern", Bson().put_text("w", "majority"));
  return to_status(connection.write(database, command, nullptr, "ending the streams before"));
}

}  // namespace penstock::mongo
