#include "backbone/topic_source.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "backbone/applied_offsets.h"
#include "backbone/state_replay.h"
#include "backbone/topic_intakes.h"
#include "backbone/topic_loads.h"
#include "backbone/topic_positions.h"
#include "backbone/rejected_records.h"
#include "backbone/truncate_order.h"
#include "base/log.h"
#include "base/retry.h"

namespace penstock::backbone {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience{20};
constexpr std::chrono::seconds kLookForTopics{5};

class TopicSource final : public Source {
 public:
  explicit TopicSource(TopicSourceOptions options) : options_(std::move(options)), loads_(options_.tables), share_(options_.share) {
    for (const ReadTable& table : options_.tables)
      for (const std::string& topic : table.topics)
        intakes_.emplace(topic, std::make_unique<TopicIntake>(table.name, topic, options_.values, options_.describe));
  }

  Result<Start> open(const Checkpoint& checkpoint) override;
  Status run(std::stop_token stop, const Offer& offer) override;

  void acknowledge(const Position& position) override { applied_.durable(position); }
  void chunk_committed(const ChunkResult& chunk) override {
    if (chunk.by_key) --unanswered_;
  }
  void reread(std::vector<Reread> rows) override {
    const std::lock_guard lock(mutex_);
    rereads_.insert(rereads_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  }
  void sweep_finished(const std::string& table) override { static_cast<void>(table); }
  void reload(const std::string& table) override {
    const std::lock_guard lock(mutex_);
    reloads_.push_back(table);
  }
  Lsn end_at_start() const override { return Lsn{}; }
  bool caught_up(const Position& durable) const override {
    const std::uint64_t ready = ready_.load();
    return ready != 0 && durable.commit_lsn.value >= ready;
  }
  bool loads_done() const override {
    const std::lock_guard lock(mutex_);
    return loads_.done() && rereads_.empty() && unanswered_ == 0;
  }
  std::vector<LoadProgress> progress() const override { return share_.is_part() ? std::vector<LoadProgress>{} : loads_.progress(); }

 private:
  Status connect(const Checkpoint& checkpoint, SourceIdentity& identity);
  Status find_topics();
  std::vector<std::string> topics() const;
  void say_missing();

  Status follow(std::stop_token stop);
  Status turn();
  Result<bool> take(const ConsumedRecord& record, EventBatch& batch, Places& reached);
  Status park(const ConsumedRecord& record, const TopicIntake& intake, Error error, EventBatch& batch);
  Result<bool> truncates_at_once(const PartitionId& partition, const ConsumedRecord& record, EventBatch& batch);
  Status send(EventBatchPtr batch);
  Status send_commit(const EventBatchPtr& batch, Places reached);
  Status send_steps(bool ends);
  Status answer_rereads();
  Status begin_reloads();
  Status assign();
  Status look_for_topics();
  Status say_ready();

  const TopicSourceOptions options_;
  std::unique_ptr<Consumer> consumer_;
  TopicIntakes intakes_;
  TopicLoads loads_;
  const TopicShare share_;
  TopicPartitions found_;
  Places places_;         // everything handed out
  Places unsaid_;         // of partitions that begin: told with the next commit
  Places replay_from_;    // the state's
  std::optional<HeldTruncate> truncate_;
  bool replays_ = false;
  std::uint64_t sequence_ = 0;
  std::uint32_t batches_ = 0;
  Clock::time_point next_look_{};
  std::set<std::string> missing_said_;
  AppliedOffsets applied_;
  std::atomic<std::uint64_t> ready_{0};
  std::atomic<int> unanswered_{0};  // chunks with rows that were asked for, not durable yet
  std::stop_token stop_;
  const Offer* offer_ = nullptr;
  mutable std::mutex mutex_;  // holds those below
  std::vector<Reread> rereads_;
  std::vector<std::string> reloads_;
};

std::vector<std::string> TopicSource::topics() const {
  std::vector<std::string> topics;
  for (const auto& [topic, intake] : intakes_) topics.push_back(topic);
  return topics;
}

void TopicSource::say_missing() {
  for (const std::string& topic : found_.missing)
    if (missing_said_.insert(topic).second)
      log::warn("there is no topic {} yet: its table counts as empty until it is there", topic);
}

Status TopicSource::connect(const Checkpoint& checkpoint, SourceIdentity& identity) {
  PENSTOCK_ASSIGN(consumer_, Consumer::open(options_.consumer));
  PENSTOCK_ASSIGN(const std::string cluster, consumer_->cluster_id());
  identity.slot = "kafka " + cluster;
  const bool other = checkpoint.exists && !checkpoint.restart && checkpoint.source.slot != identity.slot;
  if (other)
    return fail(ErrorKind::kDivergence,
                "the documents come from " + checkpoint.source.slot + ", this is " + identity.slot,
                "name the brokers of that cluster, or begin anew: penstock teardown PIPELINE --yes");
  for (const auto& [topic, intake] : intakes_) PENSTOCK_TRY(intake->open());
  PENSTOCK_ASSIGN(found_, look_up(*consumer_, topics()));
  share_.keep_own(found_);
  say_missing();
  return {};
}

Result<Source::Start> TopicSource::open(const Checkpoint& checkpoint) {
  Start start;
  start.identity.system_identifier = 1;
  PENSTOCK_TRY(connect(checkpoint, start.identity));
  const bool goes_on = checkpoint.exists && !checkpoint.restart;
  if (goes_on) {
    places_ = checkpoint.places;
    reread(checkpoint.rereads);
  }
  sequence_ = checkpoint.position.commit_lsn.value;
  if (checkpoint.state_places && goes_on) replay_from_ = *checkpoint.state_places;
  if (!share_.is_part()) loads_.begin(checkpoint, places_, replay_from_);
  PENSTOCK_TRY(check_continues(found_.ends, places_));
  if (!options_.accept_gap) PENSTOCK_TRY(check_complete(found_.ends, places_));
  replays_ = goes_on && checkpoint.state_places.has_value();
  start.position = checkpoint.position;
  start.replays = replays_;
  return start;
}

Status TopicSource::run(std::stop_token stop, const Offer& offer) {
  stop_ = stop;
  offer_ = &offer;
  PENSTOCK_TRY(send_steps(false));
  if (replays_) {
    const auto pass_on = [this](EventBatchPtr batch) { return send(std::move(batch)); };
    PENSTOCK_TRY(replay_state({*consumer_, intakes_, options_, found_.ends, replay_from_, places_, pass_on}, stop));
  }
  return follow(stop);
}

// Waits for room.
Status TopicSource::send(EventBatchPtr batch) {
  while (!stop_.stop_requested()) {
    if ((*offer_)(batch)) return {};
  }
  return {};
}

Status TopicSource::send_steps(bool ends) {
  for (const TableCheckpoint& table : loads_.take_steps(ends)) {
    auto batch = std::make_shared<EventBatch>();
    batch->step = LoadStep{table};
    for (const auto& [topic, intake] : intakes_)
      if (to_string(intake->table()) == table.table && intake->schema()) batch->schemas = {intake->schema()};
    PENSTOCK_TRY(send(std::move(batch)));
  }
  return {};
}

Status TopicSource::send_commit(const EventBatchPtr& batch, Places reached) {
  Event commit;
  commit.kind = EventKind::kCommit;
  commit.position = Position{Lsn{++sequence_}, 0, Lsn{}};
  for (const Event& event : batch->events) commit.commit_micros = std::max(commit.commit_micros, event.commit_micros);
  applied_.sent(commit.position, reached);
  batch->reached.push_back(std::move(reached));
  commit.reached = &batch->reached.back();
  batch->events.push_back(commit);
  return send(batch);
}

Status TopicSource::assign() { return consumer_->assign(offsets_of(found_.ends, places_)); }

Status TopicSource::follow(std::stop_token stop) {
  loads_.expect(found_.ends);
  for (const auto& [partition, end] : found_.ends) {
    if (places_.contains(partition)) continue;
    places_[partition].next = end.first;
    unsaid_[partition] = places_[partition];
  }
  PENSTOCK_TRY(assign());
  next_look_ = Clock::now() + kLookForTopics;
  const auto by_itself = [this](const Places& applied) { consumer_->commit_to_group(applied); };
  while (!stop.stop_requested()) {
    PENSTOCK_TRY(turn());
    PENSTOCK_TRY(answer_rereads());
    PENSTOCK_TRY(begin_reloads());
    PENSTOCK_TRY(say_ready());
    PENSTOCK_TRY(look_for_topics());
    applied_.tell(options_.tell_group ? options_.tell_group : by_itself);
  }
  return {};
}

// What the brokers have at this moment, as one batch.
Status TopicSource::turn() {
  auto batch = std::make_shared<EventBatch>();
  Places reached = std::exchange(unsaid_, {});
  Consumer::Callbacks callbacks;
  callbacks.record = [&](const ConsumedRecord& record) { return take(record, *batch, reached); };
  callbacks.end = [&](const PartitionId& partition, std::int64_t) { loads_.reached_end(partition); };
  PENSTOCK_TRY(consumer_->poll(options_.batch_records, kPatience, callbacks));
  if (!reached.empty()) PENSTOCK_TRY(send_commit(batch, std::move(reached)));
  if (!truncate_) return {};
  TruncateOrder order(*consumer_, intakes_, places_, [this](const EventBatchPtr& part, Places to) {
    for (const auto& [partition, place] : to) loads_.reached(partition, place.next);
    return send_commit(part, std::move(to));
  });
  PENSTOCK_TRY(order.carry_out(std::move(*std::exchange(truncate_, {})), stop_));
  return assign();
}

// A record that cannot be read ends the source, or is parked.
Status TopicSource::park(const ConsumedRecord& record, const TopicIntake& intake, Error error, EventBatch& batch) {
  if (error.kind != ErrorKind::kBadValue || !options_.dead_letters) return fail(std::move(error));
  batch.rejected.push_back(rejected(record, intake.table(), intake.schema().get(), std::move(error)));
  return {};
}

// Whether nothing of the topic lies in other partitions. A leaf's rows alone cannot be told from the others'.
Result<bool> TopicSource::truncates_at_once(const PartitionId& partition, const ConsumedRecord& record,
                                            EventBatch& batch) {
  const auto of_topic = [&](const auto& one) { return one.first.topic == partition.topic; };
  const ReadTable& table = *std::find_if(options_.tables.begin(), options_.tables.end(),
                                         [&](const ReadTable& one) { return one.comes_from(partition.topic); });
  if (table.topics.size() > 1) {
    log::warn("{}: TRUNCATE of one partition of {}: the documents of its rows stay until they are removed by "
              "penstock verify PIPELINE --repair",
              to_string(partition), to_string(table.name));
    batch.events.pop_back();
    return true;
  }
  if (!share_.is_part()) return std::count_if(found_.ends.begin(), found_.ends.end(), of_topic) == 1;
  return share_.truncates(*consumer_, partition, record.offset).map([&](bool carried_out) {
    if (!carried_out) batch.events.pop_back();
    return true;
  });
}

Result<bool> TopicSource::take(const ConsumedRecord& record, EventBatch& batch, Places& reached) {
  const auto intake = intakes_.find(record.topic);
  if (intake == intakes_.end()) return true;
  const PartitionId partition{intake->first, record.partition};
  Place& place = places_[partition];
  if (record.offset < place.next) {  // read once more to see that it is the same
    if (record.offset + 1 == place.next && place.last_millis != -1 && place.last_millis != record.millis)
      return fail(ErrorKind::kDivergence,
                  to_string(partition) + " has another record at offset " + std::to_string(record.offset) +
                      " than the one that was applied: the topic was made anew",
                  "have the connector load its tables again, then begin anew: penstock teardown PIPELINE --yes "
                  "and penstock apply PIPELINE; the documents stay until their rows come");
    return true;
  }
  const Place before = place;
  auto head = intake->second->take(record, place, batch);
  if (!head) PENSTOCK_TRY(park(record, *intake->second, std::move(head).error(), batch));
  const bool truncates = head && *head && (*head)->operation == envelope::Operation::kTruncate;
  Result<bool> at_once = truncates ? truncates_at_once(partition, record, batch) : true;
  PENSTOCK_TRY(at_once);
  if (!*at_once) {
    truncate_ = held_truncate(partition, (*head)->place, place, batch);
    place = before;
    return false;
  }
  loads_.reached(partition, place.next);
  reached[partition] = place;
  return batch.bytes() < options_.batch_bytes;
}

// Rows whose values the records left out. PostgreSQL has them as they are now: nothing that was handed out is
// newer, and what is older than they are comes after them.
Status TopicSource::answer_rereads() {
  std::vector<Reread> rows;
  {
    const std::lock_guard lock(mutex_);
    rows.swap(rereads_);
  }
  std::map<std::string, std::vector<Reread>> by_table;
  for (Reread& row : rows) by_table[row.table].push_back(std::move(row));
  for (auto& [table, wanted] : by_table) {
    if (!options_.read_rows)
      return fail(ErrorKind::kConfiguration,
                  table + ": values were left out of records (unchanged TOAST values), and there is no PostgreSQL "
                          "to ask for them",
                  "name it: source: { postgres: postgresql://… }");
    Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2000));
    auto answer = options_.read_rows(table, wanted);
    while (!answer && answer.error().kind == ErrorKind::kPostgresUnavailable && !stop_.stop_requested()) {
      log::warn("{}; trying again, nothing is lost", answer.error().message);
      sleep_unless_stopped(stop_, backoff.next());
      answer = options_.read_rows(table, wanted);
    }
    if (!answer) return fail(std::move(answer).error());
    ++unanswered_;
    PENSTOCK_TRY(send(std::move(*answer)));
  }
  return {};
}

Status TopicSource::begin_reloads() {
  std::vector<std::string> tables;
  {
    const std::lock_guard lock(mutex_);
    tables.swap(reloads_);
  }
  if (tables.empty()) return {};
  PENSTOCK_ASSIGN(found_, look_up(*consumer_, topics()));
  std::map<PartitionId, PartitionEnds> again;
  for (const ReadTable& table : options_.tables) {
    if (std::find(tables.begin(), tables.end(), to_string(table.name)) == tables.end()) continue;
    log::info("{} is read again from the beginning of its topics", to_string(table.name));
    loads_.begin_anew(to_string(table.name));
    for (const auto& [partition, end] : found_.ends) {
      if (!table.comes_from(partition.topic)) continue;
      again[partition] = end;
      places_[partition] = Place{end.first, -1, {}, {}};
      unsaid_[partition] = places_[partition];
    }
  }
  loads_.expect(again);
  PENSTOCK_TRY(send_steps(false));
  return assign();
}

// Topics and partitions that came since.
Status TopicSource::look_for_topics() {
  if (share_.is_part() || Clock::now() < next_look_) return {};
  next_look_ = Clock::now() + kLookForTopics;
  auto now = look_up(*consumer_, topics());
  if (!now) {
    log::debug("{}", now.error().message);
    return {};
  }
  bool grown = false;
  for (const auto& [partition, end] : now->ends) {
    if (found_.ends.contains(partition)) continue;
    grown = true;
    log::info("{} has come: it is read from its beginning", to_string(partition));
    places_[partition].next = end.first;
    unsaid_[partition] = places_[partition];
  }
  found_ = std::move(*now);
  say_missing();
  return grown ? assign() : Status{};
}

Status TopicSource::say_ready() {
  if (!loads_.all_reached()) return {};
  PENSTOCK_TRY(send_steps(true));
  if (ready_ != 0) return {};
  auto batch = std::make_shared<EventBatch>();
  PENSTOCK_TRY(send_commit(batch, std::exchange(unsaid_, {})));
  ready_ = sequence_;
  return {};
}

}  // namespace

std::unique_ptr<Source> make_topic_source(TopicSourceOptions options) {
  return std::make_unique<TopicSource>(std::move(options));
}

}  // namespace penstock::backbone
