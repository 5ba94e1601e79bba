// Which transactions a snapshot sees. PostgreSQL manual: "Transaction ID and Snapshot Information Functions".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::postgres {

// A result of pg_current_snapshot(). The stream names transactions by 32 bits and the snapshot by 64; they
// are compared modulo 2^32, so a transaction must be less than 2^31 older or younger than the snapshot.
struct Snapshot {
  std::uint64_t xmin = 0;
  std::uint64_t xmax = 0;
  std::vector<std::uint32_t> running;  // low 32 bits, sorted

  // Whether the effects of a transaction that committed are visible in the snapshot.
  bool sees(std::uint32_t xid) const;
  bool sees_all(const std::vector<std::uint32_t>& xids) const;
};

// "xmin:xmax:xid,xid,...". kPostgresProtocol for anything else.
Result<Snapshot> parse_snapshot(std::string_view text);

// Transactions whose COMMIT came in the stream and that no snapshot was yet seen to include. A COMMIT reaches
// the WAL, and the stream, before snapshots see it: this is the time in between. What one snapshot sees, all
// later ones see.
class CommittedXids {
 public:
  void add(std::uint32_t xid) { unproven_.push_back(xid); }
  void prune(const Snapshot& snapshot);
  const std::vector<std::uint32_t>& unproven() const { return unproven_; }

 private:
  std::vector<std::uint32_t> unproven_;
};

// Snapshots on their way from the readers, which take them, to the stream's thread, which prunes by them.
// Thread-safe.
class SnapshotMailbox {
 public:
  void post(const Snapshot& snapshot);  // replaces what was not taken: a later one sees more
  bool has_mail() const { return has_mail_.load(std::memory_order_relaxed); }
  std::optional<Snapshot> take();
  // How many transactions a snapshot is wanted for.
  void set_unproven(std::size_t count) { unproven_.store(count, std::memory_order_relaxed); }
  bool is_wanted() const { return unproven_.load(std::memory_order_relaxed) > 0; }

 private:
  std::mutex mutex_;
  std::optional<Snapshot> latest_;
  std::atomic<bool> has_mail_{false};
  std::atomic<std::size_t> unproven_{0};
};

}  // namespace penstock::postgres
