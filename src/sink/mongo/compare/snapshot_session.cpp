#include "sink/mongo/compare/snapshot_session.h"

#include <mongoc/mongoc.h>

#include "base/check.h"

namespace penstock::mongo {
namespace {

constexpr int kSnapshotTooOld = 239;
constexpr int kSnapshotUnavailable = 246;

// A cursor with what it was made from.
struct Reading {
  mongoc_collection_t* collection = nullptr;
  mongoc_cursor_t* cursor = nullptr;
  mongoc_read_prefs_t* primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
  Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(collection);
    mongoc_read_prefs_destroy(primary);
  }

  Tried<void> each(const SnapshotSession::Each& each, const std::string& what) {
    const bson_t* document = nullptr;
    while (mongoc_cursor_next(cursor, &document)) each(*document);
    bson_error_t error{};
    const bson_t* reply = nullptr;
    if (mongoc_cursor_error_document(cursor, &error, &reply))
      return tl::unexpected<Failure>(failure_of(error, reply, what));
    return {};
  }
};

}  // namespace

bool is_gone(const Failure& failure) {
  return failure.code == kSnapshotTooOld || failure.code == kSnapshotUnavailable;
}

Result<std::unique_ptr<SnapshotSession>> SnapshotSession::start(Connection& connection, bool snapshot) {
  if (!snapshot) return std::unique_ptr<SnapshotSession>(new SnapshotSession(connection, nullptr));
  mongoc_session_opt_t* options = mongoc_session_opts_new();
  mongoc_session_opts_set_causal_consistency(options, false);
  mongoc_session_opts_set_snapshot(options, true);
  bson_error_t error{};
  mongoc_client_session_t* session = mongoc_client_start_session(connection.client(), options, &error);
  mongoc_session_opts_destroy(options);
  if (session == nullptr) return fail(failure_of(error, nullptr, "starting a session").error);
  return std::unique_ptr<SnapshotSession>(new SnapshotSession(connection, session));
}

SnapshotSession::SnapshotSession(Connection& connection, _mongoc_client_session_t* session)
    : connection_(connection), session_(session) {
  bson_error_t error{};
  if (session_ != nullptr) PENSTOCK_CHECK(mongoc_client_session_append(session_, options_.get(), &error));
}

SnapshotSession::~SnapshotSession() {
  if (session_ != nullptr) mongoc_client_session_destroy(session_);
}

Tried<void> SnapshotSession::find(const std::string& database, const std::string& collection,
                                  const Find& find, const Each& each, const std::string& what) {
  Reading reading;
  reading.collection =
      mongoc_client_get_collection(connection_.client(), database.c_str(), collection.c_str());
  const Bson options = find_options(find, &options_);
  reading.cursor =
      mongoc_collection_find_with_opts(reading.collection, find.filter.get(), options.get(), reading.primary);
  return reading.each(each, what);
}

Tried<std::uint64_t> SnapshotSession::count(const std::string& database, const std::string& collection,
                                            const Bson& filter, const std::string& what) {
  BsonList stages;
  if (filter.empty()) {
    stages.add(Bson().put("$sort", Bson().put_int("_id", 1)));  // an index scan, not the documents
  } else {
    stages.add(Bson().put("$match", filter));
  }
  stages.add(Bson().put_text("$count", "n"));
  const Bson pipeline = std::move(Bson().put_array("pipeline", stages.elements()));
  Bson options;
  options.append(options_);
  if (filter.empty()) options.put("hint", Bson().put_int("_id", 1));
  Reading reading;
  reading.collection =
      mongoc_client_get_collection(connection_.client(), database.c_str(), collection.c_str());
  reading.cursor = mongoc_collection_aggregate(reading.collection, MONGOC_QUERY_NONE, pipeline.get(),
                                               options.get(), reading.primary);
  std::uint64_t counted = 0;
  PENSTOCK_ATTEMPT(
      reading.each([&](const bson_t& document) { counted = unsigned_at(&document, "n"); }, what));
  return counted;
}

}  // namespace penstock::mongo
