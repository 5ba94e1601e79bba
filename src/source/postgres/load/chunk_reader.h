// One reader: does jobs on its own session until it is stopped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/retry.h"
#include "source/postgres/load/attempt_book.h"
#include "source/postgres/load/reader_session.h"
#include "source/postgres/load/row_reader.h"
#include "source/postgres/load/scheduler.h"

namespace penstock::postgres {

class ChunkReader {
 public:
  ChunkReader(const LoaderOptions& options, Scheduler& scheduler, AttemptBook& attempts,
              SnapshotMailbox& mailbox)
      : options_(options),
        scheduler_(scheduler),
        attempts_(attempts),
        mailbox_(mailbox),
        session_(options, mailbox) {}

  void run(std::stop_token stop);       // in a thread of its own
  void cancel() { session_.cancel(); }  // any thread

 private:
  Status perform(Job& job);
  Status prune();
  Status settle(Job& job);
  Status begin(Job& job);
  Status resume(Job& job);
  Status plan(Job& job);
  Status range(Job& job);
  Status by_key(Job& job);
  std::string blockers();

  // The bracket around every reading: low marker and snapshot before, high marker after.
  Result<ReaderSession::Taken> open_bracket(std::uint64_t attempt, const Job& job);
  Status close_bracket(std::uint64_t attempt, Job& job, ChunkRows rows);
  Result<ChunkRows> read_range(Job& job, ReaderSession::Taken taken);
  Result<ChunkRows> read_keys(Job& job, ReaderSession::Taken taken);
  // COPY through `line`, which returns whether to go on. False: it was ended early.
  Result<bool> copy(const Job& job, const std::string& sql,
                    const std::function<Result<bool>(std::string_view)>& line);

  Result<const TableSql*> sql_of(const TableWorkPtr& table);
  void recover(Job job, Error error);

  const LoaderOptions& options_;
  Scheduler& scheduler_;
  AttemptBook& attempts_;
  SnapshotMailbox& mailbox_;
  ReaderSession session_;
  std::stop_token stop_;
  Backoff backoff_;
  std::weak_ptr<TableWork> sql_table_;  // the table that sql_ is for
  std::optional<TableSql> sql_;
};

}  // namespace penstock::postgres
