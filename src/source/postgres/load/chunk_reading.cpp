// The reader's chunks: planning, reading by range and by key.
#include <utility>

#include "source/postgres/load/chunk_reader.h"

namespace penstock::postgres {

// Where the chunk ends. Any key will do; no snapshot rule is needed for it.
Status ChunkReader::plan(Job& job) {
  PENSTOCK_ASSIGN(const TableSql* sql, sql_of(job.table));
  PENSTOCK_ASSIGN(const Rows rows, session_.connection().query(sql->nth_key(job.range, job.most_rows)));
  KeyText to = job.range.to;
  if (rows.size() == 1) {
    to.clear();
    for (std::size_t i = 0; i < rows.columns(); ++i) to.push_back(rows.string(0, i));
  }
  scheduler_.planned(job, std::move(to));
  return {};
}

Status ChunkReader::range(Job& job) {
  PENSTOCK_TRY(plan(job));
  const std::uint64_t attempt = attempts_.open(job.table, true, false);
  auto taken = open_bracket(attempt, job);
  Result<ChunkRows> rows = taken ? read_range(job, std::move(*taken)) : fail(std::move(taken).error());
  if (!rows) {
    attempts_.withdraw(attempt);
    return fail(std::move(rows).error());
  }
  return close_bracket(attempt, job, std::move(*rows));
}

Result<bool> ChunkReader::copy(const Job& job, const std::string& sql,
                               const std::function<Result<bool>(std::string_view)>& line) {
  bool whole = true;
  Status copied = session_.connection().copy_out(sql, [&](std::string_view text) -> Status {
    if (stop_.stop_requested() || job.table->replaced)
      return fail(ErrorKind::kCancelled, "the load of " + job.table->name + " was stopped");
    PENSTOCK_ASSIGN(const bool more, line(text));
    if (more) return {};
    whole = false;
    return fail(ErrorKind::kCancelled, "the chunk is full");
  });
  if (whole && !copied) return fail(std::move(copied).error());
  if (whole) {
    PENSTOCK_TRY(session_.commit());
  } else {
    session_.rollback();
    PENSTOCK_TRY(session_.connect());
  }
  return whole;
}

Result<ChunkRows> ChunkReader::read_range(Job& job, ReaderSession::Taken taken) {
  PENSTOCK_ASSIGN(RowReader reader,
                  RowReader::make(*job.table, session_.types(), std::move(taken.snapshot), taken.micros));
  KeyText last;
  PENSTOCK_ASSIGN(const bool whole,
                  copy(job, sql_->read_range(job.range), [&](std::string_view line) -> Result<bool> {
                    PENSTOCK_TRY(reader.add_row(line));
                    return reader.bytes() < options_.chunk_bytes;
                  }));
  if (!whole) scheduler_.cut(job, reader.last_key());
  scheduler_.measured(job, reader.rows(), reader.bytes());
  return reader.finish();
}

Status ChunkReader::by_key(Job& job) {
  const std::uint64_t attempt = attempts_.open(job.table, true, true);
  auto taken = open_bracket(attempt, job);
  Result<ChunkRows> rows = taken ? read_keys(job, std::move(*taken)) : fail(std::move(taken).error());
  if (!rows) {
    attempts_.withdraw(attempt);
    return fail(std::move(rows).error());
  }
  return close_bracket(attempt, job, std::move(*rows));
}

Result<ChunkRows> ChunkReader::read_keys(Job& job, ReaderSession::Taken taken) {
  PENSTOCK_ASSIGN(RowReader reader,
                  RowReader::make(*job.table, session_.types(), std::move(taken.snapshot), taken.micros));
  PENSTOCK_TRY(reader.expect(job.requests));
  const bool only_absent = job.requests.front().only_absent;
  const std::string sql = sql_->read_keys(reader.request_columns(), job.requests, only_absent);
  PENSTOCK_ASSIGN(const bool whole, copy(job, sql, [&](std::string_view line) -> Result<bool> {
                    PENSTOCK_TRY(reader.add_answer(line, only_absent));
                    return reader.bytes() < options_.chunk_bytes;
                  }));
  if (whole) {
    reader.add_absent();
  } else {
    reader.leave_unanswered();
  }
  if (!only_absent) scheduler_.measured(job, reader.rows(), reader.bytes());
  return reader.finish();
}

}  // namespace penstock::postgres
