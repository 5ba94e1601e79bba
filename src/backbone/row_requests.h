// Rows that are asked of PostgreSQL because records left their values out.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "backbone/hidden_values.h"
#include "base/result.h"
#include "model/checkpoint.h"
#include "model/event_batch.h"

namespace penstock::backbone {

class RowRequests {
 public:
  explicit RowRequests(ReadRows read) : read_(std::move(read)) {}

  // Any thread.
  void add(std::vector<Reread> rows);
  void committed(const ChunkResult& chunk);
  bool empty() const;  // nothing is asked for or not durable yet

  // The source's thread. Sends the answers to what was asked for since, a chunk a table. PostgreSQL has the
  // rows as they are now: nothing that was handed out is newer, and what is older than they are comes after
  // them.
  Status answer(std::stop_token stop, const std::function<Status(EventBatchPtr)>& send);
  // Waits for PostgreSQL where it is away. kConfiguration: there is none to ask; kCancelled.
  Result<EventBatchPtr> read(const std::string& table, const std::vector<Reread>& wanted,
                             std::stop_token stop) const;

 private:
  const ReadRows read_;
  mutable std::mutex mutex_;  // holds those below
  std::vector<Reread> rows_;
  int unanswered_ = 0;  // chunks under way
};

}  // namespace penstock::backbone
