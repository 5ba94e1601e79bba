#include "sink/mongo/worker/statements.h"

#include <utility>
#include <vector>

namespace penstock::mongo {

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

Status remove(Connection& connection, const Context& context, const std::string& collection,
              const Bson& filter, const std::string& what) {
  BsonList statements;
  statements.add(Bson().put("q", filter).put_int("limit", 0));
  Bson command;
  command.put_text("delete", collection).put_array("deletes", statements.elements());
  const Bson options = context.durable();
  return to_status(connection.write(context.options.database, command, &options, what));
}

}  // namespace penstock::mongo
