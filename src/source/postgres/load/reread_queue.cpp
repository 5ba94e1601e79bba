#include "source/postgres/load/reread_queue.h"

#include <utility>

namespace penstock::postgres {
namespace {

void append(std::string& to, const std::string& part) { to += std::to_string(part.size()) + ":" + part; }

std::string identity_of(const Reread& row) {
  std::string identity = row.only_absent ? "a" : "r";
  append(identity, row.id);
  for (const std::string& column : row.columns) append(identity, column);
  for (const std::string& value : row.key) append(identity, value);
  return identity;
}

}  // namespace

void RereadQueue::push(Reread row) {
  std::string identity = identity_of(row);
  const auto found = waiting_.find(identity);
  if (found != waiting_.end()) {
    if (found->second.since < row.since) found->second.since = row.since;
    if (!row.token.empty()) found->second.token = std::move(row.token);
    return;
  }
  (row.only_absent ? absent_ : rows_).push_back(identity);
  waiting_.emplace(std::move(identity), std::move(row));
}

std::vector<Reread> RereadQueue::pop_from(std::deque<std::string>& order, std::size_t most) {
  std::vector<Reread> taken;
  while (!order.empty() && taken.size() < most) {
    const auto next = waiting_.find(order.front());
    if (!taken.empty() && taken.front().columns != next->second.columns) break;
    taken.push_back(std::move(next->second));
    waiting_.erase(next);
    order.pop_front();
  }
  return taken;
}

std::vector<Reread> RereadQueue::pop_all() {
  std::vector<Reread> all;
  for (auto& [identity, row] : waiting_) all.push_back(std::move(row));
  waiting_.clear();
  rows_.clear();
  absent_.clear();
  return all;
}

std::vector<Reread> RereadQueue::pop(std::size_t most, bool absent_alone) {
  if (!absent_alone && !rows_.empty()) return pop_from(rows_, most);
  return pop_from(absent_, most);
}

}  // namespace penstock::postgres
