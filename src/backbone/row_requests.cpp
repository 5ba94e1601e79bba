#include "backbone/row_requests.h"

#include <iterator>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/retry.h"

namespace penstock::backbone {

void RowRequests::add(std::vector<Reread> rows) {
  const std::lock_guard lock(mutex_);
  rows_.insert(rows_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
}

void RowRequests::committed(const ChunkResult& chunk) {
  if (!chunk.by_key) return;
  const std::lock_guard lock(mutex_);
  --unanswered_;
}

bool RowRequests::empty() const {
  const std::lock_guard lock(mutex_);
  return rows_.empty() && unanswered_ == 0;
}

Status RowRequests::answer(std::stop_token stop, const std::function<Status(EventBatchPtr)>& send) {
  std::map<std::string, std::vector<Reread>> by_table;
  {
    const std::lock_guard lock(mutex_);
    for (Reread& row : std::exchange(rows_, {})) by_table[row.table].push_back(std::move(row));
    unanswered_ += static_cast<int>(by_table.size());
  }
  for (const auto& [table, wanted] : by_table) {
    PENSTOCK_ASSIGN(auto answer, read(table, wanted, stop));
    PENSTOCK_TRY(send(std::move(answer)));
  }
  return {};
}

Result<EventBatchPtr> RowRequests::read(const std::string& table, const std::vector<Reread>& wanted,
                                        std::stop_token stop) const {
  if (!read_)
    return fail(ErrorKind::kConfiguration,
                table +
                    ": values were left out of records (unchanged TOAST values), and there is no PostgreSQL "
                    "to ask for them",
                "name it: source: { postgres: postgresql://… }");
  Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2000));
  auto answer = read_(table, wanted);
  while (!answer && answer.error().kind == ErrorKind::kPostgresUnavailable && !stop.stop_requested()) {
    log::warn("{}; trying again, nothing is lost", answer.error().message);
    sleep_unless_stopped(stop, backoff.next());
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, answer.error().message);
    answer = read_(table, wanted);
  }
  return answer;
}

}  // namespace penstock::backbone
