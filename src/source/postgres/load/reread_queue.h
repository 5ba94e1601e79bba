// Rows of one table that wait to be read again.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/checkpoint.h"

namespace penstock::postgres {

// Not thread-safe. A row that is asked for again while it waits is read once, for the later request.
class RereadQueue {
 public:
  void push(Reread row);
  // Up to `most` rows that name the same columns and are all or none `only_absent`, oldest first.
  // `only_absent` alone while the table is still being loaded: the others may be answered by a chunk.
  std::vector<Reread> pop(std::size_t most, bool absent_alone);
  std::vector<Reread> pop_all();
  bool has(bool absent_alone) const { return !absent_.empty() || (!absent_alone && !rows_.empty()); }
  bool empty() const { return !has(false); }
  std::size_t size() const { return rows_.size() + absent_.size(); }

 private:
  std::vector<Reread> pop_from(std::deque<std::string>& order, std::size_t most);

  std::unordered_map<std::string, Reread> waiting_;  // by everything that makes the request what it is
  std::deque<std::string> rows_;
  std::deque<std::string> absent_;
};

}  // namespace penstock::postgres
