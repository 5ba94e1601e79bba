#include "journal/journaled_source.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "journal/recorder.h"

namespace penstock::journal {
namespace {

constexpr std::chrono::milliseconds kPatience{50};

// Of two places in one stream.
bool stands_before(const Position& a, const Position& b) {
  const auto place = [](const Position& position) {
    return position.inside_transaction() ? std::tuple(position.commit_lsn, position.ordinal)
                                         : std::tuple(position.through_lsn, std::uint64_t{0});
  };
  return place(a) < place(b);
}

class JournaledSource final : public Source {
 public:
  JournaledSource(std::unique_ptr<Source> inner, Options options)
      : inner_(std::move(inner)), options_(std::move(options)) {}

  Result<Start> open(const Checkpoint& checkpoint) override;
  Status run(std::stop_token stop, const Offer& offer) override;
  void acknowledge(const Position& position) override {
    const std::lock_guard lock(mutex_);
    acknowledged_ = position;
    pass_on();
  }
  void chunk_committed(const ChunkResult& chunk) override { inner_->chunk_committed(chunk); }
  void reread(std::vector<Reread> rows) override { inner_->reread(std::move(rows)); }
  void sweep_finished(const std::string& table) override { inner_->sweep_finished(table); }
  void reload(const std::string& table) override { inner_->reload(table); }
  Lsn end_at_start() const override { return inner_->end_at_start(); }
  bool loads_done() const override { return inner_->loads_done(); }
  std::vector<LoadProgress> progress() const override { return inner_->progress(); }

 private:
  Result<Start> open_inner(const Checkpoint& checkpoint, std::string& gap);
  Status look_for_missing_loads(const Checkpoint& checkpoint);
  bool journal_and_offer(Recorder& recorder, const Offer& offer, EventBatchPtr& batch);
  EventBatchPtr lacking(const EventBatchPtr& batch);
  void pass_on();

  std::unique_ptr<Source> inner_;
  const Options options_;
  std::unique_ptr<Writer> writer_;

  // The stream's thread.
  Position has_;  // the consumer has everything up to it
  bool behind_ = false;
  const EventBatch* journaled_ = nullptr;  // taken by the recorder, not yet by the consumer

  std::mutex mutex_;
  Position durable_;       // guarded by mutex_
  Position acknowledged_;  // guarded by mutex_
};

// Both positions are to be known, and the lower one is what PostgreSQL may forget.
void JournaledSource::pass_on() {
  if (!acknowledged_.through_lsn.is_set()) return;
  inner_->acknowledge(durable_.flushable() < acknowledged_.flushable() ? durable_ : acknowledged_);
}

Result<Source::Start> JournaledSource::open(const Checkpoint& checkpoint) {
  if (!writer_) {
    PENSTOCK_ASSIGN(writer_, Writer::open(options_));
  }
  std::string gap;
  PENSTOCK_ASSIGN(const Start start, open_inner(checkpoint, gap));
  has_ = checkpoint.exists && !checkpoint.restart ? checkpoint.position : start.position;
  // What the journal has beyond the sink may never have reached the server that took over.
  if (gap.empty() && stands_before(has_, writer_->position()) &&
      start.identity.timeline != writer_->last().source.timeline)
    gap = "another server has taken over (timeline " + std::to_string(start.identity.timeline) + ")";
  if (!gap.empty()) log::warn("the journal {} does not go on where it ended: {}", options_.folder, gap);
  PENSTOCK_TRY(writer_->begin(start.identity, has_, gap));
  behind_ = stands_before(writer_->position(), has_);
  PENSTOCK_TRY(look_for_missing_loads(checkpoint));
  PENSTOCK_TRY(writer_->sync());
  const std::lock_guard lock(mutex_);
  durable_ = writer_->position();
  return start;
}

// From where both go on. `gap`: why the journal cannot.
Result<Source::Start> JournaledSource::open_inner(const Checkpoint& checkpoint, std::string& gap) {
  if (writer_->empty()) return inner_->open(checkpoint);
  if (!checkpoint.exists || checkpoint.restart) {
    gap = checkpoint.restart ? "everything is loaded anew" : "the pipeline begins anew";
    return inner_->open(checkpoint);
  }
  const SourceIdentity& source = writer_->last().source;
  if (source.system_identifier != checkpoint.source.system_identifier) {
    gap = "it is that of another PostgreSQL cluster";
    return inner_->open(checkpoint);
  }
  if (!stands_before(writer_->position(), checkpoint.position)) return inner_->open(checkpoint);
  Checkpoint earlier = checkpoint;
  earlier.position = writer_->position();
  auto start = inner_->open(earlier);
  if (start || start.error().kind != ErrorKind::kGap) return start;
  gap = "it ends at " + to_string(writer_->position()) +
        ", and PostgreSQL no longer has what came then up to " + to_string(checkpoint.position);
  return inner_->open(checkpoint);
}

// Chunks that the sink has and that were never written here, because the journal was off.
Status JournaledSource::look_for_missing_loads(const Checkpoint& checkpoint) {
  if (checkpoint.restart) return {};
  for (const auto& [name, table] : checkpoint.tables) {
    const auto missing = writer_->loads().missing(table);
    if (!missing) continue;
    log::warn(
        "the journal {} is not complete for {}: {}. It will be once the table is loaded anew: "
        "penstock resync PIPELINE --table {}",
        options_.folder, name, *missing, name);
    PENSTOCK_TRY(writer_->broken(name, *missing));
  }
  return {};
}

Status JournaledSource::run(std::stop_token stop, const Offer& offer) {
  std::stop_source ended;
  const std::stop_callback pass_stop(stop, [&] { ended.request_stop(); });
  Recorder recorder(
      *writer_,
      [this](const Position& position) {
        const std::lock_guard lock(mutex_);
        durable_ = position;
        pass_on();
      },
      [&] { ended.request_stop(); });
  const Status outcome = inner_->run(
      ended.get_token(), [&](EventBatchPtr& batch) { return journal_and_offer(recorder, offer, batch); });
  PENSTOCK_TRY(recorder.finish());
  return outcome;
}

bool JournaledSource::journal_and_offer(Recorder& recorder, const Offer& offer, EventBatchPtr& batch) {
  if (journaled_ != batch.get()) {
    if (!recorder.take(batch, kPatience)) {
      // Nothing is taken any more once it has failed; the stop is on its way.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return false;
    }
    journaled_ = batch.get();
  }
  if ((batch->chunk || batch->step) && !recorder.wait_durable(kPatience)) return false;
  EventBatchPtr rest = behind_ ? lacking(batch) : batch;
  if (rest && !offer(rest)) return false;
  journaled_ = nullptr;
  return true;
}

// The events that the consumer does not have; null: none. They borrow from the batch.
EventBatchPtr JournaledSource::lacking(const EventBatchPtr& batch) {
  if (batch->chunk || batch->step) return batch;
  const auto& events = batch->events;
  const auto first =
      std::find_if(events.begin(), events.end(), [&](const Event& event) { return !has_had(has_, event); });
  if (first == events.end()) return nullptr;
  if (first == events.begin()) {
    behind_ = false;
    return batch;
  }
  EventBatchPtr rest(new EventBatch, [batch](EventBatch* made) { delete made; });
  rest->events.assign(first, events.end());
  rest->schemas = batch->schemas;
  return rest;
}

}  // namespace

std::unique_ptr<Source> make_journaled_source(std::unique_ptr<Source> inner, Options options) {
  return std::make_unique<JournaledSource>(std::move(inner), std::move(options));
}

}  // namespace penstock::journal
