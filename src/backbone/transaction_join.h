// Source transactions put together again from the topics of their tables, with Debezium's transaction
// metadata (Debezium documentation 3.5: "Debezium connector for PostgreSQL", Transaction metadata): END says
// how many events each table had.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "backbone/read_through.h"
#include "base/result.h"
#include "envelope/read/record_head.h"
#include "model/event_batch.h"
#include "model/places.h"

namespace penstock::backbone {

struct JoinLimits {
  // A transaction larger than this is handed on in parts, as its events come.
  std::size_t rows = 20000;
  std::size_t bytes = 12U << 20;
  std::size_t held_bytes = 64U << 20;  // of all that waits: beyond it partitions that are ahead stand still
  // How long the events of a transaction are waited for after its END, and how long its END while something
  // else stands behind what came of it. Always: until what was written by then is read (read_through.h).
  std::chrono::milliseconds patience{10000};
  // The same of a transaction whose BEGIN was not read.
  std::chrono::milliseconds orphan_patience{2000};
  // The same of an END behind which nothing stands: nobody is held up by it, and whoever writes the
  // transaction may be away, or busy with tables that are not read.
  std::chrono::milliseconds silence{300000};
};

struct JoinCounts {
  std::uint64_t joined = 0;      // transactions handed on whole
  std::uint64_t parts = 0;       // parts of larger ones
  std::uint64_t incomplete = 0;  // handed on although events of them were missing
};

// One thread. A transaction is handed on once it is complete and nothing that waits stands before it in any
// of its partitions, those of the transaction topic among them: with one partition there, that is the order
// of commits. Events without a transaction go at once, or behind what waits of their partition. Nothing is
// waited for without end: JoinLimits.
class TransactionJoin {
 public:
  using Clock = ReadThrough::Clock;
  // Of a part of the stream that may be committed: its events, and where they lead to.
  using Send = std::function<Status(EventBatchPtr, Places)>;

  // `topic`: of transactions. `is_read`: whether events of that table ("public.orders") come here. `before`:
  // transactions that ended before it were applied in an earlier life. `read`: how far all partitions are
  // read, that topic's among them; outlives this.
  TransactionJoin(std::string topic, std::function<bool(const std::string& table)> is_read, Lsn before,
                  const ReadThrough& read, JoinLimits limits = {})
      : topic_(std::move(topic)),
        is_read_(std::move(is_read)),
        before_(before),
        read_(read),
        limits_(limits) {}

  // The last event of `batch`; its arena is kept as long as the event waits.
  void take_event(const EventBatchPtr& batch, const envelope::RecordHead& head, const PartitionId& partition,
                  const Place& behind);
  // Of a record that is handed out by others, or not at all: its transaction waits for it no more.
  void count(const envelope::RecordHead& head, const PartitionId& partition);
  // A record that is handed out by no event.
  void take_nothing(const PartitionId& partition, const Place& behind);
  void take_transaction(const envelope::TransactionRecord& record, const PartitionId& partition,
                        const Place& behind);
  // Hands on what is complete.
  Status hand_on(const Send& send);
  // All of it, in the order it came.
  Status give_up(const Send& send);
  bool empty() const { return waiting_.empty() && loose_.events.empty() && loose_.reached.empty(); }
  // Whether one without BEGIN waits for no more than to know, since the last such question, that the
  // transaction topic is read.
  bool wants_look(Clock::time_point last, Clock::time_point now) const;
  // Partitions not to be read for the time being.
  std::set<PartitionId> ahead() const;
  const JoinCounts& counts() const { return counts_; }

 private:
  struct Held {
    Event event;
    EventBatchPtr batch;
    std::uint64_t order = 0;
  };
  struct Part {
    std::vector<Held> events;
    Places reached;
    std::size_t bytes = 0;
  };
  struct Transaction {
    Part part;
    std::map<std::string, std::uint64_t> expected, seen;  // events by table
    std::map<PartitionId, std::uint64_t> newest;          // total_order, by partition where records of it are
    // From when on what is not there yet is waited for: its first record; once its BEGIN was read its newest
    // one, or the first one of others behind it; its END.
    Clock::time_point since{};
    bool begun = false, ended = false, in_parts = false;
    bool followed = false;  // others' records stand behind it in a partition
  };
  using Number = std::uint32_t;

  // The one that a record of this partition belongs to.
  Transaction& transaction(Number number, const PartitionId& partition);
  Transaction* waiting_in(const PartitionId& partition);
  // The one that waits for the record; null: none does.
  Transaction* counted(const envelope::RecordHead& head, const PartitionId& partition);
  bool was_told_before(const envelope::RecordHead& head) const;
  static void follow(Transaction& one);
  void remember(Number number);
  bool is_complete(const Transaction& one) const;
  bool is_first(Number number, const Transaction& one) const;
  bool may_go(Number number, const Transaction& one) const;
  bool transactions_read(Clock::time_point moment) const;
  bool tables_read(Number number, Clock::time_point moment) const;
  Status send_part(Part& part, const Send& send);
  Status finish(Number number, const Send& send);
  Status hand_on_one(Number number, const Send& send, bool& went);
  void say_missing(Number number, const Transaction& one);
  static void add(Part& part, const EventBatchPtr& batch, std::uint64_t order);

  const std::string topic_;
  const std::function<bool(const std::string&)> is_read_;
  const Lsn before_;
  const ReadThrough& read_;
  const JoinLimits limits_;
  std::map<Number, Transaction> waiting_;
  std::map<PartitionId, std::deque<Number>> queues_;  // what waits, by partition, in the order of its records
  std::map<Number, std::uint64_t> gone_;              // handed on, and when in their order
  std::uint64_t gone_count_ = 0;
  Part loose_;
  std::size_t held_bytes_ = 0;
  Lsn told_;  // the commit before the newest transaction that the transaction topic told of
  JoinCounts counts_;
};

}  // namespace penstock::backbone
