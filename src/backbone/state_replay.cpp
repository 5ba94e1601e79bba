#include "backbone/state_replay.h"

#include <algorithm>

#include "base/log.h"

namespace penstock::backbone {
namespace {

using Offsets = std::map<PartitionId, std::int64_t>;
constexpr std::chrono::milliseconds kPatience{20};

Status check_there(const StateReplay& replay, const ReadTable& table, const PartitionId& partition,
                   const PartitionEnds& end) {
  const std::int64_t next = replay.from.at(partition).next;
  if (next >= end.first || replay.options.accept_gap) return {};
  return fail(ErrorKind::kGap,
              "the local state is to be filled from the records of " + to_string(partition) +
                  " from offset " + std::to_string(next) + " on, but those before offset " +
                  std::to_string(end.first) + " are gone by the topic's retention",
              "have the connector load " + to_string(table.name) +
                  " again (an incremental snapshot), then start with --accept-gap");
}

Result<Offsets> open_partitions(StateReplay& replay) {
  Offsets offsets;
  for (const ReadTable& table : replay.options.tables) {
    if (!table.state) continue;
    for (const auto& [partition, end] : replay.ends) {
      if (!table.comes_from(partition.topic)) continue;
      const auto target = replay.target.find(partition);
      const std::int64_t from = std::max(replay.from[partition].next, end.first);
      if (target == replay.target.end() || from >= target->second.next) continue;
      PENSTOCK_TRY(check_there(replay, table, partition, end));
      offsets[partition] = from;
    }
  }
  return offsets;
}

// What could not be read was said when it came first.
Status take(StateReplay& replay, const ConsumedRecord& record, const PartitionId& partition,
            EventBatch& batch) {
  auto head = replay.intakes.at(partition.topic)->take(record, replay.from[partition], batch);
  if (head || head.error().kind == ErrorKind::kBadValue) return {};
  return fail(std::move(head).error());
}

}  // namespace

Status replay_state(StateReplay replay, std::stop_token stop) {
  PENSTOCK_ASSIGN(Offsets open, open_partitions(replay));
  if (!open.empty()) log::info("the local state follows from {} partitions", open.size());
  PENSTOCK_TRY(replay.consumer.assign(open));
  EventBatchPtr batch;
  const auto reached = [&](const PartitionId& partition, std::int64_t next) {
    const auto target = replay.target.find(partition);
    if (target == replay.target.end() || next >= target->second.next) open.erase(partition);
  };
  Consumer::Callbacks callbacks;
  callbacks.end = reached;
  callbacks.record = [&](const ConsumedRecord& record) -> Result<bool> {
    const PartitionId partition{std::string(record.topic), record.partition};
    if (open.contains(partition) && record.offset < replay.target.at(partition).next)
      PENSTOCK_TRY(take(replay, record, partition, *batch));
    reached(partition, record.offset + 1);
    return batch->bytes() < replay.options.batch_bytes;
  };
  while (!open.empty() && !stop.stop_requested()) {
    batch = std::make_shared<EventBatch>();
    batch->replay = EventBatch::Replay::kYes;
    PENSTOCK_TRY(replay.consumer.poll(replay.options.batch_records, kPatience, callbacks));
    if (!batch->events.empty()) PENSTOCK_TRY(replay.send(batch));
  }
  batch = std::make_shared<EventBatch>();
  batch->replay = EventBatch::Replay::kLast;
  return replay.send(batch);
}

}  // namespace penstock::backbone
