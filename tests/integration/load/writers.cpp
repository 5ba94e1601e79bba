#include "integration/load/writers.h"

#include <gtest/gtest.h>

#include <random>

namespace penstock::test {

void create_ledger(Playground& place, int rows) {
  place.run("CREATE TABLE ledger (id int PRIMARY KEY, amount bigint NOT NULL, note text, page text)");
  place.run("ALTER TABLE ledger ALTER COLUMN page SET STORAGE EXTERNAL");
  place.run(
      "INSERT INTO ledger SELECT n, 1000, 'note ' || n, CASE WHEN n % 4 = 0 THEN repeat(md5(n::text), 80) "
      "END FROM "
      "generate_series(1, " +
      std::to_string(rows) + ") n");
  place.run("ANALYZE ledger");
}

Writers::Writers(const Playground& place, int rows, int count) : schema_(place.name()), rows_(rows) {
  for (int i = 0; i < count; ++i) threads_.emplace_back([this, i] { write(i); });
}

Writers::~Writers() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Writers::pause() {
  std::unique_lock lock(mutex_);
  paused_ = true;
  changed_.wait(lock, [this] { return busy_ == 0; });
}

void Writers::resume() {
  std::lock_guard lock(mutex_);
  paused_ = false;
  changed_.notify_all();
}

std::string Writers::statement(unsigned long random, int place_in_transaction) const {
  const std::string id = std::to_string(1 + (random >> 8) % static_cast<unsigned long>(rows_));
  const std::string other =
      std::to_string(1 + (random >> 32) % static_cast<unsigned long>(rows_ + rows_ / 10));
  const std::string value = std::to_string(random % 1000000);
  switch (random % (place_in_transaction == 0 ? 16 : 8)) {
    case 0:
      return "DELETE FROM ledger WHERE id = " + id;
    case 1:
    case 2:
      return "INSERT INTO ledger VALUES (" + other + ", 1000, 'new " + value + "', repeat(md5('" + value +
             "'), 80)) ON CONFLICT (id) DO UPDATE SET note = excluded.note, page = excluded.page";
    case 3:
      return "UPDATE ledger SET id = " + other + ", note = 'moved " + value + "' WHERE id = " + id +
             " AND NOT EXISTS (SELECT FROM ledger WHERE id = " + other + ")";
    case 4:
      return "UPDATE ledger SET note = 'whole " + value + "', page = repeat(md5('" + value +
             "'), 60) WHERE id = " + id;
    default:
      return "UPDATE ledger SET amount = amount + " + value + " WHERE id = " + id;
  }
}

void Writers::write(int number) {
  auto opened = postgres::Connection::open(server_url());
  ASSERT_TRUE(opened) << opened.error().text();
  ASSERT_TRUE(opened->execute("SET search_path = " + schema_));
  std::mt19937_64 random(static_cast<unsigned long>(number) + 1);
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (paused_) {
      changed_.wait(lock);
      continue;
    }
    ++busy_;
    lock.unlock();
    const int statements = random() % 4 == 0 ? 3 : 1;
    std::string sql = statements == 1 ? "" : "BEGIN; ";
    for (int i = 0; i < statements; ++i) sql += statement(random(), statements == 1 ? 0 : 1) + "; ";
    if (statements > 1) sql += "COMMIT";
    // Deadlocks and keys that two inserted at once: the transaction did not happen.
    if (!opened->execute(sql)) static_cast<void>(opened->execute("ROLLBACK"));
    ++transactions_;
    lock.lock();
    if (--busy_ == 0) changed_.notify_all();
  }
}

}  // namespace penstock::test
