#include "sink/mongo/mongo_sink.h"

#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "sink/mongo/encode/id_text.h"
#include "sink/mongo/lane.h"
#include "sink/mongo/lease/lease.h"
#include "sink/mongo/stage/staged_group.h"
#include "sink/mongo/state/collections.h"
#include "sink/mongo/state/removal.h"
#include "sink/mongo/state/takeover.h"
#include "sink/mongo/worker/sharing.h"

namespace penstock::mongo {
namespace {

class MongoSink : public DocumentSink {
 public:
  explicit MongoSink(std::unique_ptr<Context> context) : context_(std::move(context)), lease_(*context_) {
    for (std::size_t i = 0; i <= context_->options.chunk_lanes; ++i) {
      lanes_.push_back(std::make_unique<Lane>(*context_, i));
    }
  }

  Status lead(std::stop_token stop) override { return lease_.acquire(stop); }

  Result<Checkpoint> take_over() override {
    Connection connection(context_->clients);
    if (context_->options.begins_anew) PENSTOCK_TRY(forget_earlier_run(connection));
    PENSTOCK_TRY(ensure_collections(connection, context_->options));
    PENSTOCK_TRY(context_->options.shared ? become_shared(connection, *context_)
                                          : check_unshared(connection, *context_));
    std::vector<LaneClaim> claims;
    for (const auto& lane : lanes_) {
      PENSTOCK_TRY(lane->open());
      claims.push_back({lane->id(), claims.empty(), lane->session_id()});
    }
    PENSTOCK_ASSIGN(std::vector<LaneRecord> records, raise_epoch(connection, *context_, claims));
    PENSTOCK_ASSIGN(Checkpoint checkpoint,
                    load_checkpoint(connection, context_->options.database, context_->options.pipeline,
                                    context_->transactional() ? "majority" : "local"));
    PENSTOCK_TRY(note_occupied(connection, checkpoint));
    lease_.note_epoch(records.front().epoch);
    fresh_start_ = !checkpoint.exists || checkpoint.restart;
    for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i]->start(std::move(records[i]));
    return checkpoint;
  }

  Status store_source(const SourceIdentity& source, const Position& position) override {
    if (fresh_start_) PENSTOCK_TRY(drop_rereads());
    PENSTOCK_TRY(lanes_.front()->store_source(source, position));
    fresh_start_ = false;
    return {};
  }

  Result<Requests> requests() override {
    const std::lock_guard lock(requests_mutex_);
    Connection connection(context_->clients);
    Requests requests;
    PENSTOCK_ASSIGN(requests.resyncs, resync_requests(connection));
    PENSTOCK_ASSIGN(requests.repairs, repair_requests(connection));
    Find find;
    find.filter.put_text("_id", stream_lane_id(context_->options.pipeline));
    find.projection.put_int("rebuild", 1);
    PENSTOCK_ASSIGN(const std::vector<Bson> found,
                    to_result(connection.find(context_->options.database, kPositions, find, nullptr,
                                              "looking for rebuild requests")));
    std::set<std::string> asked;
    for (const Bson& document : found)
      for (std::string& name : texts_at(document.get(), "rebuild").value_or(std::vector<std::string>{}))
        asked.insert(std::move(name));
    for (const std::string& name : asked)
      if (!rebuilds_seen_.contains(name)) requests.rebuilds.push_back(name);
    rebuilds_seen_ = std::move(asked);
    return requests;
  }

  // It is no longer asked for; whoever asks from now on asks anew, also before the next look.
  Status rebuild_begun(const std::string& collection) override {
    const std::lock_guard lock(requests_mutex_);
    Connection connection(context_->clients);
    BsonList statements;
    statements.add(Bson()
                       .put("q", Bson().put_text("_id", stream_lane_id(context_->options.pipeline)))
                       .put("u", Bson().put("$pull", Bson().put_text("rebuild", collection))));
    const Bson command =
        std::move(Bson().put_text("update", kPositions).put_array("updates", statements.elements()));
    const Bson options = context_->durable();
    PENSTOCK_TRY(to_result(connection.write(context_->options.database, command, &options,
                                            "noting that " + collection + " is being rebuilt")));
    rebuilds_seen_.erase(collection);
    return {};
  }

  Result<std::vector<std::string>> resync_requests(Connection& connection) {
    Find find;
    find.filter.put_text("_id.pipeline", context_->options.pipeline);
    find.filter.put("resync_at", Bson().put_bool("$exists", true));
    PENSTOCK_ASSIGN(const std::vector<Bson> found,
                    to_result(connection.find(context_->options.database, kTables, find, nullptr,
                                              "looking for resync requests")));
    std::vector<std::string> tables;
    for (const Bson& document : found) {
      const std::string table = text_at(document.get(), "_id.table").value_or("");
      const std::int64_t asked = date_at(document.get(), "resync_at").value_or(0);
      if (std::exchange(resyncs_seen_[table], asked) != asked) tables.push_back(table);
    }
    return tables;
  }

  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    PENSTOCK_ASSIGN(auto encoded, encode_group(std::move(group), context_->options));
    encoded->token = context_->next_token++;
    return std::unique_ptr<StagedGroup>(std::move(encoded));
  }

  DocumentLane& lane(std::size_t number) override {
    PENSTOCK_CHECK(number < lanes_.size());
    return *lanes_[number];
  }
  std::size_t lanes() const override { return lanes_.size(); }

  Result<SweepPage> sweep(const DocumentShape& shape, const std::string& after, std::size_t limit) override {
    Connection connection(context_->clients);
    SweepPage page;
    page.next = after;
    for (;;) {
      PENSTOCK_ASSIGN(const std::vector<Bson> ids, ids_after(connection, shape, page.next, limit));
      if (ids.empty()) return page;
      for (const Bson& id : ids) add_to_sweep(shape, id, page);
      if (!page.keys.empty()) return page;
    }
  }

 private:
  // The lease stays: it is ours.
  Status forget_earlier_run(Connection& connection) {
    const std::string& database = context_->options.database;
    for (const CollectionOptions& collection : context_->options.collections)
      PENSTOCK_TRY(drop_collection(connection, database, collection.name));
    return remove_state(connection, database, context_->options.pipeline, KeepLease::kYes);
  }

  // Each once, for as long as it is stored.
  Result<std::vector<Reread>> repair_requests(Connection& connection) {
    Find find;
    find.filter.put_text("_id.pipeline", context_->options.pipeline).put_bool("repair", true);
    PENSTOCK_ASSIGN(const std::vector<Bson> found,
                    to_result(connection.find(context_->options.database, kRereads, find, nullptr,
                                              "looking for repairs")));
    std::vector<Reread> repairs;
    std::set<std::string> asked;
    for (const Bson& document : found) {
      Reread row = reread_from(document);
      const std::string request = row.id + '\0' + row.token;
      const bool seen = repairs_seen_.contains(request);
      asked.insert(request);
      if (!seen) repairs.push_back(std::move(row));
    }
    repairs_seen_ = std::move(asked);
    return repairs;
  }

  Result<std::vector<Bson>> ids_after(Connection& connection, const DocumentShape& shape,
                                      const std::string& after, std::size_t limit) {
    Find find;
    find.projection.put_int("_id", 1);
    find.sort.put_int("_id", 1);
    find.hint.put_int("_id", 1);
    find.limit = static_cast<std::int64_t>(limit);
    if (!after.empty()) {
      // A bound on the index, not a comparison: `$gt` would stop at the end of the bound's type.
      find.min = Bson::copy(reinterpret_cast<const std::uint8_t*>(after.data()), after.size());
      ++find.limit;
    }
    PENSTOCK_ASSIGN(std::vector<Bson> found,
                    to_result(connection.find(context_->options.database, shape.collection, find, nullptr,
                                              "reading the ids of " + shape.collection)));
    if (!found.empty() && found.front().bytes() == after) found.erase(found.begin());
    return found;
  }

  // A document that another program wrote has no row to ask for: it is left alone.
  void add_to_sweep(const DocumentShape& shape, const Bson& id, SweepPage& page) {
    page.next = id.bytes();
    Result<KeyText> key = id_to_text(shape, id.data(), id.size());
    if (!key) {
      log::warn("the document {} of {} is none of ours and is left alone: {}", id.json(), shape.collection,
                key.error().message);
      return;
    }
    Reread reread;
    reread.table = shape.table;
    reread.columns = shape.id_columns;
    reread.key = std::move(*key);
    reread.only_absent = true;
    page.keys.push_back(std::move(reread));
  }

  Status note_occupied(Connection& connection, Checkpoint& checkpoint) {
    for (const CollectionOptions& collection : context_->options.collections) {
      Find one;
      one.projection.put_int("_id", 1);
      one.limit = 1;
      PENSTOCK_ASSIGN(const std::vector<Bson> found,
                      to_result(connection.find(context_->options.database, collection.name, one, nullptr,
                                                "looking for documents of " + collection.name)));
      if (!found.empty()) checkpoint.occupied.insert(collection.name);
    }
    return {};
  }

  // Rows that an earlier life of the pipeline wanted to read again: its loads start over.
  Status drop_rereads() {
    Connection connection(context_->clients);
    BsonList statements;
    Bson ours;  // not the workers'
    ours.put_text("_id.pipeline", context_->options.pipeline)
        .put("origins", Bson().put_bool("$exists", false));
    statements.add(Bson().put("q", ours).put_int("limit", 0));
    const Bson command =
        std::move(Bson().put_text("delete", kRereads).put_array("deletes", statements.elements()));
    const Bson options = context_->durable();
    PENSTOCK_TRY(
        to_result(connection.write(context_->options.database, command, &options, "dropping old re-reads")));
    return {};
  }

  std::unique_ptr<Context> context_;
  Lease lease_;
  bool fresh_start_ = false;                          // no stored position to go on from
  std::mutex requests_mutex_;                         // requests() and rebuild_begun() come from two threads
  std::map<std::string, std::int64_t> resyncs_seen_;  // table -> when it was asked for
  std::set<std::string> rebuilds_seen_;               // asked for at the last look
  std::set<std::string> repairs_seen_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

Status check_topology(const Options& options, const ServerInfo& server) {
  if (server.topology != Topology::kStandalone) return {};
  if (!options.allow_standalone) {
    return fail(ErrorKind::kConfiguration,
                "MongoDB at " + redact(options.uri) +
                    " is a standalone server: it has no transactions, so that exactly "
                    "once and whole source transactions cannot be kept",
                "make it a replica set of one (mongod --replSet rs0, then rs.initiate()), or set `delivery: "
                "idempotent`");
  }
  log::warn(
      "MongoDB {} is a standalone server: delivery is idempotent. Changes arrive in order for each document "
      "and "
      "a replay converges, but readers can see part of a source transaction",
      server.version);
  return {};
}

}  // namespace

std::string dead_letter_collection(const std::string& collection) { return collection + "_dead_letters"; }

Result<std::shared_ptr<Clients>> open_clients(const Options& options) {
  return Clients::open(options.uri,
                       options.ends_with_process ? Clients::Kind::kProcess : Clients::Kind::kPool);
}

Result<std::unique_ptr<Context>> open_context(Options options) {
  auto context = std::make_unique<Context>();
  context->clients = options.clients;
  if (!context->clients) {
    PENSTOCK_ASSIGN(context->clients, open_clients(options));
  }
  {
    Connection connection(context->clients);
    PENSTOCK_ASSIGN(context->server, connection.describe());
  }
  PENSTOCK_TRY(check_topology(options, context->server));
  context->options = std::move(options);
  return context;
}

Result<std::unique_ptr<DocumentSink>> make_sink(Options options) {
  PENSTOCK_ASSIGN(auto context, open_context(std::move(options)));
  return std::unique_ptr<DocumentSink>(std::make_unique<MongoSink>(std::move(context)));
}

}  // namespace penstock::mongo
