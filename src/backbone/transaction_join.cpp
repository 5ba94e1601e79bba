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

TransactionJoin::Transaction& TransactionJoin::transaction(Number number) {
  const auto [found, is_new] = waiting_.try_emplace(number);
  if (is_new) found->second.since = Clock::now();
  return found->second;
}

// What of the partition comes next has to wait with what came last. Null: nothing waits.
TransactionJoin::Transaction* TransactionJoin::waiting_in(const PartitionId& partition) {
  const auto newest = newest_.find(partition);
  return newest == newest_.end() ? nullptr : &waiting_.at(newest->second);
}

void TransactionJoin::take_event(const EventBatchPtr& batch, const envelope::RecordHead& head,
                                 const PartitionId& partition, const Place& behind) {
  const Number number = head.block ? head.transaction.value_or(0) : 0;
  if (number == 0 || gone_.contains(number)) {
    Transaction* newest = waiting_in(partition);
    Part& part = newest != nullptr ? newest->part : loose_;
    add(part, batch, newest != nullptr ? newest->shares[partition].newest : 0);
    part.reached[partition] = behind;
    return;
  }
  Transaction& one = transaction(number);
  const auto [share, is_first] = one.shares.try_emplace(partition);
  if (is_first) share->second.first = behind.next;
  if (is_first || head.block->total_order > share->second.newest) {  // else it is delivered again
    share->second.newest = head.block->total_order;
    ++one.seen[to_string(head.table)];
  }
  const std::size_t before = one.part.bytes;
  add(one.part, batch, head.block->total_order);
  held_bytes_ += one.part.bytes - before;
  one.part.reached[partition] = behind;
  newest_[partition] = number;
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
  if (number == 0 || is_old || gone_.contains(number)) {
    Part& part = order_.empty() ? loose_ : waiting_.at(order_.back()).part;
    part.reached[partition] = behind;
    if (is_old) gone_[number] = ++gone_count_;
    return;
  }
  Transaction& one = transaction(number);
  if (!std::exchange(one.begun, true)) order_.push_back(number);
  if (!record.end) return;
  one.ended = true;
  one.since = Clock::now();
  one.part.reached[partition] = behind;
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
  waiting_.erase(number);
  std::erase_if(newest_, [&](const auto& newest) { return newest.second == number; });
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

// Whether events of `one` stand before those of `other` in some partition.
bool TransactionJoin::precedes(const Transaction& one, const Transaction& other) {
  return std::any_of(one.shares.begin(), one.shares.end(), [&](const auto& share) {
    const auto found = other.shares.find(share.first);
    return found != other.shares.end() && share.second.first < found->second.first;
  });
}

// Transactions without BEGIN that came before this one: theirs was read in an earlier life.
Status TransactionJoin::finish_before(Number number, const Send& send) {
  std::vector<Number> before;
  for (const auto& [other, one] : waiting_)
    if (!one.begun && precedes(one, waiting_.at(number))) before.push_back(other);
  std::sort(before.begin(), before.end(),
            [&](Number a, Number b) { return precedes(waiting_.at(a), waiting_.at(b)); });
  for (const Number other : before) PENSTOCK_TRY(finish(other, send));
  return {};
}

// Their BEGIN was read in an earlier life: nothing will say more of them.
Status TransactionJoin::hand_on_orphans(const Send& send) {
  const auto now = Clock::now();
  std::vector<Number> orphans;
  for (const auto& [number, one] : waiting_) {
    const bool is_over = !one.begun && end_seen_ > one.since && now - one.since > limits_.orphan_patience;
    if (is_over) orphans.push_back(number);
  }
  for (const Number number : orphans) PENSTOCK_TRY(finish(number, send));
  return {};
}

Status TransactionJoin::hand_on(const Send& send) {
  PENSTOCK_TRY(send_part(loose_, send));
  while (!order_.empty()) {
    const Number number = order_.front();
    Transaction& one = waiting_.at(number);
    const bool complete = is_complete(one);
    const bool over = one.ended && Clock::now() - one.since > limits_.patience;
    if (!complete && !over) {
      const bool large =
          one.in_parts || one.part.bytes > limits_.bytes || one.part.events.size() > limits_.rows;
      if (!large || one.ended || one.part.events.empty()) break;
      PENSTOCK_TRY(finish_before(number, send));
      one.in_parts = true;
      ++counts_.parts;
      held_bytes_ -= std::min(held_bytes_, one.part.bytes);
      PENSTOCK_TRY(send_part(one.part, send));
      break;
    }
    if (complete) ++counts_.joined;
    if (!complete) say_missing(number, one);
    PENSTOCK_TRY(finish_before(number, send));
    order_.pop_front();
    PENSTOCK_TRY(finish(number, send));
  }
  return hand_on_orphans(send);
}

Status TransactionJoin::give_up(const Send& send) {
  PENSTOCK_TRY(send_part(loose_, send));
  while (!order_.empty()) {
    const Number number = order_.front();
    PENSTOCK_TRY(finish_before(number, send));
    order_.pop_front();
    PENSTOCK_TRY(finish(number, send));
  }
  while (!waiting_.empty()) PENSTOCK_TRY(finish(waiting_.begin()->first, send));
  return {};
}

std::set<PartitionId> TransactionJoin::ahead() const {
  std::set<PartitionId> partitions;
  if (held_bytes_ <= limits_.held_bytes || order_.empty()) return partitions;
  for (const auto& [partition, number] : newest_)
    if (number != order_.front()) partitions.insert(partition);
  return partitions;
}

}  // namespace penstock::backbone
