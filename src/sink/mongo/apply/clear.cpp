#include "sink/mongo/apply/clear.h"

#include <bson/bson.h>

namespace penstock::mongo {
namespace {

// A soft clear without a field to mark changes nothing.
bool has_work(const ClearStep& step) { return !step.soft || !step.mark.empty(); }

const FieldShape& change_field(const ClearStep& step) {
  return step.shape->fields[static_cast<std::size_t>(step.shape->change_field)];
}

// Matches what is not cleared yet: documents deleted before keep the time of their deletion.
Bson to_clear(const ClearStep& step) {
  if (!step.soft) return {};
  const std::string& name = change_field(step).name;
  if (!needs_set_field(name)) return std::move(Bson().put(name, Bson().put_text("$ne", "deleted")));
  BsonList operands;
  operands.add(Bson().put("$getField", Bson().put_text("$literal", name)));
  operands.add_text("deleted");
  return std::move(Bson().put("$expr", Bson().put_array("$ne", operands.elements())));
}

bool needs_pipeline(const Bson& mark) {
  bson_iter_t field;
  if (!bson_iter_init(&field, mark.get())) return false;
  while (bson_iter_next(&field)) {
    if (needs_set_field(bson_iter_key(&field))) return true;
  }
  return false;
}

void put_update(Bson& statement, const ClearStep& step) {
  if (!needs_pipeline(step.mark)) {
    statement.put("u", Bson().put("$set", step.mark));
    return;
  }
  BsonList stages;
  bson_iter_t field;
  bson_iter_init(&field, step.mark.get());
  while (bson_iter_next(&field)) {
    Bson value;
    bson_append_iter(value.get(), "$literal", -1, &field);
    Bson set;
    set.put("field", Bson().put_text("$literal", bson_iter_key(&field)));
    set.put_text("input", "$$ROOT").put("value", value);
    stages.add(Bson().put("$replaceWith", Bson().put("$setField", set)));
  }
  statement.put_array("u", stages.elements());
}

Tried<void> clear_matching(Connection& connection, const std::string& database, const ClearStep& step,
                           const Bson& filter, const Bson* session) {
  Bson statement;
  statement.put("q", filter);
  if (step.soft) {
    put_update(statement, step);
    statement.put_bool("multi", true);
  } else {
    statement.put_int("limit", 0);
  }
  BsonList statements;
  statements.add(statement);
  Bson command;
  command.put_text(step.soft ? "update" : "delete", step.shape->collection);
  command.put_array(step.soft ? "updates" : "deletes", statements.elements());
  PENSTOCK_ATTEMPT(connection.write(database, command, session, "clearing " + step.shape->collection));
  return {};
}

}  // namespace

Tried<void> clear_now(Connection& connection, const std::string& database, const ClearStep& step,
                      const Bson* session) {
  if (!has_work(step)) return {};
  return clear_matching(connection, database, step, to_clear(step), session);
}

Tried<std::vector<Bson>> still_to_clear(Connection& connection, const std::string& database,
                                        const ClearStep& step, std::size_t limit) {
  if (!has_work(step)) return std::vector<Bson>{};
  Find find;
  find.filter = to_clear(step);
  find.projection.put_int("_id", 1);
  find.limit = static_cast<std::int64_t>(limit);
  return connection.find(database, step.shape->collection, find, nullptr,
                         "looking for documents to clear from " + step.shape->collection);
}

Tried<void> clear_some(Connection& connection, const std::string& database, const ClearStep& step,
                       const std::vector<Bson>& ids, const Bson* session) {
  BsonList list;
  for (const Bson& id : ids) list.add_first_value(bson_get_data(id.get()), id.size());
  const Bson filter = std::move(Bson().put("_id", Bson().put_array("$in", list.elements())));
  return clear_matching(connection, database, step, filter, session);
}

}  // namespace penstock::mongo
