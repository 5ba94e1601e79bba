#include "source/postgres/load/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace penstock::postgres {
namespace {

constexpr std::chrono::seconds kIdlePrune{30};  // transaction ids are compared modulo 2^32: none may grow old
constexpr std::chrono::seconds kStaleLimit{60};  // for the description of an altered table to arrive
constexpr std::chrono::milliseconds kSettleAgain{50};
constexpr std::chrono::seconds kReportBlockers{5};  // and then every half minute
constexpr std::chrono::seconds kReportAgain{30};
constexpr std::size_t kRereadKeys = 2000;
constexpr std::size_t kRereadBytes = 4096;  // taken for a row while none was read

}  // namespace

std::optional<Job> Scheduler::next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto idle_until = Clock::now() + kIdlePrune;
  while (!stop.stop_requested()) {
    const auto now = Clock::now();
    check_stale(now);
    if (failed_) {
      changed_.wait(lock, stop, [] { return false; });
      return std::nullopt;
    }
    if (std::exchange(prune_, false) || now >= idle_until) return Job{};
    auto until = idle_until;
    if (auto job = choose(now, until)) return job;
    const std::size_t seen = changes_;
    changed_.wait_until(lock, stop, until, [&] { return changes_ != seen; });
  }
  return std::nullopt;
}

// Re-reads first (somebody may be waiting for them), then beginnings, then the table with the fewest chunks
// under way.
std::optional<Job> Scheduler::choose(Clock::time_point now, Clock::time_point& until) {
  TableWorkPtr best;
  const auto rank = [&](const TableWork& table) {
    if (may_reread(table)) return std::size_t{0};
    return table.stage == LoadStage::kChunks ? 2 + table.chunks : std::size_t{1};
  };
  for (const auto& [name, table] : tables_) {
    if (table->stale) continue;
    if (table->not_before > now) {
      until = std::min(until, table->not_before);
      continue;
    }
    const bool room = under_way_ < std::max<std::size_t>(options_.chunks_in_flight, 1);
    const bool chunk = room && table->stage == LoadStage::kChunks && !table->held && !table->gaps.empty();
    const bool start = table->stage < LoadStage::kChunks && !table->held;
    const bool reread = room && may_reread(*table);
    if (!chunk && !start && !reread) continue;
    if (!best || rank(*table) < rank(*best)) best = table;
  }
  if (!best) return std::nullopt;
  return job_of(best);
}

bool Scheduler::may_reread(const TableWork& table) const {
  const bool chunks_done = table.stage > LoadStage::kChunks;
  return under_way_ < std::max<std::size_t>(options_.chunks_in_flight, 1) &&
         table.stage >= LoadStage::kChunks && table.rereads.has(!chunks_done);
}

Job Scheduler::job_of(const TableWorkPtr& table) {
  Job job;
  if (may_reread(*table)) return reread_job(table, table->stage == LoadStage::kChunks);
  if (table->stage == LoadStage::kChunks) return range_job(table);
  table->held = true;
  job.table = table;
  job.kind = table->stage == LoadStage::kSettle  ? Job::Kind::kSettle
             : table->stage == LoadStage::kBegin ? Job::Kind::kBegin
                                                 : Job::Kind::kResume;
  job.settle_xid = table->settle_xid;
  if (job.kind == Job::Kind::kSettle && table->settle_xid) {
    const auto now = Clock::now();
    job.report_blockers =
        now - table->settle_since > kReportBlockers && now - table->settle_reported > kReportAgain;
    if (job.report_blockers) table->settle_reported = now;
  }
  if (job.kind == Job::Kind::kResume) {
    job.done = table->checkpoint.done;
    job.upper = *table->checkpoint.upper;
  }
  return job;
}

Job Scheduler::range_job(const TableWorkPtr& table) {
  Job job;
  job.kind = Job::Kind::kRange;
  job.table = table;
  job.range = std::move(table->gaps.front());
  table->gaps.pop_front();
  job.most_rows = std::max<std::size_t>(options_.chunk_rows, 1);
  if (table->row_bytes > 0) {
    const double fit = 0.9 * static_cast<double>(options_.chunk_bytes) / table->row_bytes;
    job.most_rows = std::clamp<std::size_t>(static_cast<std::size_t>(fit), 1, job.most_rows);
  }
  table->held = true;
  ++table->chunks;
  ++under_way_;
  return job;
}

Job Scheduler::reread_job(const TableWorkPtr& table, bool absent_alone) {
  const double row_bytes = std::max(table->row_bytes, static_cast<double>(kRereadBytes));
  const auto fit = static_cast<std::size_t>(static_cast<double>(options_.chunk_bytes) / row_bytes);
  Job job;
  job.kind = Job::Kind::kReread;
  job.table = table;
  job.requests = table->rereads.pop(std::clamp<std::size_t>(fit, 1, kRereadKeys), absent_alone);
  ++table->rereads_under_way;
  ++under_way_;
  return job;
}

void Scheduler::check_stale(Clock::time_point now) {
  if (failed_) return;
  for (const auto& [name, table] : tables_) {
    if (!table->stale || now - table->stale_since < kStaleLimit) continue;
    failure_ = *table->stale;
    failed_ = true;
    wake_();
    return;
  }
}

void Scheduler::notify() {
  ++changes_;
  changed_.notify_all();
}

void Scheduler::want_prune() {
  std::lock_guard lock(mutex_);
  prune_ = true;
  notify();
}

void Scheduler::settling(const Job& job, std::uint64_t xid) {
  std::lock_guard lock(mutex_);
  TableWork& table = *job.table;
  if (!table.settle_xid) table.settle_since = Clock::now();
  table.settle_xid = xid;
  table.not_before = Clock::now() + kSettleAgain;
  table.held = false;
  notify();
}

void Scheduler::settled(const Job& job) {
  std::lock_guard lock(mutex_);
  job.table->stage = LoadStage::kBegin;
  job.table->held = false;
  notify();
}

void Scheduler::begun(const Job& job, std::optional<KeyText> upper, std::uint64_t estimated_rows) {
  std::lock_guard lock(mutex_);
  TableWork& table = *job.table;
  table.held = false;
  if (table.replaced) return;
  table.checkpoint.upper = std::move(upper);
  table.checkpoint.estimated_rows = estimated_rows;
  table.stage = LoadStage::kChunks;
  if (table.checkpoint.upper) {
    push_step(table, LoadState::kLoading);
    table.gaps.push_back({std::nullopt, *table.checkpoint.upper});
  }
  finish_if_read(table);
  notify();
}

void Scheduler::resumed(const Job& job, std::vector<KeyRange> gaps) {
  std::lock_guard lock(mutex_);
  TableWork& table = *job.table;
  table.held = false;
  if (table.replaced) return;
  table.stage = LoadStage::kChunks;
  table.gaps.assign(std::make_move_iterator(gaps.begin()), std::make_move_iterator(gaps.end()));
  finish_if_read(table);
  notify();
}

void Scheduler::planned(Job& job, KeyText to) {
  std::lock_guard lock(mutex_);
  TableWork& table = *job.table;
  if (to != job.range.to) table.gaps.push_front({to, job.range.to});
  job.range.to = std::move(to);
  job.number = table.next_number++;
  job.planned = true;
  table.held = false;
  notify();
}

void Scheduler::cut(Job& job, KeyText to) {
  std::lock_guard lock(mutex_);
  if (to == job.range.to) return;
  job.table->gaps.push_front({to, job.range.to});
  job.range.to = std::move(to);
  notify();
}

void Scheduler::measured(const Job& job, std::size_t rows, std::size_t bytes) {
  if (rows == 0) return;
  std::lock_guard lock(mutex_);
  const double row_bytes = static_cast<double>(bytes) / static_cast<double>(rows);
  double& average = job.table->row_bytes;
  average = average == 0 ? row_bytes : (average + row_bytes) / 2;
}

void Scheduler::put_back(Job& job) {
  TableWork& table = *job.table;
  if (job.kind == Job::Kind::kRange) {
    if (!job.planned) table.held = false;
    --table.chunks;
    --under_way_;
    table.gaps.push_front(std::move(job.range));
  } else if (job.kind == Job::Kind::kReread) {
    --table.rereads_under_way;
    --under_way_;
    const auto current = tables_.find(table.name);
    for (Reread& row : job.requests) current->second->rereads.push(std::move(row));
  } else {
    table.held = false;
  }
}

void Scheduler::give_back(Job job, std::chrono::milliseconds delay) {
  if (!job.table) return want_prune();
  std::lock_guard lock(mutex_);
  put_back(job);
  job.table->not_before = Clock::now() + delay;
  notify();
}

void Scheduler::stale(Job job, Error why) {
  std::lock_guard lock(mutex_);
  put_back(job);
  if (!job.table->replaced && !job.table->stale) {
    log::info("{}: {}; its load waits until the table is described anew", job.table->name, why.message);
    job.table->stale = std::move(why);
    job.table->stale_since = Clock::now();
  }
  notify();
}

void Scheduler::fail_with(Error error) {
  {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    failed_ = true;
    notify();
  }
  wake_();
}

Status Scheduler::failure() {
  if (!failed_) return {};
  std::lock_guard lock(mutex_);
  return fail(*failure_);
}

}  // namespace penstock::postgres
