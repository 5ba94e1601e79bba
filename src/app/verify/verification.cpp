#include "app/verify/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>

#include "app/apply/topics.h"
#include "app/preflight/joins.h"
#include "app/verify/collection_shapes.h"
#include "app/verify/compare_worker.h"
#include "app/verify/pipeline_moment.h"
#include "app/verify/recomputation.h"
#include "app/verify/steady_differences.h"
#include "app/verify/temporary_folder.h"
#include "app/verify/topic_moment.h"
#include "app/verify/verify_progress.h"
#include "base/bounded_queue.h"
#include "base/log.h"
#include "source/postgres/snapshot/snapshot_source.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMostRounds = 30;  // without snapshots: until what changes meanwhile has been seen
constexpr std::size_t kQueueBytes = 32U << 20;

class Verification {
 public:
  Verification(const Settings& settings, const VerifyRequest& request, std::stop_token stop)
      : settings_(settings), request_(request), stop_(std::move(stop)) {}

  Result<VerifyReport> run() {
    const auto began = Clock::now();
    PENSTOCK_TRY(open());
    PENSTOCK_TRY(read_tables());
    PENSTOCK_TRY(reach_position());
    PENSTOCK_TRY(compare_documents());
    if (from_topics_) {
      PENSTOCK_TRY(settle_topics());
    } else if (!comparer_->has_snapshots()) {
      PENSTOCK_TRY(settle());
    }
    worker_.reset();
    progress_.end();
    VerifyReport report;
    report.pipeline = settings_.pipeline;
    report.position = position_;
    report.one_position = !moved_;
    report.sample = request_.sample;
    report.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    report.collections = comparer_->results();
    report.differences = comparer_->differences();
    if (from_topics_) steady_.keep_in(report);
    return report;
  }

 private:
  Status open();
  bool is_wanted(const std::string& collection) const;
  Status open_comparer();
  Status open_recomputation();
  Status read_tables();
  Status load_batches(BoundedQueue<EventBatchPtr>& queue);
  Status reach_position();
  Status compare_documents();
  Status settle();
  Status settle_topics();
  Status hand_over(WriteGroup group);
  Status hand_over_waiting();
  Status finish();
  Status advance();
  Status take_moment();
  Status compare_in_turn(WriteGroup group);
  void show_compared();

  const Settings& settings_;
  const VerifyRequest& request_;
  std::stop_token stop_;
  std::optional<TemporaryFolder> folder_;
  std::unique_ptr<postgres::SnapshotSource> source_;
  std::unique_ptr<mongo::Comparer> comparer_;
  std::unique_ptr<PipelineMoment> moment_;
  std::optional<Recomputation> recomputation_;
  std::unique_ptr<CompareWorker> worker_;
  VerifyProgress progress_;
  std::uint64_t documents_ = 0;  // to be expected, about
  Position position_;
  bool moved_ = false;
  bool from_topics_ = false;  // a moment may show more than its position
  SteadyDifferences steady_;
  std::uint64_t changes_ = 0;  // of rows, between the last two positions
  // Not taken by the worker yet, the oldest first: what comes later takes the place of what came before.
  std::deque<WriteGroup> waiting_;
};

Status Verification::open() {
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings_.sink.mongodb, settings_.sink.database, settings_.pipeline));
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader->read_checkpoint());
  if (!checkpoint.exists)
    return fail(ErrorKind::kCheckFailed, "the pipeline " + settings_.pipeline + " never ran",
                (reads_topics(settings_, checkpoint) ? "penstock apply " : "penstock run ") + settings_.file);
  from_topics_ = reads_topics(settings_, checkpoint);
  PENSTOCK_ASSIGN(auto folder, TemporaryFolder::make(request_.folder));
  folder_.emplace(std::move(folder));
  postgres::SnapshotOptions options{settings_.source.postgres, settings_.source.publication, {}};
  for (const auto& table : settings_.tables()) {
    const auto& readers = table.collections;
    if (std::any_of(readers.begin(), readers.end(), [&](const auto& name) { return is_wanted(name); }))
      options.tables.push_back({table.name, table.key, {}, {}, {}});
  }
  source_ = postgres::SnapshotSource::make(std::move(options));
  PENSTOCK_ASSIGN(const Lsn lsn, source_->open(stop_));
  log::info("comparing with PostgreSQL as of {}", to_string(lsn));
  PENSTOCK_TRY(open_comparer());
  moment_ = from_topics_ ? std::make_unique<TopicMoment>(settings_, *comparer_, lsn)
                         : std::make_unique<PipelineMoment>(settings_, *comparer_, lsn);
  return open_recomputation();
}

bool Verification::is_wanted(const std::string& collection) const {
  return std::find(request_.collections.begin(), request_.collections.end(), collection) !=
         request_.collections.end();
}

Status Verification::open_comparer() {
  mongo::CompareOptions options;
  options.uri = settings_.sink.mongodb;
  options.database = settings_.sink.database;
  options.pipeline = settings_.pipeline;
  options.folder = folder_->path();
  options.dead_letters = settings_.errors == OnBadRow::kDeadLetter;
  options.sample = request_.sample;
  for (const auto& collection : settings_.collections) {
    if (!is_wanted(collection.spec.name)) continue;
    const auto table = std::find_if(source_->tables().begin(), source_->tables().end(), [&](const auto& one) {
      return one.schema->table == collection.spec.from;
    });
    if (table == source_->tables().end())
      return fail(ErrorKind::kInternal, "collection " + collection.spec.name + " comes from no table");
    PENSTOCK_ASSIGN(DocumentShape shape, outline(collection.spec, *table->schema));
    options.shapes.push_back(std::move(shape));
  }
  PENSTOCK_ASSIGN(comparer_, mongo::Comparer::open(std::move(options)));
  if (!comparer_->has_snapshots())
    log::warn(
        "MongoDB is a standalone server, which has no snapshots: what changes while it is read is compared "
        "again until it stays");
  return {};
}

Status Verification::open_recomputation() {
  std::vector<CollectionSpec> specs;
  for (const auto& collection : settings_.collections)
    if (is_wanted(collection.spec.name)) specs.push_back(collection.spec);
  std::vector<TableSchema> tables;
  for (const auto& table : source_->tables()) tables.push_back(*table.schema);
  PENSTOCK_ASSIGN(auto made,
                  Recomputation::make(settings_, std::move(specs), tables, folder_->path() + "/state"));
  recomputation_.emplace(std::move(made));
  return {};
}

// PostgreSQL is read in a thread of its own while the rows are taken in.
Status Verification::read_tables() {
  BoundedQueue<EventBatchPtr> queue(64, kQueueBytes);
  Status read;
  std::jthread reader([&](std::stop_token ended) {
    read = source_->read(ended, [&](EventBatchPtr batch) -> Status {
      const std::size_t bytes = batch->bytes();
      while (!queue.push_for(batch, bytes, std::chrono::milliseconds(100)))
        if (ended.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
      return {};
    });
    queue.close();
  });
  const Status loaded = load_batches(queue);
  if (!loaded) {
    reader.request_stop();
    source_->cancel();
  }
  reader.join();
  PENSTOCK_TRY(loaded);
  return read;
}

Status Verification::load_batches(BoundedQueue<EventBatchPtr>& queue) {
  for (;;) {
    if (stop_.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    progress_.reading(source_->progress());
    auto batch = queue.pop_for(std::chrono::milliseconds(200));
    if (!batch && queue.drained()) return {};
    if (batch) PENSTOCK_TRY(recomputation_->load(**batch));
  }
}

Status Verification::reach_position() {
  PENSTOCK_ASSIGN(position_, moment_->take(stop_));
  log::info("comparing with MongoDB as of {}", to_string(position_.through_lsn));
  PENSTOCK_TRY(source_->stream_to(
      position_, stop_, [&](const EventBatchPtr& batch) { return recomputation_->follow(*batch); }));
  return recomputation_->build(position_);
}

Status Verification::compare_documents() {
  PENSTOCK_ASSIGN(documents_, moment_->estimate(request_.collections));
  worker_ = std::make_unique<CompareWorker>(*comparer_);
  return finish();
}

void Verification::show_compared() {
  const auto now = comparer_->progress();
  progress_.comparing(now.compared, now.ids_read, documents_);
}

Status Verification::hand_over(WriteGroup group) {
  waiting_.push_back(std::move(group));
  return hand_over_waiting();
}

Status Verification::hand_over_waiting() {
  while (!waiting_.empty()) {
    if (stop_.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    show_compared();
    PENSTOCK_TRY(source_->keep_alive());
    PENSTOCK_ASSIGN(const auto state, worker_->offer(waiting_.front()));
    if (state == CompareWorker::State::kRoom) waiting_.pop_front();
    if (state == CompareWorker::State::kGone) PENSTOCK_TRY(take_moment());
  }
  return {};
}

// All documents that are to be made are compared.
Status Verification::finish() {
  for (;;) {
    while (recomputation_->more()) {
      PENSTOCK_ASSIGN(WriteGroup group, recomputation_->next());
      PENSTOCK_TRY(hand_over(std::move(group)));
    }
    if (stop_.stop_requested()) return fail(ErrorKind::kCancelled, "stopped");
    show_compared();
    PENSTOCK_TRY(source_->keep_alive());
    PENSTOCK_ASSIGN(const auto state, worker_->finish());
    if (state == CompareWorker::State::kDone) return {};
    if (state == CompareWorker::State::kGone) PENSTOCK_TRY(advance());
  }
}

Status Verification::advance() {
  PENSTOCK_TRY(take_moment());
  return hand_over_waiting();
}

// Another moment; the worker rests. It may be gone again before the stream has reached it.
Status Verification::take_moment() {
  if (!moved_ && comparer_->has_snapshots() && !from_topics_)
    log::warn(
        "MongoDB does not keep the snapshot any longer; going on with a new one, and comparing again "
        "what changed since. To stay with one position: db.adminCommand({{setParameter: 1, "
        "minSnapshotHistoryWindowInSeconds: 3600}}), which keeps more history on disk");
  moved_ = true;
  PENSTOCK_ASSIGN(position_, moment_->take(stop_));
  worker_->go_on();
  changes_ = 0;
  // Where a moment may show what is newer, it may have shown a row that came and went by the next one.
  const bool one_by_one = from_topics_ || !comparer_->has_snapshots();
  const auto take = [&](const EventBatchPtr& batch) -> Status {
    const std::size_t count = batch->events.size();
    for (const Event& event : batch->events) changes_ += event.kind == EventKind::kCommit ? 0 : 1;
    for (std::size_t from = 0; from < count;) {
      const std::size_t to = one_by_one ? from + 1 : count;
      PENSTOCK_ASSIGN(WriteGroup group, recomputation_->change(batch, from, to));
      PENSTOCK_TRY(compare_in_turn(std::move(group)));
      from = to;
    }
    return {};
  };
  return source_->stream_to(position_, stop_, take);
}

Status Verification::compare_in_turn(WriteGroup group) {
  while (waiting_.empty()) {
    PENSTOCK_ASSIGN(const auto state, worker_->offer(group));
    if (state == CompareWorker::State::kRoom) return {};
    if (state == CompareWorker::State::kGone) break;
  }
  waiting_.push_back(std::move(group));
  return {};
}

// Without snapshots a document may be newer than its expectation: it was, if it changed by the next position.
Status Verification::settle() {
  for (int round = 0; round < kMostRounds; ++round) {
    const auto results = comparer_->results();
    const bool equal =
        std::all_of(results.begin(), results.end(), [](const auto& one) { return one.equal(); });
    if (equal && round > 0) return {};
    PENSTOCK_TRY(advance());
    PENSTOCK_TRY(finish());
  }
  return {};
}

// So it may be in a moment of topics.
Status Verification::settle_topics() {
  steady_.note(comparer_->differences());
  for (int round = 0; round < kMostRounds && !steady_.none(); ++round) {
    PENSTOCK_TRY(advance());
    PENSTOCK_TRY(finish());
    steady_.note(comparer_->differences());
    if (changes_ > 0) continue;
    steady_.note_exact(comparer_->differences());
    return {};
  }
  if (!steady_.none())
    log::warn(
        "rows changed all the time: what differs may be documents that were newer each time they were read. "
        "Look again when less is written");
  return {};
}

}  // namespace

Result<VerifyReport> verify(const Settings& given, const VerifyRequest& request, std::stop_token stop) {
  PENSTOCK_ASSIGN(const Settings settings, with_joins(given));
  return Verification(settings, request, std::move(stop)).run();
}

}  // namespace penstock::app
