// Loads that something comes in the way of.
#include <gtest/gtest.h>

#include <thread>

#include "integration/load/replica.h"
#include "integration/load/writers.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

postgres::Connection session(const Playground& place) {
  auto opened = postgres::Connection::open(server_url());
  EXPECT_TRUE(opened) << opened.error().text();
  EXPECT_TRUE(opened->execute("SET search_path = " + place.name()));
  return std::move(*opened);
}

void create_numbers(Playground& place, int rows) {
  place.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
  place.run("INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, " + std::to_string(rows) + ") n");
}

TEST(InterruptedLoad, GoesOnAfterItsCommittedChunks) {
  Playground place;
  create_numbers(place, 1000);
  place.publish("t");
  const std::string name = place.name() + ".t";
  postgres::LoaderOptions options;
  options.chunk_rows = 20;
  options.run = "first";
  TableCheckpoint stored;
  Table rows;
  {
    Replica replica(place, options);
    replica.load("t");
    ASSERT_TRUE(replica.pump([&] { return replica.chunks() >= 20; }));
    stored = replica.checkpoint(name);
    rows = replica.table(name);
  }
  // Two chunks that were read at the same time as others: the crash came before their commit.
  ASSERT_GE(stored.done.size(), 20U);
  stored.done.erase(stored.done.begin() + 3, stored.done.begin() + 5);
  stored.done.erase(stored.done.begin() + 10);
  const std::size_t before = stored.done.size();
  ASSERT_EQ(stored.state, LoadState::kLoading);

  options.run = "second";
  Replica replica(place, options);
  replica.table(name) = rows;
  postgres::TableLoad load;
  load.description = place.describe("t");
  load.checkpoint = stored;
  replica.add(std::move(load));
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(name), place.rows("t"));
  EXPECT_EQ(replica.chunks(), 50U - before);
  EXPECT_EQ(replica.loader().progress().at(0).rows, 1000U);
}

TEST(InterruptedLoad, SurvivesTheLossOfItsConnections) {
  Playground place;
  create_ledger(place, 3000);
  place.publish("ledger");
  postgres::LoaderOptions options;
  options.chunk_rows = 30;
  Replica replica(place, options);
  Writers writers(place, 3000, 2);
  writers.resume();
  replica.load("ledger");
  for (std::size_t kill = 1; kill <= 8; ++kill) {
    ASSERT_TRUE(replica.pump([&] { return replica.chunks() >= 5 * kill; }));
    place.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'penstock load'");
  }
  ASSERT_TRUE(replica.pump([&] { return replica.loads_done(); }));
  writers.pause();
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(place.name() + ".ledger"), place.rows("ledger"));
}

TEST(InterruptedLoad, WaitsForAnAlterTableToEnd) {
  Playground place;
  create_numbers(place, 100);
  place.publish("t");
  auto description = place.describe("t", {});  // PostgreSQL 18 locks a table to say whether it is published
  auto altering = session(place);
  ASSERT_TRUE(altering.execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE"));
  Replica replica(place, {});
  replica.load(std::move(description));
  EXPECT_FALSE(replica.pump([&] { return replica.loads_done(); }, 4s));  // beyond one lock_timeout
  EXPECT_FALSE(replica.failure());
  ASSERT_TRUE(altering.execute("COMMIT"));
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(place.name() + ".t"), place.rows("t"));
}

TEST(InterruptedLoad, StartsAnewWhenTheTableIsAltered) {
  Playground place;
  create_numbers(place, 500);
  place.publish("t");
  postgres::LoaderOptions options;
  options.chunk_rows = 10;
  Replica replica(place, options);
  replica.load("t");
  ASSERT_TRUE(replica.pump([&] { return replica.chunks() >= 5; }));
  place.run(
      "ALTER TABLE t ADD COLUMN id2 bigint DEFAULT 7; ALTER TABLE t ALTER COLUMN v TYPE bytea USING "
      "v::bytea");
  EXPECT_FALSE(replica.pump([&] { return replica.loads_done(); }, 1s));
  EXPECT_FALSE(replica.failure());
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(place.name() + ".t"), place.rows("t"));
}

TEST(InterruptedLoad, TruncateEmptiesWhatWasRead) {
  Playground place;
  create_ledger(place, 600);
  place.publish("ledger");
  postgres::LoaderOptions options;
  options.chunk_rows = 10;
  for (std::size_t round = 1; round <= 10; ++round) {
    options.run = "round " + std::to_string(round);
    Replica replica(place, options);
    replica.load("ledger");
    ASSERT_TRUE(replica.pump([&] { return replica.chunks() >= 4 * round; }));
    place.run("TRUNCATE ledger");
    place.run("INSERT INTO ledger SELECT n, 1, 'after', NULL FROM generate_series(1, 600) n");
    ASSERT_TRUE(replica.catch_up());
    EXPECT_EQ(replica.table(place.name() + ".ledger"), place.rows("ledger"));
  }
}

TEST(InterruptedLoad, SaysThatTheTableIsGone) {
  Playground place;
  create_numbers(place, 10);
  place.publish("t");
  Replica replica(place, {});
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  place.run("DROP TABLE t");
  postgres::TableLoad load;
  load.description.schema = std::make_shared<TableSchema>(
      TableSchema{{place.name(), "t"}, 1, 'd', {{"id", 23, -1, "integer"}}, {0}});
  load.checkpoint.table = place.name() + ".t";
  load.checkpoint.load_id = 9;
  replica.add(std::move(load));
  EXPECT_FALSE(replica.pump([] { return false; }, 2s));
  ASSERT_TRUE(replica.failure());
  EXPECT_NE(replica.failure()->message.find(place.name() + ".t"), std::string::npos)
      << replica.failure()->text();
}

TEST(InterruptedLoad, SaysWhatItMayNotRead) {
  Playground place;
  create_numbers(place, 10);
  place.publish("t");
  // The reader's role stands for one that was granted nothing.
  const std::string role = place.name() + "_reader";
  place.run("CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA " + place.name() + " TO " + role);
  const auto description = place.describe("t");
  postgres::LoaderOptions options;
  const std::string url = server_url();
  const std::size_t host = url.find('@');
  ASSERT_NE(host, std::string::npos) << "PENSTOCK_TEST_POSTGRES must be postgresql://role@host/database";
  options.url = "postgresql://" + role + url.substr(host);
  Replica replica(place, options);
  replica.load("t");
  EXPECT_FALSE(replica.pump([&] { return replica.loads_done(); }, 5s));
  ASSERT_TRUE(replica.failure());
  EXPECT_EQ(replica.failure()->kind, ErrorKind::kPostgresRefused);
  EXPECT_NE(replica.failure()->remedy.find("GRANT SELECT ON " + place.name() + ".t"), std::string::npos)
      << replica.failure()->text();
  place.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

// A transaction that wrote before the table was published: the stream leaves those writes out for ever.
bool added_table_is_whole(bool await) {
  Playground place;
  place.run("CREATE TABLE other (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, v text)");
  place.run("INSERT INTO t VALUES (2, 'old')");
  place.publish("other");
  postgres::LoaderOptions options;
  options.unsafe_for_test.added_not_awaited = !await;
  Replica replica(place, options);
  replica.load("other");
  EXPECT_TRUE(replica.catch_up());

  auto early = session(place);
  EXPECT_TRUE(early.execute("BEGIN; INSERT INTO t VALUES (1, 'early'); UPDATE t SET v = 'new' WHERE id = 2"));
  place.run("ALTER PUBLICATION " + place.name() + " ADD TABLE t");
  replica.load("t");
  EXPECT_EQ(replica.pump([&] { return replica.loads_done(); }, 1s), !await);
  EXPECT_TRUE(early.execute("INSERT INTO t VALUES (3, 'late'); COMMIT"));
  EXPECT_TRUE(replica.catch_up());
  return replica.table(place.name() + ".t") == place.rows("t");
}

TEST(AddedTable, WaitsForTransactionsOlderThanItsPublication) { EXPECT_TRUE(added_table_is_whole(true)); }
TEST(AddedTable, LosesTheirChangesWhenItDoesNot) { EXPECT_FALSE(added_table_is_whole(false)); }

}  // namespace
}  // namespace penstock::test
