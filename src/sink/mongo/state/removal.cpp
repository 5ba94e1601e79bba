#include "sink/mongo/state/removal.h"

#include "sink/mongo/mongo_sink.h"

namespace penstock::mongo {
namespace {

constexpr int kNamespaceNotFound = 26;

// Whether it was there.
Result<bool> unless_missing(Tried<Bson> done) {
  if (done) return true;
  if (done.error().code == kNamespaceNotFound) return false;
  return fail(std::move(done).error().error);
}

}  // namespace

Status remove_state(Connection& connection, const std::string& database, const std::string& pipeline,
                    KeepLease lease) {
  const auto remove = [&](const char* collection, const Bson& filter) -> Status {
    BsonList statements;
    statements.add(Bson().put("q", filter).put_int("limit", 0));
    Bson command;
    command.put_text("delete", collection).put_array("deletes", statements.elements());
    command.put("writeConcern", Bson().put_text("w", "majority"));
    PENSTOCK_ASSIGN([[maybe_unused]] const bool there,
                    unless_missing(connection.write(database, command, nullptr,
                                                    std::string("removing from ") + collection)));
    return {};
  };
  const Bson by_id = std::move(Bson().put_text("_id.pipeline", pipeline));
  for (const char* collection : {kRereads, kChunks, kTables}) PENSTOCK_TRY(remove(collection, by_id));
  Bson lanes;
  lanes.put_text("pipeline", pipeline);
  if (lease == KeepLease::kYes) lanes.put("kind", Bson().put_text("$ne", "lease"));
  return remove(kPositions, lanes);
}

Status drop_collection(Connection& connection, const std::string& database, const std::string& name) {
  PENSTOCK_ASSIGN(
      [[maybe_unused]] const bool there,
      unless_missing(connection.write(database, Bson().put_text("drop", name), nullptr, "dropping " + name)));
  return {};
}

Result<bool> rename_collection(Connection& connection, const std::string& database, const std::string& from,
                               const std::string& to) {
  Bson command;
  command.put_text("renameCollection", database + "." + from);
  command.put_text("to", database + "." + to).put_bool("dropTarget", true);
  command.put("writeConcern", Bson().put_text("w", "majority"));
  return unless_missing(connection.write("admin", command, nullptr, "publishing " + to));
}

}  // namespace penstock::mongo
