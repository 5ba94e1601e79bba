#include "sink/mongo/state/generations.h"

#include <algorithm>

#include "base/log.h"
#include "sink/mongo/state/collections.h"

namespace penstock::mongo {
namespace {

constexpr int kNamespaceNotFound = 26;

const CollectionOptions* options_of(const Options& options, const std::string& name) {
  const auto found = std::find_if(options.collections.begin(), options.collections.end(),
                                  [&](const CollectionOptions& one) { return one.name == name; });
  return found == options.collections.end() ? nullptr : &*found;
}

// Whether the name was there.
Tried<bool> unless_missing(Tried<Bson> done) {
  if (done) return true;
  if (done.error().code == kNamespaceNotFound) return false;
  return tl::unexpected<Failure>(std::move(done).error());
}

// A copy made by the server: the collection itself must not be away for a moment.
Tried<void> keep_copy(Connection& connection, const std::string& database, const std::string& name) {
  BsonList stages;
  stages.add(Bson().put_text("$out", previous_name(name)));
  Bson command;
  command.put_text("aggregate", name).put_array("pipeline", stages.elements()).put("cursor", Bson());
  PENSTOCK_ATTEMPT_ASSIGN(const bool kept, unless_missing(connection.write(database, command, nullptr,
                                                                           "keeping a copy of " + name)));
  if (kept) log::info("the former {} is kept as {}", name, previous_name(name));
  return {};
}

// Before the rename, and only while the target is there: afterwards it would come into being again.
Tried<void> take_over_deleted(Connection& connection, const std::string& database, const Publish& publish) {
  Bson listing;
  listing.put_int("listCollections", 1).put("filter", Bson().put_text("name", publish.target));
  PENSTOCK_ATTEMPT_ASSIGN(const Bson found,
                          connection.read(database, listing, nullptr, "looking for " + publish.target));
  if (documents_at(found.get(), "cursor.firstBatch").empty()) return {};
  Bson merge;
  merge.put_text("into", publish.target).put_text("whenMatched", "keepExisting");
  BsonList stages;
  stages.add(Bson().put("$set", Bson().put_text(publish.soft_change, "deleted")));
  stages.add(Bson().put("$merge", merge));
  Bson command;
  command.put_text("aggregate", publish.collection).put_array("pipeline", stages.elements());
  command.put("cursor", Bson()).put("writeConcern", Bson().put_text("w", "majority"));
  PENSTOCK_ATTEMPT(unless_missing(connection.write(
      database, command, nullptr, "taking over the deleted documents of " + publish.collection)));
  return {};
}

Failure failure_from(Error error) {
  Failure failure;
  failure.error = std::move(error);
  return failure;
}

}  // namespace

std::string previous_name(const std::string& collection) { return "penstock_previous_" + collection; }

Tried<void> prepare_target(Connection& connection, const Options& options, const Publish& publish) {
  const Bson drop = std::move(Bson().put_text("drop", publish.target));
  PENSTOCK_ATTEMPT_ASSIGN(const bool there,
                          unless_missing(connection.write(options.database, drop, nullptr,
                                                          "dropping the unfinished " + publish.target)));
  if (there) log::debug("an unfinished {} is begun anew", publish.target);
  CollectionOptions target;
  if (const CollectionOptions* collection = options_of(options, publish.collection)) target = *collection;
  target.name = publish.target;
  Status created = create_collection(connection, options.database, target);
  if (!created) return tl::unexpected<Failure>(failure_from(std::move(created).error()));
  return {};
}

Tried<void> publish_target(Connection& connection, const Options& options, const Publish& publish) {
  const CollectionOptions* collection = options_of(options, publish.collection);
  if (collection != nullptr && collection->keep_previous)
    PENSTOCK_ATTEMPT(keep_copy(connection, options.database, publish.collection));
  if (!publish.soft_change.empty())
    PENSTOCK_ATTEMPT(take_over_deleted(connection, options.database, publish));
  Bson command;
  command.put_text("renameCollection", options.database + "." + publish.target);
  command.put_text("to", options.database + "." + publish.collection).put_bool("dropTarget", true);
  command.put("writeConcern", Bson().put_text("w", "majority"));
  PENSTOCK_ATTEMPT_ASSIGN(
      const bool renamed,
      unless_missing(connection.write("admin", command, nullptr, "publishing " + publish.collection)));
  if (renamed) log::info("collection {} is complete: readers see it now", publish.collection);
  return {};
}

}  // namespace penstock::mongo
