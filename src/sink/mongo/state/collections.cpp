#include "sink/mongo/state/collections.h"

#include <bson/bson.h>
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "sink/mongo/state/letter_marks.h"

namespace penstock::mongo {
namespace {

constexpr int kNamespaceExists = 48;

Result<std::map<std::string, Bson>> existing_collections(Connection& connection,
                                                         const std::string& database) {
  std::map<std::string, Bson> collections;
  const Bson command =
      std::move(Bson().put_int("listCollections", 1).put("cursor", Bson().put_int("batchSize", 1000000)));
  PENSTOCK_ASSIGN(const Bson reply,
                  to_result(connection.read(database, command, nullptr, "listing the collections")));
  for (Bson& collection : documents_at(reply.get(), "cursor.firstBatch")) {
    std::string name = text_at(collection.get(), "name").value_or("");
    collections.emplace(std::move(name), std::move(collection));
  }
  return collections;
}

Status create(Connection& connection, const std::string& database, const std::string& name) {
  const Bson command = std::move(Bson().put_text("create", name));
  Tried<Bson> created = connection.write(database, command, nullptr, "creating the collection " + name);
  if (!created && created.error().code != kNamespaceExists) return fail(created.error().error);
  return {};
}

Status check_options(const std::string& name, const Bson& collection) {
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorKind::kConfiguration, "the collection " + name + " " + what,
                "name another collection in the pipeline file, or drop this one: db.getCollection(\"" + name +
                    "\").drop()");
  };
  if (text_at(collection.get(), "type").value_or("collection") != "collection") {
    return refuse("is a " + *text_at(collection.get(), "type") + ", not a plain collection");
  }
  if (has(collection.get(), "options.collation")) {
    return refuse("has a collation, under which different keys may count as one");
  }
  if (bool_at(collection.get(), "options.capped"))
    return refuse("is capped, so that documents would be dropped");
  return {};
}

Status check_indexes(Connection& connection, const std::string& database, const std::string& name) {
  const Bson command =
      std::move(Bson().put_text("listIndexes", name).put("cursor", Bson().put_int("batchSize", 1000)));
  PENSTOCK_ASSIGN(const Bson reply,
                  to_result(connection.read(database, command, nullptr, "listing the indexes of " + name)));
  for (const Bson& index : documents_at(reply.get(), "cursor.firstBatch")) {
    if (!bool_at(index.get(), "unique")) continue;
    const std::string index_name = text_at(index.get(), "name").value_or("?");
    return fail(
        ErrorKind::kConfiguration,
        fmt::format("the collection {} has the unique index {}; rows that are valid in PostgreSQL could be "
                    "refused by it, or meet in another order",
                    name, index_name),
        fmt::format("db.getCollection(\"{}\").dropIndex(\"{}\")", name, index_name));
  }
  return {};
}

void put_direction(Bson& keys, const std::string& field, const std::string& direction) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(direction.data(), direction.data() + direction.size(), number);
  if (error == std::errc() && end == direction.data() + direction.size()) {
    keys.put_int(field, number);
  } else {
    keys.put_text(field, direction);
  }
}

Result<Bson> index_definition(const std::string& collection, const IndexOptions& index) {
  Bson definition;
  Bson keys;
  std::string name = index.name;
  for (const auto& [field, direction] : index.keys) {
    put_direction(keys, field, direction);
    if (index.name.empty()) name += fmt::format("{}{}_{}", name.empty() ? "" : "_", field, direction);
  }
  definition.put("key", keys).put_text("name", name);
  if (index.options_json.empty()) return definition;
  bson_error_t error{};
  bson_t* more = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(index.options_json.data()),
                                    static_cast<ssize_t>(index.options_json.size()), &error);
  if (more == nullptr) {
    return fail(ErrorKind::kConfiguration, "the options of index " + name + " of collection " + collection +
                                               " are no JSON: " + error.message);
  }
  const Bson extra(more);
  if (bool_at(extra.get(), "unique")) {
    return fail(ErrorKind::kConfiguration, "index " + name + " of collection " + collection + " is unique",
                "leave `unique` out: only `_id` is unique here, PostgreSQL sees to the rest");
  }
  definition.append(extra);
  return definition;
}

Status create_indexes(Connection& connection, const std::string& database,
                      const CollectionOptions& collection) {
  if (collection.indexes.empty()) return {};
  BsonList definitions;
  for (const IndexOptions& index : collection.indexes) {
    PENSTOCK_ASSIGN(const Bson definition, index_definition(collection.name, index));
    definitions.add(definition);
  }
  Bson command;
  command.put_text("createIndexes", collection.name).put_array("indexes", definitions.elements());
  Tried<Bson> created =
      connection.write(database, command, nullptr, "creating the indexes of " + collection.name);
  if (created) return {};
  Error error = created.error().error;
  if (created.error().kind == FailureKind::kRefused && error.remedy.empty()) {
    error.kind = ErrorKind::kConfiguration;
    error.remedy = "correct `indexes` of collection " + collection.name +
                   " in the pipeline file, or drop the index of "
                   "that name there";
  }
  return fail(std::move(error));
}

// `existing` is the collection's entry of listCollections; null: there is none.
Status check_or_create(Connection& connection, const std::string& database, const std::string& name,
                       const Bson* existing) {
  if (existing == nullptr) return create(connection, database, name);
  PENSTOCK_TRY(check_options(name, *existing));
  return check_indexes(connection, database, name);
}

}  // namespace

Status create_collection(Connection& connection, const std::string& database,
                         const CollectionOptions& collection) {
  PENSTOCK_TRY(create(connection, database, collection.name));
  return create_indexes(connection, database, collection);
}

Result<std::vector<std::string>> collection_names(Connection& connection, const std::string& database) {
  PENSTOCK_ASSIGN(const auto existing, existing_collections(connection, database));
  std::vector<std::string> names;
  for (const auto& [name, options] : existing) names.push_back(name);
  return names;
}

Status ensure_collections(Connection& connection, const Options& options) {
  PENSTOCK_ASSIGN(const auto existing, existing_collections(connection, options.database));
  const auto ensure = [&](const std::string& name) -> Status {
    return existing.contains(name) ? Status() : create(connection, options.database, name);
  };
  for (const char* name : {kPositions, kTables, kChunks, kRereads}) PENSTOCK_TRY(ensure(name));
  const auto ensure_letters = [&](const std::string& name) -> Status {
    PENSTOCK_TRY(ensure(name));
    CollectionOptions letters;
    letters.name = name;
    letters.indexes = {letter_index()};
    return create_indexes(connection, options.database, letters);
  };
  if (options.dead_letters) PENSTOCK_TRY(ensure_letters(kDeadLetters));
  if (options.from_topics) PENSTOCK_TRY(ensure(kOffsets));
  for (const CollectionOptions& collection : options.collections) {
    const auto found = existing.find(collection.name);
    const Bson* options_now = found == existing.end() ? nullptr : &found->second;
    if (options_now != nullptr || !collection.built_beside) {
      PENSTOCK_TRY(check_or_create(connection, options.database, collection.name, options_now));
      PENSTOCK_TRY(create_indexes(connection, options.database, collection));
    }
    if (options.dead_letters) PENSTOCK_TRY(ensure_letters(dead_letter_collection(collection.name)));
  }
  return {};
}

Status check_collection(Connection& connection, const std::string& database, const std::string& name) {
  PENSTOCK_ASSIGN(const auto existing, existing_collections(connection, database));
  const auto found = existing.find(name);
  if (found == existing.end()) return {};
  PENSTOCK_TRY(check_options(name, found->second));
  return check_indexes(connection, database, name);
}

}  // namespace penstock::mongo
