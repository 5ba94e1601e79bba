#include "backbone/topic_source.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <utility>

#include "backbone/adoption.h"
#include "backbone/applied_offsets.h"
#include "backbone/joined_reading.h"
#include "backbone/rejected_records.h"
#include "backbone/row_requests.h"
#include "backbone/state_replay.h"
#include "backbone/topic_intakes.h"
#include "backbone/topic_loads.h"
#include "backbone/topic_positions.h"
#include "backbone/topic_watch.h"
#include "backbone/truncate_order.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience{20};
constexpr std::chrono::seconds kTellHealth{1};

std::vector<std::string> topics_of(const TopicSourceOptions& options) {
  std::vector<std::string> topics;
  for (const ReadTable& table : options.tables)
    topics.insert(topics.end(), table.topics.begin(), table.topics.end());
  if (!options.transaction_topic.empty()) topics.push_back(options.transaction_topic);
  return topics;
}

class TopicSource final : public Source {
 public:
  explicit TopicSource(TopicSourceOptions options)
      : options_(std::move(options)),
        loads_(options_.tables),
        rows_(options_.read_rows),
        share_(options_.share),
        watch_(topics_of(options_), options_.transaction_topic, options_.consumer.brokers, share_) {
    const ReadRows read = [this](const auto& table, const auto& rows) {
      return rows_.read(table, rows, stop_);
    };
    for (const ReadTable& table : options_.tables)
      for (const std::string& topic : table.topics)
        intakes_.emplace(topic, std::make_unique<TopicIntake>(table.name, topic, options_.values,
                                                              options_.describe, read));
  }

  Result<Start> open(const Checkpoint& checkpoint) override;
  Status run(std::stop_token stop, const Offer& offer) override;

  void acknowledge(const Position& position) override { applied_.durable(position); }
  void chunk_committed(const ChunkResult& chunk) override { rows_.committed(chunk); }
  void reread(std::vector<Reread> rows) override { rows_.add(std::move(rows)); }
  void sweep_finished(const std::string& table) override { static_cast<void>(table); }
  void reload(const std::string& table) override { loads_.ask_anew(table); }
  Lsn end_at_start() const override { return Lsn{}; }
  bool caught_up(const Position& durable) const override {
    const std::uint64_t ready = ready_.load();
    return ready != 0 && durable.commit_lsn.value >= ready;
  }
  bool loads_done() const override { return loads_.done() && rows_.empty(); }
  std::vector<LoadProgress> progress() const override {
    return share_.is_part() ? std::vector<LoadProgress>{} : loads_.progress();
  }

 private:
  Status connect(const Checkpoint& checkpoint, SourceIdentity& identity);
  const std::map<PartitionId, PartitionEnds>& ends() const { return watch_.found().ends; }

  Status follow(std::stop_token stop);
  Status turn();
  Result<bool> take(const ConsumedRecord& record, const EventBatchPtr& batch, Places& reached);
  Status hand_on(const EventBatchPtr& batch, Places reached);
  Status hand_on_all();
  void join_transactions();
  Result<bool> truncates_in_turn(const PartitionId& partition, std::int64_t offset, std::size_t before,
                                 EventBatch& batch);
  Status send(EventBatchPtr batch);
  Status send_commit(const EventBatchPtr& batch, Places reached);
  Status send_steps(bool ends);
  Status begin_reloads();
  Status assign();
  Status look_for_topics();
  Status say_ready();
  void tell_health();

  const TopicSourceOptions options_;
  std::unique_ptr<Consumer> consumer_;
  TopicIntakes intakes_;
  TopicLoads loads_;
  RowRequests rows_;
  const TopicShare share_;
  TopicWatch watch_;
  Places places_;       // everything handed out
  Places unsaid_;       // of partitions that begin: told with the next commit
  Places replay_from_;  // the state's
  std::optional<HeldTruncate> truncate_;
  std::unique_ptr<JoinedReading> join_;  // null: there is no transaction topic
  bool replays_ = false;
  std::uint64_t sequence_ = 0;
  Clock::time_point next_health_{};
  AppliedOffsets applied_;
  std::atomic<std::uint64_t> ready_{0};
  std::stop_token stop_;
  const Offer* offer_ = nullptr;
};

Status TopicSource::connect(const Checkpoint& checkpoint, SourceIdentity& identity) {
  PENSTOCK_ASSIGN(consumer_, Consumer::open(options_.consumer));
  PENSTOCK_ASSIGN(const std::string cluster, consumer_->cluster_id());
  identity.slot = slot_of(cluster);
  PENSTOCK_TRY(check_cluster(checkpoint, identity));
  for (const auto& [topic, intake] : intakes_) PENSTOCK_TRY(intake->open());
  return watch_.look(*consumer_);
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
  PENSTOCK_ASSIGN(unsaid_, adopted_places(options_, checkpoint, ends()));
  merge(places_, unsaid_);
  PENSTOCK_TRY(watch_.check_ids(places_));
  watch_.name_topics(places_);
  watch_.name_topics(unsaid_);
  PENSTOCK_TRY(check_continues(ends(), places_));
  if (!options_.accept_gap) PENSTOCK_TRY(check_complete(ends(), places_));
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
    PENSTOCK_TRY(
        replay_state({*consumer_, intakes_, options_, ends(), replay_from_, places_, pass_on}, stop));
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
  for (const Event& event : batch->events)
    commit.commit_micros = std::max(commit.commit_micros, event.commit_micros);
  applied_.sent(commit.position, reached);
  batch->reached.push_back(std::move(reached));
  commit.reached = &batch->reached.back();
  batch->events.push_back(commit);
  return send(batch);
}

// Where transactions are told of, they are put together.
void TopicSource::join_transactions() {
  if (join_ || options_.transaction_topic.empty() ||
      watch_.found().missing.contains(options_.transaction_topic))
    return;
  if (share_.is_part()) return say_apart(options_.transaction_topic);
  const auto is_read = [this](const std::string& table) {
    return intakes_.contains(options_.topic_of(table));
  };
  join_ = std::make_unique<JoinedReading>(options_.transaction_topic, is_read,
                                          applied_before(places_, options_.transaction_topic));
  log::info("source transactions are applied whole, as {} tells of them", options_.transaction_topic);
}

Status TopicSource::assign() {
  PENSTOCK_TRY(check_kept(ends(), places_));  // the consumer would begin behind what is gone
  join_transactions();
  if (join_) join_->assigned(ends());
  return consumer_->assign(offsets_of(ends(), places_));
}

Status TopicSource::follow(std::stop_token stop) {
  loads_.expect(ends());
  for (const auto& [partition, end] : ends()) {
    if (places_.contains(partition)) continue;
    unsaid_[partition] = places_[partition] = watch_.beginning(partition);
  }
  PENSTOCK_TRY(assign());
  const auto by_itself = [this](const Places& applied) { consumer_->commit_to_group(applied); };
  while (!stop.stop_requested()) {
    PENSTOCK_TRY(turn());
    PENSTOCK_TRY(rows_.answer(stop, [this](EventBatchPtr batch) { return send(std::move(batch)); }));
    PENSTOCK_TRY(begin_reloads());
    PENSTOCK_TRY(say_ready());
    PENSTOCK_TRY(look_for_topics());
    applied_.tell(options_.tell_group ? options_.tell_group : by_itself);
    tell_health();
  }
  return {};
}

void TopicSource::tell_health() {
  if (!options_.health || Clock::now() < next_health_) return;
  next_health_ = Clock::now() + kTellHealth;
  TopicCounts counts = counts_of(intakes_, join_ ? join_->counts() : JoinCounts{});
  counts.outage = watch_.outage().empty() ? consumer_->outage() : watch_.outage();
  options_.health->tell(std::move(counts));
}

// What the brokers have at this moment, as one batch.
Status TopicSource::turn() {
  auto batch = std::make_shared<EventBatch>();
  Places reached = std::exchange(unsaid_, {});
  Consumer::Callbacks callbacks;
  callbacks.record = [&](const ConsumedRecord& record) { return take(record, batch, reached); };
  callbacks.end = [&](const PartitionId& partition, std::int64_t offset) {
    loads_.reached_end(partition);
    if (join_) join_->at_end(partition, offset);
  };
  if (Status polled = consumer_->poll(options_.batch_records, kPatience, callbacks); !polled) {
    if (polled.error().kind == ErrorKind::kDivergence) watch_.look_soon();
    PENSTOCK_TRY(look_for_topics());  // a topic that was made anew is named as that
    return polled;
  }
  PENSTOCK_TRY(hand_on(batch, std::move(reached)));
  if (!truncate_) return {};
  PENSTOCK_TRY(hand_on_all());
  TruncateOrder::Callbacks out;
  out.send = [this](const EventBatchPtr& part, Places to) {
    for (const auto& [partition, place] : to) loads_.reached(partition, place.next);
    return send_commit(part, std::move(to));
  };
  out.handed_out = [this](const envelope::RecordHead& head, const PartitionId& partition) {
    if (join_) join_->count(head, partition);
  };
  TruncateOrder order(*consumer_, intakes_, places_, options_.dead_letters, std::move(out));
  PENSTOCK_TRY(order.carry_out(std::move(*std::exchange(truncate_, {})), stop_));
  return assign();
}

// Whether the event behind `before` of the batch is a truncate that waits for the topic's other partitions.
// One that is left out is taken out.
Result<bool> TopicSource::truncates_in_turn(const PartitionId& partition, std::int64_t offset,
                                            std::size_t before, EventBatch& batch) {
  if (batch.events.size() == before || batch.events.back().kind != EventKind::kTruncate) return false;
  const ReadTable& table =
      *std::find_if(options_.tables.begin(), options_.tables.end(),
                    [&](const ReadTable& one) { return one.comes_from(partition.topic); });
  PENSTOCK_ASSIGN(const Truncation how, share_.truncation(*consumer_, table, ends(), partition, offset));
  if (how == Truncation::kLeftOut) batch.events.pop_back();
  return how == Truncation::kInTurn;
}

// Without transaction metadata what a poll gave is one transaction.
Status TopicSource::hand_on(const EventBatchPtr& batch, Places reached) {
  if (!join_) return reached.empty() ? Status{} : send_commit(batch, std::move(reached));
  if (!reached.empty() || !batch->rejected.empty()) {
    auto beside = std::make_shared<EventBatch>();
    beside->rejected = std::exchange(batch->rejected, {});
    PENSTOCK_TRY(send_commit(beside, std::move(reached)));
  }
  const auto to_offer = [this](const EventBatchPtr& part, Places to) {
    return send_commit(part, std::move(to));
  };
  return join_->hand_on(*consumer_, places_, to_offer);
}

// What waits for the rest of its transaction waits no more.
Status TopicSource::hand_on_all() {
  if (!join_) return {};
  return join_->give_up(
      [this](const EventBatchPtr& part, Places to) { return send_commit(part, std::move(to)); });
}

Result<bool> TopicSource::take(const ConsumedRecord& record, const EventBatchPtr& batch, Places& reached) {
  const PartitionId partition{std::string(record.topic), record.partition};
  Place& place = places_[partition];
  if (record.offset < place.next) {
    PENSTOCK_TRY(check_same(partition, place, record.offset, record.millis));
    if (const auto of = intakes_.find(record.topic); of != intakes_.end()) of->second->prime(record);
    return true;
  }
  if (join_ && join_->is_of(record.topic)) {
    join_->take_record(record, partition, place);
    loads_.reached(partition, place.next);
    return true;
  }
  const auto intake = intakes_.find(record.topic);
  if (intake == intakes_.end()) return true;
  const Place before = place;
  const std::size_t events = batch->events.size();
  auto taken = intake->second->take(record, place, *batch);
  if (!taken) PENSTOCK_TRY(park(record, *intake->second, taken.error(), options_.dead_letters, *batch));
  const auto& head = taken && *taken ? *taken : intake->second->left_out();
  PENSTOCK_ASSIGN(const bool in_turn, truncates_in_turn(partition, record.offset, events, *batch));
  if (in_turn) {
    truncate_ = held_truncate(partition, *head, place, *batch);
    place = before;
    return false;
  }
  loads_.reached(partition, place.next);
  if (!join_ && head && head->block) watch_.look_soon();  // the transaction topic must be there by now
  if (join_) {
    join_->take(batch->events.size() > events ? batch : nullptr, head, partition, place);
  } else {
    reached[partition] = place;
  }
  return batch->bytes() < options_.batch_bytes;
}

Status TopicSource::begin_reloads() {
  const std::vector<std::string> tables = loads_.take_asked();
  if (tables.empty()) return {};
  PENSTOCK_TRY(hand_on_all());
  PENSTOCK_TRY(watch_.look(*consumer_));
  std::map<PartitionId, PartitionEnds> again;
  for (const ReadTable& table : options_.tables) {
    if (std::find(tables.begin(), tables.end(), to_string(table.name)) == tables.end()) continue;
    log::info("{} is read again from the beginning of its topics", to_string(table.name));
    loads_.begin_anew(to_string(table.name));
    for (const auto& [partition, end] : ends()) {
      if (!table.comes_from(partition.topic)) continue;
      if (join_) join_->begin_anew(partition);
      again[partition] = end;
      unsaid_[partition] = places_[partition] = watch_.beginning(partition);
    }
  }
  loads_.expect(again);
  PENSTOCK_TRY(send_steps(false));
  return assign();
}

// Topics and partitions that came since.
Status TopicSource::look_for_topics() {
  if (join_ && join_->wants_look()) watch_.look_soon();
  PENSTOCK_ASSIGN(const auto come, watch_.look_again(*consumer_, places_));
  if (join_) join_->looked(ends(), watch_.looked());
  for (const PartitionId& partition : come) {
    if (places_[partition].next > 0) {  // it was away
      PENSTOCK_TRY(check_continues({{partition, ends().at(partition)}}, places_));
      continue;
    }
    log::info("{} has come: it is read from its beginning", to_string(partition));
    unsaid_[partition] = places_[partition] = watch_.beginning(partition);
  }
  if (come.empty()) return {};
  PENSTOCK_TRY(hand_on_all());
  return assign();
}

Status TopicSource::say_ready() {
  if (!loads_.all_reached() || (join_ && !join_->empty())) return {};
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
