#include "sink/mongo/state/letter_marks.h"

#include <bson/bson.h>

#include <map>

#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/state/records.h"

namespace penstock::mongo {
namespace {

Bson marked(const std::string& pipeline, const std::string& row) {
  return std::move(Bson().put_text("retry", row).put_text("_id.pipeline", pipeline));
}

// All that a letter says but its `_id`: the letter stays the same one.
Bson renewal(const Bson& letter) {
  Bson set;
  bson_iter_t field;
  bson_iter_init(&field, letter.get());
  while (bson_iter_next(&field)) {
    if (std::string_view(bson_iter_key(&field)) != "_id")
      bson_append_iter(set.get(), bson_iter_key(&field), -1, &field);
  }
  Bson update;
  update.put("$set", set);
  update.put("$unset", Bson().put_bool("retry", true).put_bool("retry_token", true));
  return update;
}

// False: no letter of its row waits.
Tried<bool> renew_marked(Connection& connection, const std::string& database, const std::string& pipeline,
                         const DeadLetter& letter, const Bson* options) {
  BsonList statements;
  statements.add(Bson()
                     .put("q", marked(pipeline, letter.row))
                     .put("u", renewal(letter.document))
                     .put_bool("multi", true));
  Bson command;
  command.put_text("update", letter.collection).put_array("updates", statements.elements());
  PENSTOCK_ATTEMPT_ASSIGN(
      const Bson reply,
      connection.write(database, command, options, "storing a dead letter in " + letter.collection));
  return unsigned_at(reply.get(), "n") > 0;
}

Tried<bool> any_waits(Connection& connection, const std::string& database, const std::string& pipeline,
                      const std::string& collection, const Bson* options) {
  Find find;
  find.filter.put("retry", Bson().put_bool("$exists", true)).put_text("_id.pipeline", pipeline);
  find.projection.put_int("_id", 1);
  find.limit = 1;
  PENSTOCK_ATTEMPT_ASSIGN(
      const std::vector<Bson> found,
      connection.find(database, collection, find, options, "looking for letters that wait in " + collection));
  return !found.empty();
}

}  // namespace

IndexOptions letter_index() { return {"retry", {{"retry", "1"}}, R"({"sparse": true})"}; }

Bson letter_mark(const std::string& row, const std::string& token) {
  Bson update;
  update.put("$set", Bson().put_text("retry", row).put_text("retry_token", token));
  return update;
}

Tried<void> store_letters(Connection& connection, const std::string& database, const std::string& pipeline,
                          const std::vector<DeadLetter>& letters, const Bson* options) {
  std::map<std::string, std::vector<const DeadLetter*>> by_collection;
  for (const DeadLetter& letter : letters) by_collection[letter.collection].push_back(&letter);
  for (const auto& [collection, its_letters] : by_collection) {
    PENSTOCK_ATTEMPT_ASSIGN(const bool waits, any_waits(connection, database, pipeline, collection, options));
    Bulk bulk(connection, database, collection, options);
    for (const DeadLetter* letter : its_letters) {
      bool renewed = false;
      if (waits && !letter->row.empty()) {
        PENSTOCK_ATTEMPT_ASSIGN(renewed, renew_marked(connection, database, pipeline, *letter, options));
      }
      if (!renewed) bulk.replace(Bson().put_copy("_id", letter->document.get(), "_id"), letter->document);
    }
    PENSTOCK_ATTEMPT(bulk.execute("storing dead letters in " + collection));
  }
  return {};
}

Tried<void> remove_marked(Connection& connection, const Options& sink, const std::vector<Reread>& answered,
                          const Bson* options) {
  std::map<std::string, std::vector<const Reread*>> by_collection;
  for (const Reread& reread : answered) {
    const auto made = sink.made_from.find(reread.table);
    if (reread.token.empty() || made == sink.made_from.end()) continue;
    for (const std::string& collection : made->second) by_collection[collection].push_back(&reread);
  }
  for (const auto& [collection, rows] : by_collection) {
    const std::string letters = dead_letter_collection(collection);
    Bulk bulk(connection, sink.database, letters, options);
    for (const Reread* row : rows)
      bulk.remove(marked(sink.pipeline, row->id).put_text("retry_token", row->token));
    PENSTOCK_ATTEMPT(bulk.execute("removing answered letters from " + letters));
  }
  return {};
}

}  // namespace penstock::mongo
