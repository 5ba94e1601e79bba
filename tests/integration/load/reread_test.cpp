// Rows read by key: re-reads and the sweep after a reload.
#include <gtest/gtest.h>

#include "integration/load/replica.h"
#include "integration/load/writers.h"

namespace penstock::test {
namespace {

Reread request(const std::string& table, std::vector<std::string> columns, KeyText key,
               bool only_absent = false) {
  Reread row;
  row.table = table;
  row.columns = std::move(columns);
  for (const std::string& part : key) row.id += part + ";";
  row.key = std::move(key);
  row.only_absent = only_absent;
  return row;
}

TEST(Reread, FindsRowsOrSaysThatTheyAreAbsent) {
  Playground place;
  place.run("CREATE TABLE t (a int, b numeric, v text, PRIMARY KEY (a, b))");
  place.run("INSERT INTO t VALUES (1, 1.50, 'one'), (2, 2, 'two')");
  place.publish("t");
  const std::string name = place.name() + ".t";
  Replica replica(place, {});
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  const Table before = replica.table(name);
  replica.table(name).clear();
  replica.table(name)[{"9", "9"}] = {"9", "9", "a document without row"};
  replica.loader().reread({request(name, {"a", "b"}, {"1", "1.5"}), request(name, {"a", "b"}, {"9", "9"}),
                           request(name, {"b", "a"}, {"2.0", "2"})});
  EXPECT_FALSE(replica.loads_done());
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(name), before);
  EXPECT_EQ(replica.absent(), 1U);
}

TEST(Reread, MayNameOtherColumnsThanTheKey) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, v int)");
  place.run("INSERT INTO t SELECT n, 'code ' || n, n FROM generate_series(1, 100) n");
  place.publish("t");
  const std::string name = place.name() + ".t";
  Replica replica(place, {});
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  replica.table(name).clear();
  std::vector<Reread> rows;
  for (int i = 1; i <= 100; ++i) rows.push_back(request(name, {"code"}, {"code " + std::to_string(i)}));
  replica.loader().reread(std::move(rows));
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(name), place.rows("t"));
}

TEST(Reread, LargeRowsAreReadInSeveralChunks) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY, page text)");
  place.run("INSERT INTO t SELECT n, repeat(md5(n::text), 8192) FROM generate_series(1, 40) n");
  place.publish("t");
  const std::string name = place.name() + ".t";
  postgres::LoaderOptions options;
  options.chunk_bytes = 1U << 20;
  Replica replica(place, options);
  postgres::TableLoad load;
  load.description = place.describe("t");
  load.checkpoint.table = name;
  load.checkpoint.load_id = 1;
  load.checkpoint.state = LoadState::kLoaded;
  replica.add(std::move(load));
  std::vector<Reread> rows;
  for (int i = 1; i <= 41; ++i) rows.push_back(request(name, {"id"}, {std::to_string(i)}));
  replica.loader().reread(std::move(rows));
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(name), place.rows("t"));
  EXPECT_GE(replica.chunks(), 8U);
  EXPECT_EQ(replica.absent(), 1U);
}

TEST(Sweep, RemovesDocumentsWithoutRowAlsoWhileRowsChange) {
  Playground place;
  create_ledger(place, 500);
  place.publish("ledger");
  const std::string name = place.name() + ".ledger";
  postgres::LoaderOptions options;
  options.chunk_rows = 40;
  Replica replica(place, options);
  Writers writers(place, 500, 3);
  for (std::uint64_t round = 1; round <= 5; ++round) {
    postgres::TableLoad load;
    load.description = place.describe("ledger");
    load.checkpoint.table = name;
    load.checkpoint.load_id = round;
    load.checkpoint.sweep = true;
    for (int i = 0; i < 300; ++i)
      replica.table(name)[{std::to_string(5000 + i)}] = {std::to_string(5000 + i), "1", "stale", "<null>"};
    writers.resume();
    replica.add(std::move(load));
    ASSERT_TRUE(replica.pump([&] { return replica.loads_done(); }));
    writers.pause();
    ASSERT_TRUE(replica.catch_up());
    EXPECT_EQ(replica.checkpoint(name).state, LoadState::kLoaded);
    EXPECT_GE(replica.absent(), 300U * round);
    EXPECT_EQ(replica.table(name), place.rows("ledger"));
  }
}

}  // namespace
}  // namespace penstock::test
