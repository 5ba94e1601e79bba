// The topic of transactions, and each event's place in its transaction (Debezium documentation 3.5: "Debezium
// connector for PostgreSQL", Transaction metadata).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backbone/producer.h"
#include "envelope/envelope.h"
#include "model/event_batch.h"

namespace penstock::backbone {

// One thread.
class TransactionMonitor {
 public:
  // How much of an open transaction was written: kept over a restart in its midst.
  struct Open {
    std::uint32_t transaction = 0;                // 0: none is open
    Lsn lsn;                                      // of its newest event
    std::map<std::string, std::uint64_t> events;  // by "schema.table"
  };

  TransactionMonitor(std::string topic, const envelope::Options& values);

  // The next record of an event of `table`. Appends BEGIN first where its transaction is new, and the END of
  // the one before.
  envelope::TransactionBlock next(const Event& event, const std::string& table, std::vector<Record>& records);
  // The transaction is over; appends its END. Nothing while none is open.
  void finish(std::vector<Record>& records);

  const Open& open() const { return open_; }
  void restore(Open open) { open_ = std::move(open); }

 private:
  Record record_of(const std::string& id, const char* status, const std::string& counts) const;

  const std::string topic_;
  std::string key_head_, value_head_, key_tail_, value_tail_;  // schemas around the data
  Open open_;
  std::int64_t commit_micros_ = 0;
};

}  // namespace penstock::backbone
