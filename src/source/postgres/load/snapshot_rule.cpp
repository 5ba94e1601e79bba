#include "source/postgres/load/snapshot_rule.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace penstock::postgres {
namespace {

// a - b on the circle of 32-bit transaction ids (TransactionIdPrecedes).
std::int32_t distance(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b); }

bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

bool take_running(std::string_view& text, std::vector<std::uint32_t>& running) {
  if (text.empty()) return true;
  do {
    std::uint64_t xid = 0;
    if (!take_number(text, xid)) return false;
    running.push_back(static_cast<std::uint32_t>(xid));
  } while (take(text, ','));
  return text.empty();
}

}  // namespace

bool Snapshot::sees(std::uint32_t xid) const {
  if (distance(xid, static_cast<std::uint32_t>(xmax)) >= 0) return false;
  if (distance(xid, static_cast<std::uint32_t>(xmin)) < 0) return true;
  return !std::binary_search(running.begin(), running.end(), xid);
}

bool Snapshot::sees_all(const std::vector<std::uint32_t>& xids) const {
  return std::all_of(xids.begin(), xids.end(), [this](std::uint32_t xid) { return sees(xid); });
}

Result<Snapshot> parse_snapshot(std::string_view text) {
  Snapshot snapshot;
  std::string_view rest = text;
  if (!take_number(rest, snapshot.xmin) || !take(rest, ':') || !take_number(rest, snapshot.xmax) ||
      !take(rest, ':') || !take_running(rest, snapshot.running)) {
    return fail(ErrorKind::kPostgresProtocol,
                "pg_current_snapshot() answered \"" + std::string(text) + "\", expected xmin:xmax:xid,...");
  }
  std::sort(snapshot.running.begin(), snapshot.running.end());
  return snapshot;
}

void CommittedXids::prune(const Snapshot& snapshot) {
  std::erase_if(unproven_, [&](std::uint32_t xid) { return snapshot.sees(xid); });
}

void SnapshotMailbox::post(const Snapshot& snapshot) {
  std::lock_guard lock(mutex_);
  if (latest_ && latest_->xmax > snapshot.xmax) return;
  latest_ = snapshot;
  has_mail_.store(true, std::memory_order_relaxed);
}

std::optional<Snapshot> SnapshotMailbox::take() {
  std::lock_guard lock(mutex_);
  has_mail_.store(false, std::memory_order_relaxed);
  return std::exchange(latest_, std::nullopt);
}

}  // namespace penstock::postgres
