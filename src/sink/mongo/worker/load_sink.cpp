#include "sink/mongo/worker/load_sink.h"

#include <utility>
#include <vector>

#include "sink/mongo/lane.h"
#include "sink/mongo/stage/staged_group.h"
#include "sink/mongo/state/collections.h"
#include "sink/mongo/state/removal.h"
#include "sink/mongo/worker/claims.h"
#include "sink/mongo/worker/generation.h"
#include "sink/mongo/worker/random_name.h"
#include "sink/mongo/worker/statements.h"

namespace penstock::mongo {
namespace {

constexpr const char* kLoad = "outer load";
constexpr const char* kLoadLane = "outer lane";

std::string load_id(const std::string& pipeline, const std::string& load) {
  return pipeline + "/load " + load;
}

Error ended(const std::string& load) {
  return make_error(ErrorKind::kFenced, "the load " + load + " was ended: nothing of it is written any more",
                    "begin a load anew");
}

class LoadLane final : public DocumentLane {
 public:
  LoadLane(Context& context, const std::string& load)
      : context_(context),
        load_(load),
        lane_(context, load_id(context.options.pipeline, load) + " " + random_name()) {}
  ~LoadLane() override {
    Connection connection(context_.clients);
    static_cast<void>(end_lane(connection, context_, lane_.id()));
  }

  // The lane first, then a look whether the load is open: whoever ends it closes it before he removes lanes.
  Result<std::int64_t> begin() {
    PENSTOCK_TRY(lane_.open());
    Connection connection(context_.clients);
    Bson lane;
    lane.put_text("pipeline", context_.options.pipeline).put_text("kind", kLoadLane).put_text("load", load_);
    lane.put_long("epoch", 1).put_long("sequence", 0).put_uuid("session", lane_.session_id());
    put_position(lane, Position{});
    PENSTOCK_TRY(to_status(update(connection, context_, kPositions, Bson().put_text("_id", lane_.id()),
                                  Bson().put("$setOnInsert", lane), true, "creating a lane of a load")));
    PENSTOCK_ASSIGN(const auto load,
                    position_document(connection, context_, load_id(context_.options.pipeline, load_)));
    if (!load || !bool_at(load->get(), "open")) return fail(ended(load_));
    LaneRecord record;
    record.id = lane_.id();
    record.epoch = 1;
    lane_.start(std::move(record));
    return date_at(load->get(), "begun_at").value_or(0) * 1000;
  }

  Result<CommitResult> commit(StagedGroup& group) override {
    auto committed = lane_.commit(group);
    if (!committed && committed.error().kind == ErrorKind::kFenced) return fail(ended(load_));
    return committed;
  }

 private:
  Context& context_;
  const std::string load_;
  Lane lane_;
};

class Sink final : public LoadSink {
 public:
  explicit Sink(std::unique_ptr<Context> context) : context_(std::move(context)) {}

  Result<std::string> begin() override {
    Connection connection(context_->clients);
    const std::string& pipeline = context_->options.pipeline;
    PENSTOCK_ASSIGN(const auto before, found(connection, kLoad, nullptr));
    for (const Bson& load : before) PENSTOCK_TRY(close(connection, text_at(load.get(), "load").value_or("")));
    if (context_->options.begins_anew) PENSTOCK_TRY(forget(connection));
    PENSTOCK_TRY(ensure_collections(connection, context_->options));
    std::string load = random_name();
    Bson document;
    document.put_text("pipeline", pipeline).put_text("kind", kLoad).put_text("load", load);
    document.put_bool("open", true).put_now("begun_at");
    PENSTOCK_TRY(
        to_status(update(connection, *context_, kPositions, Bson().put_text("_id", load_id(pipeline, load)),
                         Bson().put("$setOnInsert", document), true, "beginning a load")));
    return load;
  }

  Result<std::string> begin_models(const KeptModels& models) override {
    Connection connection(context_->clients);
    return mongo::begin_models(connection, *context_, models, true);
  }

  std::unique_ptr<KeptState> kept_state() override {
    return make_kept_reader(context_->clients, context_->options.database, context_->options.pipeline);
  }

  Result<Writer> writer(const std::string& load) override {
    auto lane = std::make_unique<LoadLane>(*context_, load);
    PENSTOCK_ASSIGN(const std::int64_t begun, lane->begin());
    return Writer{std::move(lane), begun};
  }

  Status end(const std::string& load) override {
    Connection connection(context_->clients);
    return close(connection, load);
  }

  Result<std::string> occupied() override {
    Connection connection(context_->clients);
    for (const CollectionOptions& collection : context_->options.collections) {
      Find one;
      one.projection.put_int("_id", 1);
      one.limit = 1;
      PENSTOCK_ASSIGN(const auto documents,
                      to_result(connection.find(context_->options.database, collection.name, one, nullptr,
                                                "looking for documents of " + collection.name)));
      if (!documents.empty()) return collection.name;
    }
    return std::string();
  }

  Result<bool> was_applied() override {
    Connection connection(context_->clients);
    Find one;
    one.filter.put_text("_id.pipeline", context_->options.pipeline);
    one.filter.put("next", Bson().put_long("$gt", 0));
    one.limit = 1;
    PENSTOCK_ASSIGN(const auto found, to_result(connection.find(context_->options.database, kOffsets, one,
                                                                nullptr, "looking for applied records")));
    return !found.empty();
  }

  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    PENSTOCK_ASSIGN(auto encoded, encode_group(std::move(group), context_->options));
    encoded->token = context_->next_token++;
    return std::unique_ptr<StagedGroup>(std::move(encoded));
  }

 private:
  Result<std::vector<Bson>> found(Connection& connection, const char* kind, const std::string* load) {
    Find find;
    find.filter.put_text("pipeline", context_->options.pipeline).put_text("kind", kind);
    if (load != nullptr) find.filter.put_text("load", *load);
    return to_result(
        connection.find(context_->options.database, kPositions, find, nullptr, "reading the loads"));
  }

  Status close(Connection& connection, const std::string& load) {
    const std::string id = load_id(context_->options.pipeline, load);
    PENSTOCK_TRY(
        to_status(update(connection, *context_, kPositions, Bson().put_text("_id", id),
                         Bson().put("$set", Bson().put_bool("open", false)), false, "ending a load")));
    PENSTOCK_ASSIGN(const auto lanes, found(connection, kLoadLane, &load));
    for (const Bson& lane : lanes)
      PENSTOCK_TRY(end_lane(connection, *context_, text_at(lane.get(), "_id").value_or("")));
    return end_lane(connection, *context_, id);
  }

  // In this order: tasks that are late find their generation over, then their places gone, and write nothing.
  Status forget(Connection& connection) {
    PENSTOCK_TRY(end_generations(connection, context_->options.database, context_->options.pipeline));
    const Bson ours = std::move(Bson().put_text("_id.pipeline", context_->options.pipeline));
    PENSTOCK_TRY(remove(connection, *context_, kOffsets, ours, "forgetting the offsets"));
    for (const CollectionOptions& collection : context_->options.collections)
      PENSTOCK_TRY(drop_collection(connection, context_->options.database, collection.name));
    PENSTOCK_TRY(
        remove_state(connection, context_->options.database, context_->options.pipeline, KeepLease::kNo));
    return drop_kept(connection, context_->options.database, context_->options.pipeline);
  }

  std::unique_ptr<Context> context_;
};

}  // namespace

Status check_no_load(Connection& connection, const Context& context) {
  Find find;
  find.filter.put_text("pipeline", context.options.pipeline).put_text("kind", kLoad).put_bool("open", true);
  find.limit = 1;
  PENSTOCK_ASSIGN(const auto found, to_result(connection.find(context.options.database, kPositions, find,
                                                              nullptr, "looking for a load")));
  if (found.empty()) return {};
  return fail(ErrorKind::kConfiguration,
              "a first load of the pipeline " + context.options.pipeline + " has begun and has not ended",
              "let it end; if it has died, load again with --clear, or penstock teardown PIPELINE --yes");
}

Result<std::unique_ptr<LoadSink>> LoadSink::open(Options options) {
  PENSTOCK_ASSIGN(auto context, open_context(std::move(options)));
  return std::unique_ptr<LoadSink>(std::make_unique<Sink>(std::move(context)));
}

}  // namespace penstock::mongo
