#include "sink/mongo/compare/comparer.h"

#include <atomic>
#include <map>

#include "base/log.h"
#include "base/retry.h"
#include "sink/mongo/client.h"
#include "sink/mongo/compare/collection_comparison.h"
#include "sink/mongo/compare/snapshot_session.h"
#include "sink/mongo/state/takeover.h"

namespace penstock::mongo {
namespace {

constexpr unsigned kTries = 12;  // with their pauses about half a minute

class MongoComparer final : public Comparer {
 public:
  MongoComparer(std::shared_ptr<Clients> clients, const CompareOptions& options)
      : connection_(std::move(clients)), pipeline_(options.pipeline) {
    settings_.database = options.database;
    settings_.folder = options.folder;
    settings_.dead_letters = options.dead_letters;
    settings_.sample = options.sample;
  }

  Status prepare(std::vector<DocumentShape> shapes) {
    PENSTOCK_ASSIGN(const ServerInfo server, connection_.describe());
    snapshots_ = server.topology != Topology::kStandalone;
    for (DocumentShape& shape : shapes) {
      const std::string name = shape.collection;
      PENSTOCK_ASSIGN(auto made, CollectionComparison::make(settings_, std::move(shape)));
      order_.push_back(made.get());
      collections_.emplace(name, std::move(made));
    }
    return {};
  }

  bool has_snapshots() const override { return snapshots_; }

  Result<Checkpoint> look() override {
    session_.reset();
    PENSTOCK_ASSIGN(session_, SnapshotSession::start(connection_, snapshots_));
    PENSTOCK_ASSIGN(Checkpoint checkpoint, load_checkpoint(connection_, settings_.database, pipeline_,
                                                           nullptr, &session_->options()));
    if (begun_)
      for (CollectionComparison* collection : order_) collection->move();
    position_ = checkpoint.position.through_lsn;
    return checkpoint;
  }

  Result<bool> compare(const WriteGroup& group) override {
    begun_ = true;
    if (group.prepare) built_beside_[group.prepare->target] = group.prepare->collection;
    for (const DocumentWrite& write : group.writes)
      if (CollectionComparison* collection = collection_of(write)) PENSTOCK_TRY(collection->take(write));
    for (const RejectedDocument& rejected : group.rejected)
      if (CollectionComparison* collection = collection_of(rejected.write))
        PENSTOCK_TRY(collection->reject(rejected));
    for (CollectionComparison* collection : order_) {
      if (!collection->batch_is_full()) continue;
      PENSTOCK_ASSIGN(const bool done, compare_batch(*collection));
      if (!done) return false;
    }
    return true;
  }

  Result<bool> finish() override {
    begun_ = true;
    for (CollectionComparison* collection : order_) {
      PENSTOCK_ASSIGN(const bool compared, compare_batch(*collection));
      if (!compared) return false;
    }
    for (CollectionComparison* collection : order_) {
      PENSTOCK_ASSIGN(const bool done,
                      attempt([&] { return collection->find_extras(*session_, position_); }));
      count_progress();
      if (!done) return false;
    }
    return true;
  }

  Progress progress() const override { return {compared_.load(), ids_read_.load()}; }

  std::vector<CollectionResult> results() const override {
    std::vector<CollectionResult> all;
    for (const CollectionComparison* collection : order_) all.push_back(collection->result());
    return all;
  }

  std::vector<Difference> differences() const override {
    std::vector<Difference> all;
    for (const CollectionComparison* collection : order_)
      for (Difference& difference : collection->differences()) all.push_back(std::move(difference));
    return all;
  }

 private:
  CollectionComparison* collection_of(const DocumentWrite& write) {
    if (write.shape->collection == last_name_) return last_;
    last_name_ = write.shape->collection;
    last_ = find(last_name_);
    return last_;
  }

  CollectionComparison* find(const std::string& name) const {
    const auto beside = built_beside_.find(name);
    const auto found = collections_.find(beside == built_beside_.end() ? name : beside->second);
    return found == collections_.end() ? nullptr : found->second.get();
  }

  Result<bool> compare_batch(CollectionComparison& collection) {
    auto done = attempt([&] { return collection.compare_batch(*session_, position_); });
    count_progress();
    return done;
  }

  // False: the moment is gone.
  template <class Reading>
  Result<bool> attempt(Reading reading) {
    Backoff backoff;
    for (;;) {
      Tried<void> tried = reading();
      if (tried) return true;
      Failure& failure = tried.error();
      if (is_gone(failure)) return false;
      if (failure.kind != FailureKind::kUnavailable || backoff.tries() >= kTries) return fail(failure.error);
      const auto pause = backoff.next();
      log::warn("{}; trying again in {} ms", failure.error.message, pause.count());
      sleep_unless_stopped({}, pause);
    }
  }

  void count_progress() {
    std::uint64_t compared = 0;
    std::uint64_t ids = 0;
    for (const CollectionComparison* collection : order_) {
      compared += collection->looked_up();
      ids += collection->ids_read();
    }
    compared_ = compared;
    ids_read_ = ids;
  }

  Connection connection_;
  const std::string pipeline_;
  ComparisonSettings settings_;
  bool snapshots_ = false;
  bool begun_ = false;
  Lsn position_;
  std::map<std::string, std::unique_ptr<CollectionComparison>> collections_;
  std::vector<CollectionComparison*> order_;
  std::map<std::string, std::string> built_beside_;  // target -> the collection it is to be
  std::unique_ptr<SnapshotSession> session_;
  std::string last_name_;
  CollectionComparison* last_ = nullptr;
  std::atomic<std::uint64_t> compared_{0};
  std::atomic<std::uint64_t> ids_read_{0};
};

}  // namespace

Result<std::unique_ptr<Comparer>> Comparer::open(CompareOptions options) {
  PENSTOCK_ASSIGN(auto clients, Clients::open(options.uri, Clients::Kind::kSeparate));
  auto comparer = std::make_unique<MongoComparer>(std::move(clients), options);
  PENSTOCK_TRY(comparer->prepare(std::move(options.shapes)));
  return comparer;
}

}  // namespace penstock::mongo
