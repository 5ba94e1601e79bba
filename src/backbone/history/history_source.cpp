#include "backbone/history/history_source.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "backbone/history/bounded_reading.h"
#include "backbone/history/hidden_nulls.h"
#include "backbone/history/history_ground.h"
#include "backbone/history/history_plan.h"
#include "backbone/rejected_records.h"
#include "backbone/topic_intakes.h"
#include "backbone/topic_positions.h"

namespace penstock::backbone {
namespace {

constexpr std::size_t kMostBytes = 2U << 20;  // of a batch

bool leaves_out(const ConsumedRecord& record, const envelope::RecordHead& head) {
  return head.operation == envelope::Operation::kUpdate ||
         std::any_of(record.headers.begin(), record.headers.end(),
                     [](const auto& header) { return header.first == "__debezium.oldkey"; });
}

class HistorySource final : public Source {
 public:
  HistorySource(HistoryOptions options, HistoryGround ground, std::unique_ptr<HistoryScan> scan,
                HistoryPlan plan)
      : options_(std::move(options)),
        ground_(std::move(ground)),
        scan_(std::move(scan)),
        plan_(std::move(plan)),
        nulls_(options_.values.values.binary) {}

  Result<Start> open(const Checkpoint&) override {
    Start start;
    start.identity.system_identifier = 1;
    start.identity.slot = slot_of(ground_.cluster);
    return start;
  }
  Status run(std::stop_token stop, const Offer& offer) override;
  void acknowledge(const Position&) override {}
  void chunk_committed(const ChunkResult&) override {}
  void reread(std::vector<Reread>) override {}
  void sweep_finished(const std::string&) override {}
  void reload(const std::string&) override {}
  Lsn end_at_start() const override { return Lsn{}; }
  bool caught_up(const Position& durable) const override {
    const std::uint64_t last = last_.load();
    return last != 0 && durable.commit_lsn.value >= last;
  }
  bool loads_done() const override { return last_ != 0; }
  std::vector<LoadProgress> progress() const override {
    const std::uint64_t all = ground_.offsets();
    return {{"topics", last_ != 0 ? all : read_.load(), all, last_ != 0}};
  }

 private:
  Result<bool> take(const PartitionId& partition, const ConsumedRecord& record);
  Status give(EventBatchPtr batch);
  Status give_commit(const EventBatchPtr& batch);
  Status give_steps(LoadState state);

  const HistoryOptions options_;
  HistoryGround ground_;
  std::unique_ptr<HistoryScan> scan_;  // the plan's
  HistoryPlan plan_;
  HiddenNulls nulls_;
  Places places_;
  EventBatchPtr batch_;
  std::uint64_t sequence_ = 0;
  std::atomic<std::uint64_t> read_{0};
  std::atomic<std::uint64_t> last_{0};  // the last commit, once it was given
  std::stop_token stop_;
  const Offer* offer_ = nullptr;
};

Status HistorySource::run(std::stop_token stop, const Offer& offer) {
  stop_ = std::move(stop);
  offer_ = &offer;
  PENSTOCK_TRY(give_steps(LoadState::kLoading));
  batch_ = std::make_shared<EventBatch>();
  BoundedReading reading{*ground_.consumer, ground_.facts.ends};
  reading.record = [this](const auto& partition, const auto& record) { return take(partition, record); };
  reading.turn = [this]() -> Status {
    if (batch_->events.empty() && batch_->rejected.empty()) return {};
    return give_commit(std::exchange(batch_, std::make_shared<EventBatch>()));
  };
  reading.read = [this](std::uint64_t offsets) { read_ += offsets; };
  if (const Status outcome = read_all(reading, stop_); !outcome)
    return stop_.stop_requested() ? Status{} : outcome;
  if (const auto cell = nulls_.doubtful())
    return fail(
        ErrorKind::kCheckFailed,
        *cell +
            " is null in its last record, which the connector writes for NULL and for a value that its "
            "update left alone (TOAST): the topics do not tell which",
        "use another --as-of, ALTER TABLE … REPLICA IDENTITY FULL for records to come, or leave the "
        "column out");
  PENSTOCK_TRY(give_steps(LoadState::kLoaded));
  PENSTOCK_TRY(give_commit(std::make_shared<EventBatch>()));
  if (!stop_.stop_requested()) last_ = sequence_;
  return {};
}

Result<bool> HistorySource::take(const PartitionId& partition, const ConsumedRecord& record) {
  TopicIntake& intake = *ground_.intakes.at(partition.topic);
  const std::size_t before = batch_->events.size();
  auto head = intake.take(record, places_[partition], *batch_);
  if (!head && head.error().kind == ErrorKind::kBadValue && options_.dead_letters) {
    batch_->rejected.push_back(
        rejected(record, intake.table(), intake.schema().get(), std::move(head).error()));
    return true;
  }
  if (!head) return fail(std::move(head).error());
  if (!*head) return true;
  const bool truncates = (*head)->operation == envelope::Operation::kTruncate;
  if (!plan_.belongs(to_string(intake.table()), partition, **head) || (truncates && !options_.in_order)) {
    batch_->events.resize(before);
    return true;
  }
  nulls_.take(batch_->events.back(), leaves_out(record, **head));
  return batch_->bytes() < kMostBytes;
}

// Waits for room.
Status HistorySource::give(EventBatchPtr batch) {
  while (!(*offer_)(batch))
    if (stop_.stop_requested()) return {};
  return {};
}

Status HistorySource::give_commit(const EventBatchPtr& batch) {
  Event commit;
  commit.kind = EventKind::kCommit;
  commit.position = Position{Lsn{++sequence_}, 0, Lsn{}};
  for (const Event& event : batch->events)
    commit.commit_micros = std::max(commit.commit_micros, event.commit_micros);
  batch->events.push_back(commit);
  return give(batch);
}

// Without shapes: nobody is to look for documents without a row.
Status HistorySource::give_steps(LoadState state) {
  for (const ReadTable& table : options_.tables) {
    auto batch = std::make_shared<EventBatch>();
    batch->step.emplace();
    batch->step->table.table = to_string(table.name);
    batch->step->table.state = state;
    batch->step->table.load_id = 1;
    PENSTOCK_TRY(give(std::move(batch)));
  }
  return {};
}

}  // namespace

Result<History> open_history(HistoryOptions options, std::stop_token stop) {
  PENSTOCK_ASSIGN(HistoryGround ground, HistoryGround::open(options));
  auto scan = std::make_unique<HistoryScan>(options.end, ground.facts.cuts());
  PENSTOCK_TRY(ground.read(options, *scan, stop));
  PENSTOCK_ASSIGN(HistoryPlan plan, HistoryPlan::make(options.tables, ground.facts, *scan));
  History history;
  for (const ReadTable& table : options.tables)
    history.tables.push_back(*ground.intakes.at(table.topics.front())->schema());
  history.reach = std::to_string(ground.facts.ends.size()) + " partitions of " +
                  std::to_string(ground.intakes.size()) + " topics" +
                  (plan.cut() ? ", what committed before " + to_string(plan.cut()->at()) : "");
  history.source = std::make_unique<HistorySource>(std::move(options), std::move(ground), std::move(scan),
                                                   std::move(plan));
  return history;
}

}  // namespace penstock::backbone
