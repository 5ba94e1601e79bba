#include "sink/mongo/reader.h"

#include <algorithm>

#include "base/retry.h"
#include "sink/mongo/apply/bulk.h"
#include "sink/mongo/client.h"
#include "sink/mongo/kept/kept_reader.h"
#include "sink/mongo/lease/lease.h"
#include "sink/mongo/lease/process_identity.h"
#include "sink/mongo/mongo_sink.h"
#include "sink/mongo/state/collections.h"
#include "sink/mongo/state/records.h"
#include "sink/mongo/state/removal.h"
#include "sink/mongo/state/takeover.h"
#include "sink/mongo/worker/generation.h"

namespace penstock::mongo {
namespace {

constexpr std::chrono::milliseconds kFirstPoll(5);
constexpr std::chrono::milliseconds kLongestPoll(100);
constexpr const char* kProbe = "penstock_probe";

class MongoReader : public Reader {
 public:
  MongoReader(std::shared_ptr<Clients> clients, std::string database, std::string pipeline)
      : connection_(std::move(clients)), database_(std::move(database)), pipeline_(std::move(pipeline)) {}

  Result<ServerDescription> describe() override {
    PENSTOCK_ASSIGN(const ServerInfo info, connection_.describe());
    return ServerDescription{name_of(info.topology), info.version, info.replica_set, info.primary,
                             info.topology != Topology::kStandalone};
  }

  Status probe_writes() override {
    BsonList statements;
    statements.add(Bson().put_text("_id", pipeline_).put_now("at"));
    Bson command;
    command.put_text("insert", kProbe).put_array("documents", statements.elements());
    PENSTOCK_TRY(remove_from(kProbe, Bson().put_text("_id", pipeline_)));
    PENSTOCK_TRY(
        to_result(connection_.write(database_, command, nullptr, "writing to " + database_ + "." + kProbe)));
    return to_status(connection_.write(database_, Bson().put_text("drop", kProbe), nullptr,
                                       "dropping " + database_ + "." + kProbe));
  }

  Status check_collection(const std::string& name) override {
    return mongo::check_collection(connection_, database_, name);
  }

  Result<Checkpoint> read_checkpoint() override {
    PENSTOCK_ASSIGN(Checkpoint checkpoint, load_checkpoint(connection_, database_, pipeline_, "majority"));
    if (checkpoint.exists || !checkpoint.shared || checkpoint.shared->slot.empty()) return checkpoint;
    checkpoint.exists = true;  // by its workers; nobody has begun with the read models
    checkpoint.source.slot = checkpoint.shared->slot;
    return checkpoint;
  }

  Result<ProgressView> read_progress() override {
    PENSTOCK_ASSIGN(const std::vector<LaneRecord> lanes,
                    load_lanes(connection_, database_, pipeline_, "majority"));
    for (const LaneRecord& lane : lanes) {
      if (lane.id == stream_lane_id(pipeline_))
        return ProgressView{lane.updated_millis, lane.last_commit_micros};
    }
    return ProgressView{};
  }

  Result<std::optional<LeaseView>> read_lease() override {
    PENSTOCK_ASSIGN(const std::optional<LeaseRecord> lease,
                    mongo::read_lease(connection_, database_, pipeline_, "majority"));
    if (!lease) return std::nullopt;
    LeaseView view;
    view.host = lease->holder.host;
    view.pid = lease->holder.pid;
    view.since_millis = lease->since_millis;
    view.renewals = lease->renewals;
    view.epoch = lease->epoch;
    view.released = lease->released;
    view.dead = is_dead(lease->holder);
    return view;
  }

  Result<HealthView> read_health() override {
    PENSTOCK_ASSIGN(const auto found, find_lease());
    return found ? health_from(*found) : HealthView();
  }

  Status report_health(const HealthView& health) override {
    Bson statement;
    statement.put("q", Bson().put_text("_id", lease_id(pipeline_)).put_long("pid", this_process().pid));
    statement.put("u", Bson().put("$set", Bson().put("health", health_document(health))));
    PENSTOCK_ASSIGN([[maybe_unused]] const bool found, update(kPositions, statement, "telling how it fares"));
    return {};
  }

  Result<std::uint64_t> count(const std::string& collection, bool exact) override {
    Bson command;
    if (!exact) {
      command.put_text("count", collection);
      PENSTOCK_ASSIGN(const Bson reply,
                      to_result(connection_.read(database_, command, nullptr, "counting " + collection)));
      return unsigned_at(reply.get(), "n");
    }
    BsonList stages;
    stages.add(Bson().put("$sort", Bson().put_int("_id", 1)));  // an index scan, not the documents
    stages.add(Bson().put_text("$count", "n"));
    command.put_text("aggregate", collection).put_array("pipeline", stages.elements());
    command.put("cursor", Bson()).put("hint", Bson().put_int("_id", 1));
    command.put("readConcern", Bson().put_text("level", "majority"));
    PENSTOCK_ASSIGN(const Bson reply,
                    to_result(connection_.read(database_, command, nullptr, "counting " + collection)));
    const std::vector<Bson> batch = documents_at(reply.get(), "cursor.firstBatch");
    return batch.empty() ? 0 : unsigned_at(batch.front().get(), "n");
  }

  Result<bool> includes(Lsn lsn) override {
    // The position first: what it includes has its re-reads stored by then.
    PENSTOCK_ASSIGN(const Checkpoint checkpoint, read_checkpoint());
    if (!checkpoint.exists || checkpoint.restart ||
        !penstock::includes(checkpoint.position.through_lsn, lsn) ||
        (checkpoint.pending.since && *checkpoint.pending.since <= lsn)) {
      return false;
    }
    const bool loaded =
        std::all_of(checkpoint.tables.begin(), checkpoint.tables.end(),
                    [](const auto& table) { return table.second.state == LoadState::kLoaded; });
    return loaded && std::none_of(checkpoint.rereads.begin(), checkpoint.rereads.end(),
                                  [&](const Reread& reread) { return reread.since <= lsn; });
  }

  Result<bool> wait_for(Lsn lsn, std::chrono::milliseconds timeout, std::stop_token stop) override {
    const auto end = std::chrono::steady_clock::now() + timeout;
    auto pause = kFirstPoll;
    for (;;) {
      Result<bool> included = includes(lsn);
      if (included && *included) return true;
      if (!included && included.error().kind != ErrorKind::kMongoUnavailable) return included;
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return included;
      if (!sleep_unless_stopped(stop, std::min(pause, left))) {
        return fail(ErrorKind::kCancelled, "stopped while waiting for " + to_string(lsn));
      }
      pause = std::min(2 * pause, kLongestPoll);
    }
  }

  Status request_resync(const std::string& table) override {
    Bson set;
    set.put_text("resync_at", "$$NOW").put_text("resync_load", "$load_id");
    BsonList stages;
    stages.add(Bson().put("$set", set));
    Bson statement;
    statement.put("q", Bson().put("_id", table_id(pipeline_, table))).put_array("u", stages.elements());
    PENSTOCK_ASSIGN(const bool found, update(kTables, statement, "asking for a resync of " + table));
    if (found) return {};
    return fail(ErrorKind::kConfiguration,
                "the pipeline " + pipeline_ + " has not begun to load a table " + table,
                "name the table as schema.table, as `penstock status` shows it");
  }

  Status request_repair(const std::vector<Reread>& rows) override {
    Bulk bulk(connection_, database_, kRereads, nullptr);
    for (const Reread& row : rows) {
      Bson set = reread_update(row);
      set.put("$setOnInsert", Bson().put_bool("repair", true));
      bulk.upsert(Bson().put("_id", reread_id(pipeline_, row)), set);
    }
    return to_result(as_void(bulk.execute("asking for repairs")));
  }

  Status request_rebuild(const std::string& collection) override {
    Bson statement;
    statement.put("q", Bson().put_text("_id", stream_lane_id(pipeline_)));
    statement.put("u", Bson().put("$addToSet", Bson().put_text("rebuild", collection)));
    PENSTOCK_ASSIGN(const bool found, update(kPositions, statement, "asking for a rebuild"));
    if (found) return {};
    return fail(ErrorKind::kConfiguration,
                "the pipeline " + pipeline_ + " never ran: there is nothing to build anew",
                "run `penstock run` or `penstock load`");
  }

  Result<std::vector<std::string>> rebuild_requests() override {
    Find find;
    find.filter.put_text("_id", stream_lane_id(pipeline_));
    find.projection.put_int("rebuild", 1);
    find.read_concern = "majority";
    PENSTOCK_ASSIGN(
        const std::vector<Bson> found,
        to_result(connection_.find(database_, kPositions, find, nullptr, "looking for rebuild requests")));
    if (found.empty()) return std::vector<std::string>{};
    return texts_at(found.front().get(), "rebuild").value_or(std::vector<std::string>{});
  }

  Status request_restart() override {
    Bson statement;
    statement.put("q", Bson().put_text("_id", stream_lane_id(pipeline_)));
    statement.put("u", Bson().put("$set", Bson().put_bool("restart", true)));
    PENSTOCK_ASSIGN(const bool found, update(kPositions, statement, "asking for a resync"));
    if (found) return {};
    return fail(ErrorKind::kConfiguration,
                "the pipeline " + pipeline_ + " never ran: there is nothing to load again",
                "run `penstock run` or `penstock load`");
  }

  Status drop_state() override {
    PENSTOCK_TRY(end_generations(connection_, database_, pipeline_));
    const Bson by_id = std::move(Bson().put_text("_id.pipeline", pipeline_));
    for (const char* collection : {kOffsets, kRereads, kChunks, kTables})
      PENSTOCK_TRY(remove_from(collection, by_id));
    PENSTOCK_TRY(drop_kept(connection_, database_, pipeline_));
    PENSTOCK_TRY(remove_from(kPositions, Bson().put_text("pipeline", pipeline_)));
    for (const char* name :
         {kRereads, kChunks, kTables, kOffsets, kPositions, kDeadLetters, kept::kMarks, kept::kSummaries}) {
      PENSTOCK_ASSIGN(const std::uint64_t left, count(name, true));
      if (left > 0) continue;
      Tried<Bson> dropped = connection_.write(database_, Bson().put_text("drop", name), nullptr,
                                              std::string("dropping ") + name);
      constexpr int kNamespaceNotFound = 26;
      if (!dropped && dropped.error().code != kNamespaceNotFound) return fail(dropped.error().error);
    }
    return drop_unused_layouts(connection_, database_);
  }

  Status forget_state() override { return remove_state(connection_, database_, pipeline_, KeepLease::kNo); }

  Result<bool> rename(const std::string& from, const std::string& to) override {
    return rename_collection(connection_, database_, from, to);
  }

 private:
  static Tried<void> as_void(Tried<BulkCounts> counts) {
    if (!counts) return tl::unexpected<Failure>(std::move(counts).error());
    return {};
  }

  static Status to_status(Tried<Bson> tried) {
    if (!tried) return fail(std::move(tried.error().error));
    return {};
  }

  Result<std::optional<Bson>> find_lease() {
    Find find;
    find.filter.put_text("_id", lease_id(pipeline_));
    find.read_concern = "majority";
    PENSTOCK_ASSIGN(std::vector<Bson> found,
                    to_result(connection_.find(database_, kPositions, find, nullptr, "reading the lease")));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }

  Status remove_from(const std::string& collection, const Bson& filter) {
    BsonList statements;
    statements.add(Bson().put("q", filter).put_int("limit", 0));
    Bson command;
    command.put_text("delete", collection).put_array("deletes", statements.elements());
    return to_status(
        connection_.write(database_, command, nullptr, "removing from " + database_ + "." + collection));
  }

  Result<bool> update(const char* collection, const Bson& statement, const std::string& what) {
    BsonList statements;
    statements.add(statement);
    Bson command;
    command.put_text("update", collection).put_array("updates", statements.elements());
    PENSTOCK_ASSIGN(const Bson reply, to_result(connection_.write(database_, command, nullptr, what)));
    return unsigned_at(reply.get(), "n") == 1;
  }

  Connection connection_;
  const std::string database_;
  const std::string pipeline_;
};

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& uri, const std::string& database,
                                             const std::string& pipeline) {
  PENSTOCK_ASSIGN(auto clients, Clients::open(uri, Clients::Kind::kSeparate));
  return std::unique_ptr<Reader>(std::make_unique<MongoReader>(std::move(clients), database, pipeline));
}

}  // namespace penstock::mongo
