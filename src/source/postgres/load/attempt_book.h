// Attempts to read a chunk, from their low marker to their high one. The place where readers and stream meet.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "source/postgres/load/table_work.h"
#include "source/postgres/load/window_merge.h"

namespace penstock::postgres {

struct ChunkRead {
  Job job;
  ChunkRows rows;
};

// Thread-safe. A number is used once; markers of unknown numbers are ignored.
class AttemptBook {
 public:
  // --- readers
  // `window`: changes between the markers are wanted.
  std::uint64_t open(TableWorkPtr table, bool window, bool by_key);
  // Waits for the low marker in the stream. The transactions that committed before it and that no snapshot is
  // known to see. kCancelled when a stop was asked for or the table was replaced.
  Result<std::vector<std::uint32_t>> await_low(std::uint64_t number, std::stop_token stop);
  // Before the high marker is written: the stream may meet it at once.
  void deliver(std::uint64_t number, ChunkRead read);
  // The attempt's markers mean nothing any more. What was delivered comes back, unless the stream has taken
  // it at the high marker.
  std::optional<ChunkRead> withdraw(std::uint64_t number);
  void wake();  // looks again at stop and replaced

  // --- the stream
  struct Low {
    TableWorkPtr table;
    bool window = false;
    bool by_key = false;
  };
  std::optional<Low> low_seen(std::uint64_t number, const std::vector<std::uint32_t>& unproven);
  std::optional<ChunkRead> high_seen(std::uint64_t number);
  bool has_closed() const { return has_closed_.load(std::memory_order_relaxed); }
  std::vector<std::uint64_t>
  take_closed();  // attempts with a window whose high marker need not be waited for

 private:
  struct Attempt {
    TableWorkPtr table;
    bool window = false;
    bool by_key = false;
    bool low = false;
    std::vector<std::uint32_t> must_see;
    std::optional<ChunkRead> read;
  };

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::unordered_map<std::uint64_t, Attempt> attempts_;
  std::vector<std::uint64_t> closed_;
  std::atomic<bool> has_closed_{false};
  std::uint64_t next_ = 1;
};

}  // namespace penstock::postgres
