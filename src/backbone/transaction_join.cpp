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
  Transaction& one = found->second;
  if (is_new) one.since = Clock::now();
  if (one.newest.try_emplace(partition).second) {
    if (Transaction* last = waiting_in(partition)) follow(*last);
    queues_[partition].push_back(number);
  }
  return one;
}

// What of the partition comes next has to wait with what came last. Null: nothing waits.
TransactionJoin::Transaction* TransactionJoin::waiting_in(const PartitionId& partition) {
  const auto queue = queues_.find(partition);
  return queue == queues_.end() ? nullptr : &waiting_.at(queue->second.back());
}

// Whoever writes the topics is done with it; only partitions that are read more slowly may hold more of it.
void TransactionJoin::follow(Transaction& one) {
  if (one.begun && !one.ended && !one.followed) one.since = Clock::now();
  one.followed = true;
}

// Whether its BEGIN was read in an earlier life: it committed before a transaction that this one was told of.
// With several partitions its BEGIN may still come.
bool TransactionJoin::was_told_before(const envelope::RecordHead& head) const {
  if (!head.place.last_commit || *head.place.last_commit >= told_) return false;
  const auto& readings = read_.readings();
  return std::count_if(readings.begin(), readings.end(),
                       [&](const auto& one) { return one.first.topic == topic_; }) == 1;
}

TransactionJoin::Transaction* TransactionJoin::counted(const envelope::RecordHead& head,
                                                       const PartitionId& partition) {
  const Number number = head.block ? head.transaction.value_or(0) : 0;
  if (number == 0 || gone_.contains(number)) return nullptr;
  if (!waiting_.contains(number) && was_told_before(head)) return nullptr;
  Transaction& one = transaction(number, partition);
  if (one.begun && !one.ended) one.since = Clock::now();
  if (one.begun || one.ended) told_ = head.place.last_commit.value_or(told_);
  std::uint64_t& newest = one.newest[partition];
  if (head.block->total_order > newest) {  // else it is delivered again
    newest = head.block->total_order;
    ++one.seen[to_string(head.table)];
  }
  return &one;
}

void TransactionJoin::count(const envelope::RecordHead& head, const PartitionId& partition) {
  counted(head, partition);
}

void TransactionJoin::take_event(const EventBatchPtr& batch, const envelope::RecordHead& head,
                                 const PartitionId& partition, const Place& behind) {
  Transaction* own = counted(head, partition);
  Transaction* last = waiting_in(partition);
  Transaction* with = own != nullptr ? own : last;
  Part& part = with != nullptr ? with->part : loose_;
  const std::size_t before = part.bytes;
  add(part, batch, own != nullptr ? head.block->total_order : last != nullptr ? last->newest[partition] : 0);
  if (last != nullptr) held_bytes_ += part.bytes - before;
  if (own == nullptr && last != nullptr) follow(*last);
  take_nothing(partition, behind);
}

// A place goes with the newest that waits in its partition: nothing before it is left then.
void TransactionJoin::take_nothing(const PartitionId& partition, const Place& behind) {
  Transaction* newest = waiting_in(partition);
  (newest != nullptr ? newest->part : loose_).reached[partition] = behind;
}

void TransactionJoin::take_transaction(const envelope::TransactionRecord& record,
                                       const PartitionId& partition, const Place& behind) {
  const Number number = record.transaction.value_or(0);
  const Lsn lsn = lsn_of(record.id);
  const bool is_old = lsn.is_set() && lsn < before_;
  if (is_old && !waiting_.contains(number)) remember(number);
  if (number == 0 || gone_.contains(number)) return take_nothing(partition, behind);
  Transaction& one = transaction(number, partition);
  one.since = Clock::now();
  take_nothing(partition, behind);
  one.begun = one.begun || !record.end;
  if (!record.end) return;
  one.ended = true;
  for (const auto& collection : record.collections)
    if (is_read_(collection.name)) one.expected[collection.name] = collection.events;
}

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
  remember(number);
  return {};
}

// What comes of it from now on waits for nothing. The newest of them are remembered.
void TransactionJoin::remember(Number number) {
  gone_[number] = ++gone_count_;
  if (gone_.size() > 2 * kRemembered)
    std::erase_if(gone_, [&](const auto& gone) { return gone.second + kRemembered < gone_count_; });
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

// Whether what was written to the transaction topic by then is read. While it is not there it may come back.
bool TransactionJoin::transactions_read(Clock::time_point moment) const {
  bool is_there = false;
  for (const auto& [partition, reading] : read_.readings()) {
    if (partition.topic != topic_) continue;
    is_there = true;
    if (reading.through <= moment) return false;
  }
  return is_there || Clock::now() > moment;
}

// Whether what was written to the tables' topics by then is read, as far as anything of this transaction may
// be there: nothing is behind the records of a later one. (Such a partition may stand still: ahead().)
bool TransactionJoin::tables_read(Number number, Clock::time_point moment) const {
  const auto& readings = read_.readings();
  return std::all_of(readings.begin(), readings.end(), [&](const auto& one) {
    if (one.first.topic == topic_ || one.second.through > moment) return true;
    const auto queue = queues_.find(one.first);
    if (queue == queues_.end() || queue->second.back() == number) return false;
    const Transaction& last = waiting_.at(queue->second.back());
    return (last.begun || last.ended) && Clock::now() > moment;
  });
}

// Whether the rest of it is waited for no more.
bool TransactionJoin::may_go(Number number, const Transaction& one) const {
  // Its BEGIN was read in an earlier life, which may have handed on some of it.
  if (!one.begun && !one.ended) return transactions_read(one.since + limits_.orphan_patience);
  if (!one.begun) return tables_read(number, one.since + limits_.orphan_patience);
  if (one.ended) return tables_read(number, one.since + limits_.patience);
  const auto moment = one.since + (one.followed ? limits_.patience : limits_.silence);
  return transactions_read(moment) && tables_read(number, moment);
}

// `went`: it was handed on, so that others may be first now.
Status TransactionJoin::hand_on_one(Number number, const Send& send, bool& went) {
  Transaction& one = waiting_.at(number);
  const bool complete = is_complete(one);
  if (complete || may_go(number, one)) {
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

bool TransactionJoin::wants_look(Clock::time_point last, Clock::time_point now) const {
  return std::any_of(queues_.begin(), queues_.end(), [&](const auto& queue) {
    const Transaction& one = waiting_.at(queue.second.front());
    const auto due = one.since + limits_.orphan_patience;
    return !one.begun && !one.ended && due >= last && due < now;
  });
}

std::set<PartitionId> TransactionJoin::ahead() const {
  std::set<PartitionId> partitions;
  if (held_bytes_ <= limits_.held_bytes) return partitions;
  for (const auto& [partition, queue] : queues_)
    if (queue.size() > 1) partitions.insert(partition);
  return partitions;
}

}  // namespace penstock::backbone
