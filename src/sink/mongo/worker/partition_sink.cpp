#include "sink/mongo/worker/partition_sink.h"

#include <random>
#include <utility>
#include <vector>

#include "base/log.h"
#include "sink/mongo/lane.h"
#include "sink/mongo/stage/staged_group.h"
#include "sink/mongo/state/collections.h"
#include "sink/mongo/state/takeover.h"
#include "sink/mongo/worker/claims.h"
#include "sink/mongo/worker/generation.h"
#include "sink/mongo/worker/load_sink.h"
#include "sink/mongo/worker/random_name.h"
#include "sink/mongo/worker/sharing.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

constexpr const char* kTask = "task";

// Groups of several processes must not be taken for one another.
std::uint64_t random_token() {
  std::random_device random;
  return (std::uint64_t{random()} << 30U | random()) & 0x3fff'ffff'ffff'ffffULL;
}

Result<std::optional<Bson>> place_of(Connection& connection, const Context& context,
                                     const PartitionId& partition) {
  Find find;
  find.filter.put("_id", shared_place_id(context.options.pipeline, partition));
  find.limit = 1;
  find.read_concern = "majority";
  PENSTOCK_ASSIGN(std::vector<Bson> found,
                  to_result(connection.find(context.options.database, kOffsets, find, nullptr,
                                            "reading where " + to_string(partition) + " stands")));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Error owned_by_worker(const PartitionId& partition, const Bson& document) {
  return make_error(ErrorKind::kFenced,
                    "the worker " + text_at(document.get(), "worker").value_or("") +
                        " of penstock apply has " + to_string(partition),
                    "end the workers, and begin the stream again with --take-over");
}

// Whether the place was begun with what the share is made with now.
bool is_of(const Bson& document, const Share& share) {
  const auto generation = text_at(document.get(), "generation");  // none: of a worker of `penstock apply`
  return text_at(document.get(), "definition") == share.definition &&
         (!generation || *generation == share.generation);
}

// The partition from whoever was seen to have it, at `place` from now on. False: it changed hands.
Tried<bool> set_owner(Connection& connection, const Context& context, const PartitionId& partition,
                      const Share& share, const Place* place, const Bson* before) {
  Bson filter;
  filter.put("_id", shared_place_id(context.options.pipeline, partition));
  if (before != nullptr) filter.put_copy("owner", before->get(), "owner");
  if (before != nullptr && has(before->get(), "sequence"))
    filter.put_copy("sequence", before->get(), "sequence");
  Bson set;
  set.put_text("owner", partition_owner(context.options.pipeline, partition))
      .put_text("worker", kTasksWorker);
  set.put_text("definition", share.definition).put_text("generation", share.generation);
  set.put_now("taken_over_at");
  if (place != nullptr) set.append(place_fields(*place)).put_long("settled", 0);
  Bson change;
  if (before != nullptr) {
    change.put("$set", set).put("$inc", Bson().put_long("sequence", 1));
  } else {
    change.put("$setOnInsert", set.put_long("sequence", 0));
  }
  PENSTOCK_ATTEMPT_ASSIGN(const Bson reply,
                          update(connection, context, kOffsets, filter, change, before == nullptr,
                                 "storing who has " + to_string(partition)));
  return unsigned_at(reply.get(), "n") == 1;
}

class OnePartition final : public PartitionLane {
 public:
  OnePartition(Context& context, PartitionId partition, Share share)
      : context_(context),
        partition_(std::move(partition)),
        share_(std::move(share)),
        lane_(context, partition_),
        name_(lane_.id() + " " + random_name()) {
    lane_.when_held([this] { end_others(); });
  }
  ~OnePartition() override {
    if (!noted_) return;
    Connection connection(context_.clients);
    static_cast<void>(forget(connection, {name_}));
  }

  Result<Place> look() override {
    PENSTOCK_TRY(lane_.open());
    Connection connection(context_.clients);
    PENSTOCK_TRY(note_session(connection));
    PENSTOCK_ASSIGN(std::optional<Bson> document, place_of(connection, context_, partition_));
    if (!document || (is_lane(partition_) && !is_of(*document, share_))) {
      PENSTOCK_TRY(begin(connection, document));
      PENSTOCK_ASSIGN(document, place_of(connection, context_, partition_));
    }
    if (!document)
      return fail(ErrorKind::kMongoUnavailable,
                  "the place of " + to_string(partition_) + " was stored and is not there yet");
    if (text_at(document->get(), "owner") != lane_.id()) return fail(owned_by_worker(partition_, *document));
    if (text_at(document->get(), "definition") != share_.definition)
      return fail(ErrorKind::kConfiguration,
                  "the collections of " + share_.table + " are defined otherwise than when " +
                      to_string(partition_) + " was begun",
                  "end the streams of the pipeline and begin one with the new file");
    if (!is_of(*document, share_)) return fail(over());
    LaneRecord record;
    record.id = lane_.id();
    record.epoch = 1;
    record.sequence = unsigned_at(document->get(), "sequence");
    const Place place = place_fields_from(*document);
    lane_.start(std::move(record), {{partition_, place}}, {{partition_.topic, share_.table}});
    return place;
  }

  Result<std::vector<Reread>> open_rereads() override {
    Connection connection(context_.clients);
    Bson origin;
    origin.put_text("topic", partition_.topic).put_int("partition", partition_.number);
    Find find;
    find.filter.put_text("_id.pipeline", context_.options.pipeline);
    find.filter.put("origins", Bson().put("$elemMatch", origin));
    find.read_concern = "majority";
    PENSTOCK_ASSIGN(const std::vector<Bson> found,
                    to_result(connection.find(context_.options.database, kRereads, find, nullptr,
                                              "reading the rows to be read again")));
    std::vector<Reread> rows;
    rows.reserve(found.size());
    for (const Bson& document : found) rows.push_back(reread_from(document));
    return rows;
  }

  Result<CommitResult> commit(StagedGroup& group) override { return lane_.commit(group); }

 private:
  Error over() const {
    return make_error(ErrorKind::kConfiguration,
                      "the stream that this task belongs to is over: the pipeline " +
                          context_.options.pipeline + " was begun anew since",
                      "end it, and begin one with the present file");
  }

  // A place for who has none, or the lane of a generation before. It is made first and looked at afterwards:
  // who makes another generation does that before he removes the places.
  Status begin(Connection& connection, const std::optional<Bson>& before) {
    const std::string& pipeline = context_.options.pipeline;
    const std::string id = is_lane(partition_) ? models_id(pipeline) : stream_id(pipeline);
    PENSTOCK_ASSIGN(const bool early, is_in_force(connection, context_, id, share_.generation));
    if (!early) return fail(over());
    const Place first;
    const auto made = set_owner(connection, context_, partition_, share_, before ? nullptr : &first,
                                before ? &*before : nullptr);
    if (!made && made.error().kind != FailureKind::kDuplicateKey) return fail(made.error().error);
    PENSTOCK_ASSIGN(const bool late, is_in_force(connection, context_, id, share_.generation));
    if (late) return {};
    Bson own;
    own.put("_id", shared_place_id(pipeline, partition_)).put_text("generation", share_.generation);
    PENSTOCK_TRY(remove(connection, context_, kOffsets, own, "taking a place back"));
    return fail(over());
  }

  // So that whoever finds the partition held by a transaction of ours can end it, should we be dead.
  Status note_session(Connection& connection) {
    if (noted_) return {};
    Bson note;
    note.put_text("pipeline", context_.options.pipeline)
        .put_text("kind", kTask)
        .put_text("owner", lane_.id());
    note.put_uuid("session", lane_.session_id()).put_now("begun_at");
    PENSTOCK_TRY(to_status(update(connection, context_, kPositions, Bson().put_text("_id", name_),
                                  Bson().put("$setOnInsert", note), true, "noting a session")));
    noted_ = true;
    return {};
  }

  // A twin that is alive finds its transaction gone, and looks where the partition stands.
  void end_others() {
    Connection connection(context_.clients);
    Find find;
    find.filter.put_text("pipeline", context_.options.pipeline).put_text("kind", kTask);
    find.filter.put_text("owner", lane_.id()).put("_id", Bson().put_text("$ne", name_));
    const auto found =
        connection.find(context_.options.database, kPositions, find, nullptr, "looking for sessions");
    if (!found || found->empty()) return;
    std::vector<LaneRecord> others;
    std::vector<std::string> names;
    for (const Bson& document : *found) {
      others.push_back(lane_from(document));
      names.push_back(others.back().id);
    }
    log::info("{} is held by a transaction of another task: its session is ended", to_string(partition_));
    if (kill_sessions(connection, others)) static_cast<void>(forget(connection, names));
  }

  Tried<Bson> forget(Connection& connection, const std::vector<std::string>& names) {
    BsonList statements;
    statements.add(Bson().put("q", Bson().put("_id", Bson().put_texts("$in", names))).put_int("limit", 0));
    Bson command;
    command.put_text("delete", kPositions).put_array("deletes", statements.elements());
    return connection.write(context_.options.database, command, nullptr, "forgetting sessions");
  }

  Context& context_;
  const PartitionId partition_;
  const Share share_;
  Lane lane_;
  const std::string name_;
  bool noted_ = false;
};

class Sink final : public PartitionSink {
 public:
  explicit Sink(std::unique_ptr<Context> context) : context_(std::move(context)) {
    context_->next_token = random_token();
  }

  Status prepare(const std::string& slot) override {
    Connection connection(context_->clients);
    PENSTOCK_TRY(ensure_collections(connection, context_->options));
    PENSTOCK_TRY(become_shared(connection, *context_));
    return store_shared_slot(connection, *context_, slot);
  }

  Result<std::string> generation() override {
    Connection connection(context_->clients);
    return stream_generation(connection, *context_);
  }

  Status check_free(const Shares& shares, bool take_over) override {
    Connection connection(context_->clients);
    PENSTOCK_TRY(check_no_load(connection, *context_));
    if (take_over) return {};
    for (const auto& [partition, share] : shares) {
      PENSTOCK_ASSIGN(const auto document, place_of(connection, *context_, partition));
      const auto owner = document ? text_at(document->get(), "owner") : std::nullopt;
      if (owner && owner != partition_owner(context_->options.pipeline, partition))
        return fail(owned_by_worker(partition, *document));
    }
    return {};
  }

  Result<Places> stored(const Shares& shares) override {
    Connection connection(context_->clients);
    Places places;
    for (const auto& [partition, share] : shares) {
      PENSTOCK_ASSIGN(const auto document, place_of(connection, *context_, partition));
      if (document && is_begun(*document, share)) places[partition] = place_fields_from(*document);
    }
    return places;
  }

  Result<Places> begin(const Shares& shares, const Places& beginnings, bool take_over) override {
    Connection connection(context_->clients);
    for (const auto& [partition, share] : shares) {
      PENSTOCK_ASSIGN(const auto document, place_of(connection, *context_, partition));
      PENSTOCK_TRY(own(connection, partition, share, beginnings.at(partition), document, take_over));
    }
    return stored(shares);
  }

  Result<std::string> kept_generation(const KeptModels& models) override {
    Connection connection(context_->clients);
    return mongo::kept_generation(connection, *context_, models);
  }

  Result<std::string> begin_models(const KeptModels& models) override {
    Connection connection(context_->clients);
    return mongo::begin_models(connection, *context_, models, false);
  }

  Result<std::vector<std::string>> lanes_to_settle() override {
    Connection connection(context_->clients);
    return mongo::lanes_to_settle(connection, *context_);
  }

  std::unique_ptr<KeptState> kept_state() override {
    return make_kept_reader(context_->clients, context_->options.database, context_->options.pipeline);
  }

  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    PENSTOCK_ASSIGN(auto encoded, encode_group(std::move(group), context_->options));
    encoded->token = context_->next_token++;
    return std::unique_ptr<StagedGroup>(std::move(encoded));
  }

  std::unique_ptr<PartitionLane> lane(const PartitionId& partition, const Share& share) override {
    return std::make_unique<OnePartition>(*context_, partition, share);
  }

 private:
  static bool is_begun(const Bson& document, const Share& share) {
    return has(document.get(), "next") && is_of(document, share);
  }

  Status own(Connection& connection, const PartitionId& partition, const Share& share, const Place& beginning,
             const std::optional<Bson>& before, bool take_over) {
    const bool begun = before && is_begun(*before, share);
    const auto owner = before ? text_at(before->get(), "owner") : std::nullopt;
    const bool ours = owner == partition_owner(context_->options.pipeline, partition);
    if (ours && begun) return {};
    if (owner && !ours) {
      if (!take_over) return fail(owned_by_worker(partition, *before));
      PENSTOCK_TRY(end_lane(connection, *context_, *owner));
    }
    if (before && has(before->get(), "next") && !begun)
      log::info("{} is read from its beginning: its collections are defined otherwise", to_string(partition));
    const auto owned = set_owner(connection, *context_, partition, share, begun ? nullptr : &beginning,
                                 before ? &*before : nullptr);
    if (!owned && owned.error().kind != FailureKind::kDuplicateKey) return fail(owned.error().error);
    if (owned && *owned) return {};
    return fail(ErrorKind::kFenced,
                "somebody else begins with " + to_string(partition) + " at the same moment", "begin again");
  }

  std::unique_ptr<Context> context_;
};

}  // namespace

Result<std::unique_ptr<PartitionSink>> PartitionSink::open(Options options) {
  PENSTOCK_ASSIGN(auto context, open_context(std::move(options)));
  if (!context->transactional())
    return fail(
        ErrorKind::kConfiguration,
        "a standalone MongoDB has no transactions: what several tasks write at once cannot be kept exact",
        "make it a replica set of one (mongod --replSet rs0, then rs.initiate())");
  return std::unique_ptr<PartitionSink>(std::make_unique<Sink>(std::move(context)));
}

}  // namespace penstock::mongo
