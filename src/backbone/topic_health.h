// How the reading of topics fares, for those who watch it.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "backbone/topic_intakes.h"
#include "backbone/transaction_join.h"

namespace penstock::backbone {

struct TopicCounts {
  // Of tables' topics, since the process began.
  std::uint64_t records = 0;
  std::uint64_t again = 0;    // delivered again, left out
  std::uint64_t ignored = 0;  // tombstones and the like
  // Source transactions, where Debezium tells of them.
  std::uint64_t joined = 0;      // handed on whole
  std::uint64_t parts = 0;       // parts of larger ones
  std::uint64_t incomplete = 0;  // handed on although events of them were missing
  std::string outage;            // why no records come; empty: they do
  bool operator==(const TopicCounts&) const = default;
};

// Without an outage.
TopicCounts counts_of(const TopicIntakes& intakes, const JoinCounts& joined);

// Any thread.
class TopicHealth {
 public:
  void tell(TopicCounts counts) {
    const std::lock_guard lock(mutex_);
    counts_ = std::move(counts);
  }
  TopicCounts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  TopicCounts counts_;
};

}  // namespace penstock::backbone
