#include "source/postgres/load/attempt_book.h"

#include <chrono>
#include <utility>

#include "base/log.h"

namespace penstock::postgres {
namespace {

constexpr std::chrono::seconds kReportAfter{30};

}  // namespace

std::uint64_t AttemptBook::open(TableWorkPtr table, bool window, bool by_key) {
  std::lock_guard lock(mutex_);
  Attempt& attempt = attempts_[next_];
  attempt.table = std::move(table);
  attempt.window = window;
  attempt.by_key = by_key;
  return next_++;
}

Result<std::vector<std::uint32_t>> AttemptBook::await_low(std::uint64_t number, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  Attempt& attempt = attempts_.at(number);
  const auto over = [&] { return attempt.low || attempt.table->replaced.load(std::memory_order_relaxed); };
  while (!changed_.wait_for(lock, stop, kReportAfter, over) && !stop.stop_requested())
    log::info("{}: the load waits for the stream to reach its marker", attempt.table->name);
  if (!attempt.low) return fail(ErrorKind::kCancelled, "the load of " + attempt.table->name + " was stopped");
  return std::move(attempt.must_see);
}

void AttemptBook::deliver(std::uint64_t number, ChunkRead read) {
  std::lock_guard lock(mutex_);
  attempts_.at(number).read = std::move(read);
}

std::optional<ChunkRead> AttemptBook::withdraw(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  const auto found = attempts_.find(number);
  if (found == attempts_.end()) return std::nullopt;
  std::optional<ChunkRead> read = std::exchange(found->second.read, std::nullopt);
  if (found->second.low && found->second.window) {
    closed_.push_back(number);
    has_closed_.store(true, std::memory_order_relaxed);
  }
  attempts_.erase(found);
  return read;
}

void AttemptBook::wake() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

std::optional<AttemptBook::Low> AttemptBook::low_seen(std::uint64_t number,
                                                      const std::vector<std::uint32_t>& unproven) {
  std::lock_guard lock(mutex_);
  const auto found = attempts_.find(number);
  if (found == attempts_.end() || found->second.low) return std::nullopt;
  Attempt& attempt = found->second;
  attempt.low = true;
  attempt.must_see = unproven;
  changed_.notify_all();
  return Low{attempt.table, attempt.window, attempt.by_key};
}

std::optional<ChunkRead> AttemptBook::high_seen(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  const auto found = attempts_.find(number);
  if (found == attempts_.end() || !found->second.read) return std::nullopt;
  std::optional<ChunkRead> read = std::move(found->second.read);
  attempts_.erase(found);
  return read;
}

std::vector<std::uint64_t> AttemptBook::take_closed() {
  std::lock_guard lock(mutex_);
  has_closed_.store(false, std::memory_order_relaxed);
  return std::exchange(closed_, {});
}

}  // namespace penstock::postgres
