// What is to be read next, and what becomes of it: the state of all loads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "source/postgres/load/attempt_book.h"
#include "source/postgres/load/loader.h"
#include "source/postgres/load/table_work.h"

namespace penstock::postgres {

// Thread-safe. Chunks count as under way from next() until committed() or give_back(), and no more than
// chunks_in_flight are.
class Scheduler {
 public:
  Scheduler(const LoaderOptions& options, std::function<void()> wake)
      : options_(options), wake_(std::move(wake)) {}

  // --- any thread
  void add(TableLoad load);
  void committed(const ChunkResult& chunk);
  void reread(std::vector<Reread> rows);
  void sweep_finished(const std::string& table);
  bool done() const;
  bool active(const std::string& table) const;
  std::vector<LoadProgress> progress() const;
  void fail_with(Error error);

  // --- readers
  std::optional<Job> next(std::stop_token stop);     // waits; nothing once a stop was asked for
  void settling(const Job& job, std::uint64_t xid);  // looks again a moment later
  void settled(const Job& job);
  void begun(const Job& job, std::optional<KeyText> upper, std::uint64_t estimated_rows);
  void resumed(const Job& job, std::vector<KeyRange> gaps);
  // The job's gap is to be read up to `to`; the rest is another chunk's.
  void planned(Job& job, KeyText to);
  // The chunk has grown too large: it ends at `to`.
  void cut(Job& job, KeyText to);
  void measured(const Job& job, std::size_t rows, std::size_t bytes);
  void give_back(Job job, std::chrono::milliseconds delay);
  // The table is not as described: nothing is read of it until add() describes it anew.
  void stale(Job job, Error why);

  // --- the stream
  // Rows as of the high marker; `again`: requests of the job that need another chunk.
  void ready(ChunkRead read, const std::vector<std::uint32_t>& again);
  void want_prune();
  EventBatchPtr take();
  Status failure();

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Job> choose(Clock::time_point now, Clock::time_point& until);
  Job job_of(const TableWorkPtr& table);
  Job range_job(const TableWorkPtr& table);
  Job reread_job(const TableWorkPtr& table, bool absent_alone);
  bool may_reread(const TableWork& table) const;
  void put_back(Job& job);
  void drop_ready(const TableWork& old);
  void finish_if_read(TableWork& table);
  void push_step(TableWork& table, LoadState state);
  void check_stale(Clock::time_point now);
  void notify();

  const LoaderOptions options_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, TableWorkPtr> tables_;
  std::map<std::string, std::vector<Reread>> unknown_;  // requests for tables that were not added yet
  std::deque<EventBatchPtr> ready_;
  std::atomic<std::size_t> ready_count_{0};
  std::size_t under_way_ = 0;
  std::size_t changes_ = 0;  // of what next() decides on
  bool prune_ = false;
  std::optional<Error> failure_;
  std::atomic<bool> failed_{false};
};

}  // namespace penstock::postgres
