#include "backbone/truncate_order.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "backbone/rejected_records.h"

namespace penstock::backbone {
namespace {

constexpr std::size_t kRecords = 1000;
constexpr std::size_t kPartBytes = 8U << 20;
constexpr std::chrono::milliseconds kPatience{20};
constexpr std::int64_t kClockMillis = 10000;

}  // namespace

bool comes_after(const envelope::Place& change, const envelope::Place& other) {
  if (!change.lsn) return change.last_commit && other.lsn && *change.last_commit > *other.lsn;
  if (!other.lsn) return false;
  if (change.snapshot || !change.last_commit || !other.last_commit) return *change.lsn > *other.lsn;
  return std::tie(*change.last_commit, *change.lsn) > std::tie(*other.last_commit, *other.lsn);
}

struct TruncateOrder::Round {
  const HeldTruncate* truncate;
  std::map<PartitionId, std::int64_t> open;  // partitions to read on, and where their records of now end
  EventBatchPtr batch;
  Places reached;
  std::optional<HeldTruncate> earlier;
};

// False: the poll ends.
Result<bool> TruncateOrder::take(Round& round, const ConsumedRecord& record) {
  const PartitionId partition{std::string(record.topic), record.partition};
  const auto open = round.open.find(partition);
  Place& place = places_[partition];
  if (open == round.open.end() || record.offset < place.next) return true;
  if (record.offset >= open->second) {
    round.open.erase(open);
    return true;
  }
  const Place before = place;
  const std::size_t events = round.batch->events.size();
  TopicIntake& intake = *intakes_.at(partition.topic);
  auto taken = intake.take(record, place, *round.batch);
  if (!taken) PENSTOCK_TRY(park(record, intake, taken.error(), dead_letters_, *round.batch));
  const bool is_event = taken && *taken;
  const auto& head = is_event ? *taken : intake.left_out();
  const bool stays = !is_event || !comes_after(head->place, round.truncate->head.place);
  const bool truncates = stays && is_event && head->operation == envelope::Operation::kTruncate;
  if (truncates) round.earlier = held_truncate(partition, *head, place, *round.batch);
  if (stays && !truncates) {
    if (head) out_.handed_out(*head, partition);
    round.reached[partition] = place;
    return true;
  }
  if (!truncates) round.batch->events.resize(events);
  place = before;
  round.open.erase(open);
  return !truncates;
}

Status TruncateOrder::read_before(Round& round, std::stop_token stop) {
  for (const auto& [partition, place] : places_) {
    if (partition.topic != round.truncate->partition.topic || partition == round.truncate->partition)
      continue;
    PENSTOCK_ASSIGN(const PartitionEnds ends, consumer_.ends(partition));
    if (place.next < ends.end) round.open[partition] = ends.end;
  }
  std::map<PartitionId, std::int64_t> offsets;
  for (const auto& [partition, end] : round.open) offsets[partition] = places_.at(partition).next;
  PENSTOCK_TRY(consumer_.assign(offsets));
  Consumer::Callbacks callbacks;
  callbacks.record = [&](const ConsumedRecord& record) { return take(round, record); };
  callbacks.end = [&](const PartitionId& partition, std::int64_t offset) {
    const auto open = round.open.find(partition);
    if (open != round.open.end() && offset >= open->second) round.open.erase(open);
  };
  while (!round.open.empty() && !round.earlier && !stop.stop_requested()) {
    round.batch = std::make_shared<EventBatch>();
    PENSTOCK_TRY(consumer_.poll(kRecords, kPatience, callbacks));
    Places reached = std::exchange(round.reached, {});
    if (!reached.empty()) PENSTOCK_TRY(out_.send(round.batch, std::move(reached)));
  }
  return {};
}

Status apply_again(HeldTruncate& truncate, TopicIntake& intake, const ConsumedRecord& record,
                   bool dead_letters) {
  EventBatch& batch = *truncate.batch;
  const std::size_t events = batch.events.size();
  Place unknown;
  auto taken = intake.take(record, unknown, batch);
  const auto& head = taken ? *taken : intake.left_out();
  const bool is_behind = head && comes_after(head->place, truncate.head.place);
  if (!is_behind) batch.events.resize(events);
  if (taken || (head && !is_behind)) return {};
  return park(record, intake, std::move(taken).error(), dead_letters, batch);
}

// The truncate's own place comes with the last part: until then all of it is done again.
Status TruncateOrder::send_part(HeldTruncate& truncate) {
  if (truncate.batch->bytes() < kPartBytes) return {};
  const EventBatchPtr part = std::exchange(truncate.batch, std::make_shared<EventBatch>());
  return out_.send(part, {});
}

// Records behind the truncate are no older than it, but for the clock of whoever wrote them.
Status TruncateOrder::read_after(HeldTruncate& truncate, std::stop_token stop) {
  std::vector<PartitionId> others;
  for (const auto& [partition, place] : places_) {
    const bool beyond =
        std::tie(place.last_commit, place.lsn) >
        std::tuple(truncate.head.place.last_commit.value_or(Lsn{}), truncate.head.place.lsn.value_or(Lsn{}));
    if (partition.topic == truncate.partition.topic && partition != truncate.partition && beyond)
      others.push_back(partition);
  }
  if (others.empty()) return {};
  PENSTOCK_ASSIGN(auto open,
                  consumer_.offsets_at(others, std::max<std::int64_t>(truncate.millis - kClockMillis, 0)));
  std::erase_if(open, [&](const auto& one) { return one.second >= places_.at(one.first).next; });
  PENSTOCK_TRY(consumer_.assign(open));
  const auto reached = [&](const PartitionId& partition, std::int64_t next) {
    if (next >= places_.at(partition).next) open.erase(partition);
  };
  Consumer::Callbacks callbacks;
  callbacks.end = reached;
  callbacks.record = [&](const ConsumedRecord& record) -> Result<bool> {
    const PartitionId partition{std::string(record.topic), record.partition};
    if (open.contains(partition) && record.offset < places_.at(partition).next)
      PENSTOCK_TRY(apply_again(truncate, *intakes_.at(partition.topic), record, dead_letters_));
    reached(partition, record.offset + 1);
    PENSTOCK_TRY(send_part(truncate));
    return true;
  };
  while (!open.empty() && !stop.stop_requested())
    PENSTOCK_TRY(consumer_.poll(kRecords, kPatience, callbacks));
  return {};
}

Status TruncateOrder::carry_out(HeldTruncate truncate, std::stop_token stop) {
  for (;;) {
    Round round{&truncate, {}, nullptr, {}, {}};
    PENSTOCK_TRY(read_before(round, stop));
    if (stop.stop_requested()) return {};
    if (round.earlier) {
      truncate = std::move(*round.earlier);
      continue;
    }
    PENSTOCK_TRY(read_after(truncate, stop));
    if (stop.stop_requested()) return {};
    places_[truncate.partition] = truncate.after;
    out_.handed_out(truncate.head, truncate.partition);
    return out_.send(truncate.batch, {{truncate.partition, truncate.after}});
  }
}

HeldTruncate held_truncate(const PartitionId& partition, envelope::RecordHead head, const Place& after,
                           EventBatch& batch) {
  HeldTruncate held{partition, after, std::move(head), after.last_millis, std::make_shared<EventBatch>()};
  held.batch->schemas = batch.schemas;
  held.batch->events.push_back(batch.events.back());
  batch.events.pop_back();
  return held;
}

}  // namespace penstock::backbone
