#include "backbone/transaction_join.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/log.h"

namespace penstock::backbone {
namespace {

constexpr std::uint64_t kRemembered = 4096;

// "571:53195832": the LSN behind the colon.
Lsn lsn_of(const std::string& id) {
  Lsn lsn;
  const std::size_t colon = id.find(':');
  if (colon != std::string::npos) std::from_chars(id.data() + colon + 1, id.data() + id.size(), lsn.value);
  return lsn;
}

}  // namespace

void TransactionJoin::add(Part& part, const EventBatchPtr& batch, std::uint64_t order) {
  part.events.push_back({batch->events.back(), batch, order});
  part.bytes += sizeof(Event) + batch->bytes() / std::max<std::size_t>(batch->events.size(), 1);
}

TransactionJoin::Transaction& TransactionJoin::transaction(Number number, const PartitionId& partition) {
  const auto [found, is_new] = waiting_.try_emplace(number);
  if (is_new) found->second.since = Clock::now();
  if (found->second.newest.try_emplace(partition).second) queues_[partition].push_back(number);
  return found->second;
}

// What of the partition comes next has to wait with what came last. Null: nothing waits.
TransactionJoin::Transaction* TransactionJoin::waiting_in(const PartitionId& partition) {
  const auto queue = queues_.find(partition);
  return queue == queues_.end() ? nullptr : &waiting_.at(queue->second.back());
}

void TransactionJoin::take_event(const EventBatchPtr& batch, const envelope::RecordHead& head,
                                 const PartitionId& partition, const Place& behind) {
  const Number number = head.block ? head.transaction.value_or(0) : 0;
  if (number == 0 || gone_.contains(number)) {
    Transaction* newest = waiting_in(partition);
    Part& part = newest != nullptr ? newest->part : loose_;
    add(part, batch, newest != nullptr ? newest->newest[partition] : 0);
    part.reached[partition] = behind;
    return;
  }
  Transaction& one = transaction(number, partition);
  std::uint64_t& newest = one.newest[partition];
  if (head.block->total_order > newest) {  // else it is delivered again
    newest = head.block->total_order;
    ++one.seen[to_string(head.table)];
  }
  const std::size_t before = one.part.bytes;
  add(one.part, batch, head.block->total_order);
  held_bytes_ += one.part.bytes - before;
  one.part.reached[partition] = behind;
}

void TransactionJoin::take_nothing(const PartitionId& partition, const Place& behind) {
  Transaction* newest = waiting_in(partition);
  (newest != nullptr ? newest->part : loose_).reached[partition] = behind;
}

void TransactionJoin::take_transaction(const envelope::TransactionRecord& record,
                                       const PartitionId& partition, const Place& behind) {
  const Number number = record.transaction.value_or(0);
  const Lsn lsn = lsn_of(record.id);
  const bool is_old = lsn.is_set() && lsn < before_;
  if (is_old && !waiting_.contains(number)) gone_[number] = ++gone_count_;
  if (number == 0 || gone_.contains(number)) return take_nothing(partition, behind);
  Transaction& one = transaction(number, partition);
  one.begun = true;
  one.part.reached[partition] = behind;
  if (!record.end) return;
  one.ended = true;
  one.since = Clock::now();
  for (const auto& collection : record.collections)
    if (is_read_(collection.name)) one.expected[collection.name] = collection.events;
}

void TransactionJoin::at_end_of_transactions() { end_seen_ = Clock::now(); }

bool TransactionJoin::is_complete(const Transaction& one) const {
  return one.ended && std::all_of(one.expected.begin(), one.expected.end(), [&](const auto& expected) {
           const auto seen = one.seen.find(expected.first);
           return seen != one.seen.end() && seen->second >= expected.second;
         });
}

Status TransactionJoin::send_part(Part& part, const Send& send) {
  if (part.events.empty() && part.reached.empty()) return {};
  Part whole = std::exchange(part, {});
  std::stable_sort(whole.events.begin(), whole.events.end(),
                   [](const Held& a, const Held& b) { return a.order < b.order; });
  auto batch = std::make_shared<EventBatch>();
  for (Held& held : whole.events) {
    if (batch->kept.empty() || batch->kept.back() != held.batch) batch->kept.push_back(held.batch);
    batch->events.push_back(held.event);
  }
  batch->kept_bytes = whole.bytes;
  return send(std::move(batch), std::move(whole.reached));
}

Status TransactionJoin::finish(Number number, const Send& send) {
  Transaction& one = waiting_.at(number);
  held_bytes_ -= std::min(held_bytes_, one.part.bytes);
  PENSTOCK_TRY(send_part(one.part, send));
  for (const auto& [partition, order] : one.newest) {
    const auto queue = queues_.find(partition);
    std::erase(queue->second, number);
    if (queue->second.empty()) queues_.erase(queue);
  }
  waiting_.erase(number);
  gone_[number] = ++gone_count_;
  if (gone_.size() > 2 * kRemembered)
    std::erase_if(gone_, [&](const auto& gone) { return gone.second + kRemembered < gone_count_; });
  return {};
}

void TransactionJoin::say_missing(Number number, const Transaction& one) {
  ++counts_.incomplete;
  std::string missing;
  for (const auto& [table, count] : one.expected) {
    const auto seen = one.seen.find(table);
    const std::uint64_t there = seen == one.seen.end() ? 0 : seen->second;
    if (there < count)
      missing += " " + table + " (" + std::to_string(count - there) + " of " + std::to_string(count) + ")";
  }
  log::warn("transaction {}: {}; what came of it is applied", number,
            missing.empty() ? std::string("its END never came") : "events of it never came:" + missing);
}

// Whether nothing that waits stands before it in any partition.
bool TransactionJoin::is_first(Number number, const Transaction& one) const {
  return std::all_of(one.newest.begin(), one.newest.end(),
                     [&](const auto& share) { return queues_.at(share.first).front() == number; });
}

// Whether the rest of it is waited for no more. Of one without BEGIN nothing more will be said once the
// transaction topic was read to its end: its BEGIN was read in an earlier life.
bool TransactionJoin::may_go(const Transaction& one) const {
  const auto waited = Clock::now() - one.since;
  if (one.begun) return one.ended && waited > limits_.patience;
  return end_seen_ > one.since && waited > limits_.orphan_patience;
}

// `went`: it was handed on, so that others may be first now.
Status TransactionJoin::hand_on_one(Number number, const Send& send, bool& went) {
  Transaction& one = waiting_.at(number);
  const bool complete = is_complete(one);
  if (complete || may_go(one)) {
    went = true;
    if (complete) ++counts_.joined;
    if (!complete && one.begun) say_missing(number, one);
    return finish(number, send);
  }
  const bool large = one.in_parts || one.part.bytes > limits_.bytes || one.part.events.size() > limits_.rows;
  if (!large || one.ended || one.part.events.empty()) return {};
  one.in_parts = true;
  ++counts_.parts;
  held_bytes_ -= std::min(held_bytes_, one.part.bytes);
  return send_part(one.part, send);
}

Status TransactionJoin::hand_on(const Send& send) {
  PENSTOCK_TRY(send_part(loose_, send));
  for (bool went = true; went;) {
    went = false;
    std::set<Number> fronts;
    for (const auto& [partition, queue] : queues_) fronts.insert(queue.front());
    for (const Number number : fronts)
      if (is_first(number, waiting_.at(number))) PENSTOCK_TRY(hand_on_one(number, send, went));
  }
  return {};
}

Status TransactionJoin::give_up(const Send& send) {
  PENSTOCK_TRY(send_part(loose_, send));
  while (!waiting_.empty()) {
    auto first = std::find_if(waiting_.begin(), waiting_.end(),
                              [&](const auto& one) { return is_first(one.first, one.second); });
    if (first == waiting_.end()) first = waiting_.begin();
    PENSTOCK_TRY(finish(first->first, send));
  }
  return {};
}

std::set<PartitionId> TransactionJoin::ahead() const {
  std::set<PartitionId> partitions;
  if (held_bytes_ <= limits_.held_bytes) return partitions;
  for (const auto& [partition, queue] : queues_)
    if (queue.size() > 1) partitions.insert(partition);
  return partitions;
}

}  // namespace penstock::backbone
