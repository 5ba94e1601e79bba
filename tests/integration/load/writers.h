// Eight sessions that change a table without rest.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "integration/load/replica.h"

namespace penstock::test {

// The table `ledger(id int PRIMARY KEY, amount bigint, note text, page text)`, `page` kept out of line.
void create_ledger(Playground& place, int rows);

// Inserts, updates with and without `page`, deletes, key changes and transfers between rows, one to five
// statements a transaction.
class Writers {
 public:
  Writers(const Playground& place, int rows, int count = 8);
  ~Writers();
  void pause();  // returns once every transaction has ended
  void resume();
  std::uint64_t transactions() const { return transactions_; }

 private:
  void write(int number);
  std::string statement(unsigned long random, int statements_so_far) const;

  const std::string schema_;
  const int rows_;
  std::atomic<std::uint64_t> transactions_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool paused_ = true;
  bool stopped_ = false;
  int busy_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace penstock::test
