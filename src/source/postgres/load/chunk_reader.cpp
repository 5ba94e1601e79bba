#include "source/postgres/load/chunk_reader.h"

#include <utility>

#include "base/log.h"
#include "source/postgres/load/read_error.h"

namespace penstock::postgres {
namespace {

constexpr std::chrono::milliseconds kLater{500};

// Who may keep the load from beginning. Without pg_monitor other roles' transactions are not shown.
constexpr const char* kBlockersSql =
    "SELECT coalesce(string_agg(who, ', '), 'transactions that this role may not see') FROM ("
    "(SELECT concat('pid ', pid, ' (', application_name, ', ', state, ' since ', state_change, ')') AS who "
    "FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start "
    "LIMIT 5) "
    "UNION ALL (SELECT concat('prepared transaction ', gid) FROM pg_prepared_xacts ORDER BY prepared LIMIT "
    "5)) b";

}  // namespace

void ChunkReader::run(std::stop_token stop) {
  stop_ = stop;
  while (auto job = scheduler_.next(stop)) {
    Status outcome = session_.connect();
    if (outcome) outcome = perform(*job);
    if (outcome) {
      backoff_.reset();
    } else {
      recover(std::move(*job), std::move(outcome).error());
    }
  }
}

Status ChunkReader::perform(Job& job) {
  switch (job.kind) {
    case Job::Kind::kPrune:
      return prune();
    case Job::Kind::kSettle:
      return settle(job);
    case Job::Kind::kBegin:
      return begin(job);
    case Job::Kind::kResume:
      return resume(job);
    case Job::Kind::kRange:
      return range(job);
    case Job::Kind::kReread:
      return by_key(job);
  }
  return {};
}

void ChunkReader::recover(Job job, Error error) {
  const std::string name = job.table ? job.table->name : "first load";
  const ReadRemedy remedy = remedy_for(error);
  if (remedy == ReadRemedy::kReconnect) {
    session_.disconnect();
  } else {
    session_.rollback();
  }
  if (stop_.stop_requested() || (job.table && job.table->replaced)) {
    scheduler_.give_back(std::move(job), {});
    return;
  }
  switch (remedy) {
    case ReadRemedy::kReconnect:
      log::warn("{}: {}; the chunk is read again", name, error.message);
      scheduler_.give_back(std::move(job), {});
      sleep_unless_stopped(stop_, backoff_.next());
      return;
    case ReadRemedy::kLater:
      log::warn("{}: {}; the chunk is read again", name, error.message);
      scheduler_.give_back(std::move(job), kLater);
      return;
    case ReadRemedy::kRedescribe:
      scheduler_.stale(std::move(job), std::move(error));
      return;
    case ReadRemedy::kStop:
      scheduler_.give_back(std::move(job), {});
      scheduler_.fail_with(explained(std::move(error), name));
      return;
  }
}

Status ChunkReader::prune() {
  if (!mailbox_.is_wanted()) return {};
  PENSTOCK_TRY(session_.look());
  return {};
}

Status ChunkReader::settle(Job& job) {
  PENSTOCK_ASSIGN(const Snapshot now, session_.look());
  // All that ran when the wait began have ended, or nothing is running.
  const std::uint64_t wanted = job.settle_xid.value_or(now.xmax);
  if (now.xmin >= wanted || options_.unsafe_for_test.added_not_awaited) {
    scheduler_.settled(job);
    return {};
  }
  if (job.report_blockers)
    log::info("{}: its load begins once the transactions have ended that ran when it was published: {}",
              job.table->name, blockers());
  scheduler_.settling(job, wanted);
  return {};
}

std::string ChunkReader::blockers() {
  const auto rows = session_.connection().query(kBlockersSql);
  return rows && rows->size() == 1 ? rows->string(0, 0) : "unknown";
}

Result<const TableSql*> ChunkReader::sql_of(const TableWorkPtr& table) {
  if (sql_ && sql_table_.lock() == table) return &*sql_;
  sql_.reset();
  PENSTOCK_ASSIGN(TableSql made, TableSql::make(table->description, session_.connection()));
  sql_.emplace(std::move(made));
  sql_table_ = table;
  return &*sql_;
}

Result<ReaderSession::Taken> ChunkReader::open_bracket(std::uint64_t attempt, const Job& job) {
  PENSTOCK_ASSIGN(const TableSql* sql, sql_of(job.table));
  PENSTOCK_TRY(session_.mark(MarkerKind::kLow, attempt));
  std::vector<std::uint32_t> must_see;
  if (!options_.unsafe_for_test.low_not_awaited) {
    PENSTOCK_ASSIGN(must_see, attempts_.await_low(attempt, stop_));
  }
  return session_.begin_read(*sql, *job.table, must_see, stop_);
}

// From the delivery on the stream may take the chunk. If the high marker could not be written, or nobody
// knows, the chunk is taken back unless that has happened.
Status ChunkReader::close_bracket(std::uint64_t attempt, Job& job, ChunkRows rows) {
  attempts_.deliver(attempt, {std::move(job), std::move(rows)});
  Status marked = session_.mark(MarkerKind::kHigh, attempt);
  if (marked) return {};
  auto back = attempts_.withdraw(attempt);
  if (!back) {
    session_.rollback();
    job = Job{};
    return {};
  }
  job = std::move(back->job);
  return marked;
}

Status ChunkReader::begin(Job& job) {
  const std::uint64_t attempt = attempts_.open(job.table, false, false);
  auto taken = open_bracket(attempt, job);
  attempts_.withdraw(attempt);
  if (!taken) return fail(std::move(taken).error());
  PENSTOCK_ASSIGN(const Rows greatest, session_.connection().query(sql_->greatest_key()));
  PENSTOCK_ASSIGN(const Rows plan, session_.connection().query(sql_->estimate()));
  PENSTOCK_TRY(session_.commit());
  std::optional<KeyText> upper;
  if (greatest.size() == 1) {
    upper.emplace();
    for (std::size_t i = 0; i < greatest.columns(); ++i) upper->push_back(greatest.string(0, i));
  }
  scheduler_.begun(job, std::move(upper), planned_rows(plan.text(0, 0)));
  return {};
}

Status ChunkReader::resume(Job& job) {
  std::vector<KeyRange> runs = joined(job.done);
  const std::size_t fixed = !runs.empty() && !runs.front().from ? 1 : 0;
  if (runs.size() - fixed > 1) {
    PENSTOCK_ASSIGN(const TableSql* sql, sql_of(job.table));
    std::vector<KeyText> heads;
    for (std::size_t i = fixed; i < runs.size(); ++i) heads.push_back(*runs[i].from);
    PENSTOCK_ASSIGN(const Rows order, session_.connection().query(sql->order_of(heads)));
    std::vector<KeyRange> sorted(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(fixed));
    for (std::size_t i = 0; i < order.size(); ++i) sorted.push_back(runs[fixed + order.number(i, 0)]);
    runs = std::move(sorted);
  }
  scheduler_.resumed(job, gaps(runs, job.upper));
  return {};
}

}  // namespace penstock::postgres
