#include "sink/mongo/worker/worker_sink.h"

#include <map>
#include <utility>

#include "base/check.h"
#include "sink/mongo/kept/kept_models.h"
#include "sink/mongo/lane.h"
#include "sink/mongo/stage/staged_group.h"
#include "sink/mongo/state/collections.h"
#include "sink/mongo/worker/claims.h"
#include "sink/mongo/worker/random_name.h"
#include "sink/mongo/worker/sharing.h"

namespace penstock::mongo {
namespace {

std::string new_lane(const std::string& pipeline) { return pipeline + "/worker-" + random_name(); }

class WorkerSink final : public DocumentSink {
 public:
  WorkerSink(std::unique_ptr<Context> context, Shares shares)
      : context_(std::move(context)),
        shares_(std::move(shares)),
        id_(new_lane(context_->options.pipeline)),
        lane_(*context_, id_) {}

  Status lead(std::stop_token stop) override { return static_cast<void>(stop), Status{}; }

  Result<Checkpoint> take_over() override {
    Connection connection(context_->clients);
    PENSTOCK_TRY(ensure_collections(connection, context_->options));
    PENSTOCK_TRY(become_shared(connection, *context_));
    PENSTOCK_TRY(lane_.open());
    Checkpoint checkpoint;
    PENSTOCK_ASSIGN(LaneRecord record,
                    claim(connection, *context_, id_, lane_.session_id(), shares_, checkpoint.places));
    // After the claim: what an owner before has written, it wrote after the slot.
    PENSTOCK_ASSIGN(checkpoint.source.slot, shared_slot(connection, *context_));
    checkpoint.exists = !checkpoint.source.slot.empty();
    checkpoint.epoch = record.epoch;
    Places owned;
    std::map<std::string, std::string> tables;
    for (const auto& [partition, share] : shares_) {
      owned[partition];
      tables[partition.topic] = share.table;
    }
    merge(owned, checkpoint.places);
    lane_.start(std::move(record), std::move(owned), std::move(tables));
    return checkpoint;
  }

  Status store_source(const SourceIdentity& source, const Position& position) override {
    Connection connection(context_->clients);
    PENSTOCK_TRY(store_shared_slot(connection, *context_, source.slot));
    return lane_.store_source(source, position);
  }

  Result<Requests> requests() override { return Requests{}; }
  Status rebuild_begun(const std::string& collection) override {
    return static_cast<void>(collection), Status{};
  }

  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    PENSTOCK_ASSIGN(auto encoded, encode_group(std::move(group), context_->options));
    encoded->token = context_->next_token++;
    return std::unique_ptr<StagedGroup>(std::move(encoded));
  }

  DocumentLane& lane(std::size_t number) override {
    PENSTOCK_CHECK(number == 0);
    return lane_;
  }
  std::size_t lanes() const override { return 1; }

  Result<SweepPage> sweep(const DocumentShape& shape, const std::string& after, std::size_t limit) override {
    return static_cast<void>(shape), static_cast<void>(after), static_cast<void>(limit), SweepPage{};
  }

 private:
  std::unique_ptr<Context> context_;
  const Shares shares_;
  const std::string id_;
  Lane lane_;
};

}  // namespace

Result<bool> workers_have_begun(const Options& options) {
  PENSTOCK_ASSIGN(const auto context, open_context(options));
  Connection connection(context->clients);
  return shared_slot(connection, *context).map([](const std::string& slot) { return !slot.empty(); });
}

Status check_not_kept(const Options& options) {
  PENSTOCK_ASSIGN(const auto context, open_context(options));
  Connection connection(context->clients);
  return refuse_kept_models(connection, *context);
}

Status begin_workers_at(const Options& options, const Shares& shares, const Places& places,
                        const std::string& slot) {
  PENSTOCK_ASSIGN(const auto context, open_context(options));
  Connection connection(context->clients);
  PENSTOCK_TRY(become_shared(connection, *context));
  return store_first_places(connection, *context, shares, places, slot);
}

Result<std::unique_ptr<DocumentSink>> make_worker_sink(Options options, Shares shares) {
  PENSTOCK_ASSIGN(auto context, open_context(std::move(options)));
  return std::unique_ptr<DocumentSink>(std::make_unique<WorkerSink>(std::move(context), std::move(shares)));
}

}  // namespace penstock::mongo
