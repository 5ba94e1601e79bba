#include "library/stream_bench.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/apply/topics.h"
#include "app/apply_factory.h"
#include "app/connector/connector_source.h"
#include "app/factory.h"
#include "backbone/rejected_records.h"
#include "backbone/topic_positions.h"
#include "library/models.h"

namespace penstock::library {

using backbone::ConsumedRecord;

constexpr std::size_t kKeptRows = 5000;  // of a group: each is several writes

// One buffer on its way.
struct StreamBench::Work {
  const PartitionId& partition;
  const std::vector<ConsumedRecord>& records;
  Counts& counts;
  mongo::PartitionLane& lane;
  backbone::TopicIntake& intake;
  Place place;           // where the partition stands
  std::size_t next = 0;  // the first record that is not written or left out
  std::size_t seen = 0;  // up to here the records are counted
};

StreamBench::StreamBench(const Opened& opened, const Topics& topics, mongo::PartitionSink& sink)
    : settings_(opened.chosen),
      dead_letters_(opened.chosen.errors == app::OnBadRow::kDeadLetter),
      patience_(opened.options.outage),
      topics_(topics),
      sink_(sink),
      share_(backbone::ShareOptions{std::set<PartitionId>{}, opened.options.skip_truncates}),
      describe_([this, ask = app::describe_tables(settings_)](const TableName& table) {
        return patience_.wait([&] { return ask(table); });
      }),
      read_rows_(
          [this, ask = app::read_rows(settings_)](const std::string& table, const std::vector<Reread>& rows) {
            return patience_.wait([&] { return ask(table, rows); });
          }) {}

Result<std::unique_ptr<StreamBench>> StreamBench::make(const Opened& opened, const Topics& topics,
                                                       mongo::PartitionSink& sink) {
  std::unique_ptr<StreamBench> bench(new StreamBench(opened, topics, sink));
  PENSTOCK_ASSIGN(bench->projector_, plain_projector(bench->settings_));
  bench->kept_ = sink.kept_state();
  PENSTOCK_ASSIGN(bench->views_,
                  bench->patience_.wait([&] { return shared_views(bench->settings_, *bench->kept_); }));
  PENSTOCK_TRY(bench->open_intakes());
  return bench;
}

Status StreamBench::open_intakes() {
  envelope::ReadOptions values;
  PENSTOCK_ASSIGN(values.values, app::event_options(settings_));
  for (const auto& [topic, share] : topics_) {
    const auto tables = settings_.tables();
    const auto table = std::find_if(tables.begin(), tables.end(), [&, &of = share.table](const auto& one) {
      return to_string(one.name) == of;
    });
    backbone::ReadTable& read = tables_[topic];
    read.name = table->name;
    for (const auto& [other, its] : topics_)
      if (its.table == share.table) read.topics.push_back(other);
    auto intake = std::make_unique<backbone::TopicIntake>(table->name, topic, values, describe_, read_rows_);
    PENSTOCK_TRY(intake->open());
    intakes_.emplace(topic, std::move(intake));
  }
  return {};
}

mongo::PartitionLane& StreamBench::lane_of(const PartitionId& partition, const mongo::Share& share) {
  auto& lane = lanes_[partition];
  if (!lane) lane = sink_.lane(partition, share);
  return *lane;
}

// A null value says what it means by the record before it in its topic: of a reader that has seen none, any
// record of the topic will do.
void StreamBench::prime(const std::vector<ConsumedRecord>& records, backbone::TopicIntake& intake) {
  bool& primed = primed_[intake.topic()];
  if (primed) return;
  const auto valued = std::find_if(records.begin(), records.end(), [](const auto& one) { return one.value; });
  if (valued == records.end()) return;
  primed = true;
  if (valued != records.begin()) intake.prime(*valued);
}

Status StreamBench::apply(const PartitionId& partition, const std::vector<ConsumedRecord>& records,
                          Counts& counts) {
  const auto share = topics_.find(partition.topic);
  if (share == topics_.end())
    return fail(ErrorKind::kUsage, "no table of the pipeline comes from the topic " + partition.topic);
  counts.records = records.size();
  Work work{partition, records, counts, lane_of(partition, share->second), *intakes_.at(partition.topic),
            {},        0,       0};
  prime(records, work.intake);
  for (;;) {
    PENSTOCK_ASSIGN(work.place, patience_.wait([&] { return work.lane.look(); }));
    const Status done = run(work);
    counts.next = work.place.next;
    if (done || done.error().kind != ErrorKind::kFenced) return done;
    ++counts.lost;
  }
}

Status StreamBench::run(Work& work) {
  PENSTOCK_ASSIGN(const auto open, patience_.wait([&] { return work.lane.open_rereads(); }));
  PENSTOCK_TRY(answer(work, open));
  PENSTOCK_TRY(skip_applied(work));
  while (work.next < work.records.size()) PENSTOCK_TRY(write_next(work));
  return {};
}

Status StreamBench::skip_applied(Work& work) {
  work.next = 0;
  while (work.next < work.records.size() && work.records[work.next].offset < work.place.next) {
    const ConsumedRecord& record = work.records[work.next++];
    PENSTOCK_TRY(backbone::check_same(work.partition, work.place, record.offset, record.millis));
  }
  if (work.next > work.seen) work.counts.again += work.next - work.seen;
  work.seen = std::max(work.seen, work.next);
  return {};
}

// The next records, as many as a group holds.
Status StreamBench::write_next(Work& work) {
  const auto batch = std::make_shared<EventBatch>();
  const backbone::IntakeCounts before = work.intake.counts();
  const Place began = work.place;
  std::size_t next = work.next;
  const std::size_t most = views_ ? std::min(settings_.groups.rows, kKeptRows) : settings_.groups.rows;
  while (next < work.records.size() && batch->events.size() < most && batch->bytes() < settings_.groups.bytes)
    PENSTOCK_TRY(take(work, work.records[next++], *batch));
  WriteGroup group;
  group.places = {{work.partition, std::exchange(work.place, began)}};
  group.rejected_records = std::move(batch->rejected);
  group.rows = batch->events.size();
  group.transactions = 1;
  for (const Event& event : batch->events)
    group.last_commit_micros = std::max(group.last_commit_micros, event.commit_micros);
  PENSTOCK_TRY(project(*batch, group));
  group.bytes = batch->bytes();
  group.batches.push_back(batch);
  const Place reached = group.places.begin()->second;
  const std::size_t rows = group.rows;
  const std::int64_t micros = group.last_commit_micros;
  PENSTOCK_ASSIGN(const CommitResult result, commit(work, std::move(group)));
  work.place = reached;
  work.next = work.seen = next;
  work.counts.applied += rows;
  work.counts.again += work.intake.counts().again - before.again;
  work.counts.ignored += work.intake.counts().ignored - before.ignored;
  work.counts.last_commit_micros = std::max(work.counts.last_commit_micros, micros);
  return answer(work, result.rereads);
}

// A record that cannot be read ends the call, or is parked.
Status StreamBench::take(Work& work, const ConsumedRecord& record, EventBatch& batch) {
  auto taken = work.intake.take(record, work.place, batch);
  if (!taken) return backbone::park(record, work.intake, std::move(taken).error(), dead_letters_, batch);
  if (!*taken || (*taken)->operation != envelope::Operation::kTruncate) return {};
  PENSTOCK_ASSIGN(const bool whole, truncates(work, record));
  if (!whole) batch.events.pop_back();
  return {};
}

// Whether the truncate is carried out: it empties the rows of this partition, and there are no others.
Result<bool> StreamBench::truncates(const Work& work, const ConsumedRecord& record) {
  return patience_.wait([&]() -> Result<bool> {
    PENSTOCK_ASSIGN(const auto consumer, backbone::Consumer::open(app::consumer_options(settings_)));
    return share_.truncation(*consumer, tables_.at(work.partition.topic), {}, work.partition, record.offset)
        .map([](backbone::Truncation how) { return how != backbone::Truncation::kLeftOut; });
  });
}

Status StreamBench::project(const EventBatch& batch, WriteGroup& group) {
  PENSTOCK_TRY(projector_->project(batch, 0, batch.events.size(), group));
  if (!views_) return {};
  // It reads before it adds anything to the group, so that it may be called again.
  return patience_.wait([&] { return views_->change(batch, 0, batch.events.size(), group); });
}

Result<CommitResult> StreamBench::commit(Work& work, WriteGroup group) {
  PENSTOCK_ASSIGN(const auto staged, sink_.stage(std::move(group)));
  auto committed = patience_.wait([&] { return work.lane.commit(*staged); });
  if (!committed) return committed;
  ++work.counts.transactions;
  work.counts.dead_letters += committed->dead_letters;
  return committed;
}

// Rows whose events left values out, as PostgreSQL has them now: nothing that was written is newer, and what
// is older than they are comes after them.
Status StreamBench::answer(Work& work, const std::vector<Reread>& rows) {
  std::map<std::string, std::vector<Reread>> by_table;
  for (const Reread& row : rows) by_table[row.table].push_back(row);
  for (const auto& [table, wanted] : by_table) {
    PENSTOCK_ASSIGN(const EventBatchPtr batch, read_rows_(table, wanted));
    WriteGroup group;
    group.chunk = batch->chunk;
    PENSTOCK_TRY(project(*batch, group));
    group.bytes = batch->bytes();
    group.batches.push_back(batch);
    PENSTOCK_ASSIGN(const CommitResult result, commit(work, std::move(group)));
    static_cast<void>(result);
    work.counts.reread += wanted.size();
  }
  return {};
}

}  // namespace penstock::library
