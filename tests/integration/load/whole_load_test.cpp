// What a first load of one table brings: every row, whatever its key, in bounded chunks.
#include <gtest/gtest.h>

#include "integration/load/replica.h"

namespace penstock::test {
namespace {

struct KeyCase {
  const char* name;
  const char* create;  // table t
  const char* fill;
  std::vector<std::string> key = {};
};

void PrintTo(const KeyCase& one, std::ostream* out) { *out << one.name; }

class EveryKey : public ::testing::TestWithParam<KeyCase> {};

TEST_P(EveryKey, IsReadInChunks) {
  Playground place;
  place.run(GetParam().create);
  place.run(GetParam().fill);
  place.publish("t");
  postgres::LoaderOptions options;
  options.chunk_rows = 7;
  Replica replica(place, options);
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  const Table expected = place.rows("t");
  ASSERT_GT(expected.size(), 50U);
  EXPECT_EQ(replica.table(place.name() + ".t"), expected);
  EXPECT_GE(replica.chunks(), expected.size() / 7);
  EXPECT_EQ(replica.checkpoint(place.name() + ".t").state, LoadState::kLoaded);
  EXPECT_EQ(replica.loader().progress().at(0).rows, expected.size());
}

INSTANTIATE_TEST_SUITE_P(
    , EveryKey,
    ::testing::Values(
        KeyCase{"serial", "CREATE TABLE t (id serial PRIMARY KEY, v text)",
                "INSERT INTO t (v) SELECT E'tab\\tnew\\nline\\\\' || n FROM generate_series(1, 100) n"},
        KeyCase{"text_in_a_locale", "CREATE TABLE t (k text COLLATE \"und-x-icu\" PRIMARY KEY, v int)",
                "INSERT INTO t SELECT p || n, n FROM generate_series(1, 30) n, (VALUES ('a'), ('B'), ('é'), "
                "('''\\x')) p(p)"},
        KeyCase{
            "composite_of_locales",
            "CREATE TABLE t (a text COLLATE \"und-x-icu\", b text COLLATE \"C\", c int, v text, PRIMARY KEY "
            "(a, b, c))",
            "INSERT INTO t SELECT chr(64 + n % 3), chr(96 + n % 5) , n, 'v' FROM generate_series(1, 100) n"},
        KeyCase{"numeric", "CREATE TABLE t (k numeric PRIMARY KEY, v int)",
                "INSERT INTO t SELECT (n - 50) / 8.0, n FROM generate_series(1, 100) n; INSERT INTO t VALUES "
                "('NaN', 1), "
                "('Infinity', 2), ('-Infinity', 3)"},
        KeyCase{"double", "CREATE TABLE t (k float8 PRIMARY KEY, v int)",
                "INSERT INTO t SELECT (n - 50) / 7.0, n FROM generate_series(1, 100) n; INSERT INTO t VALUES "
                "('NaN', 1), "
                "('Infinity', 2), ('-Infinity', 3)"},
        KeyCase{"timestamptz_descending_index",
                "CREATE TABLE t (k timestamptz NOT NULL, v int); CREATE UNIQUE INDEX t_k ON t (k DESC); "
                "ALTER TABLE t REPLICA IDENTITY USING INDEX t_k",
                "INSERT INTO t SELECT '2024-01-01'::timestamptz + n * '1.5 s'::interval, n FROM "
                "generate_series(1, 99) n; INSERT INTO t VALUES ('infinity', 1), ('-infinity', 2), "
                "('0044-03-15 BC', 3)"},
        KeyCase{"uuid", "CREATE TABLE t (k uuid PRIMARY KEY, v int)",
                "INSERT INTO t SELECT md5(n::text)::uuid, n FROM generate_series(1, 100) n"},
        KeyCase{"bytea", "CREATE TABLE t (k bytea PRIMARY KEY, v int)",
                "INSERT INTO t SELECT decode(md5(n::text), 'hex'), n FROM generate_series(1, 100) n"},
        KeyCase{"enum_and_char",
                "CREATE TYPE mood AS ENUM ('b', 'a'); CREATE TABLE t (m mood, c char(8), v int, PRIMARY KEY "
                "(m, c))",
                "INSERT INTO t SELECT CASE n % 2 WHEN 0 THEN 'a' ELSE 'b' END::mood, 'c' || n, n FROM "
                "generate_series(1, 100) n"},
        KeyCase{"domain", "CREATE DOMAIN tag AS varchar(20); CREATE TABLE t (k tag PRIMARY KEY, v int)",
                "INSERT INTO t SELECT 'tag ' || n, n FROM generate_series(1, 100) n"},
        KeyCase{"quoted_names",
                "CREATE TABLE t (\"Số \"\"1\"\" order\" int PRIMARY KEY, \"select\" text, t text)",
                "INSERT INTO t SELECT n, NULL, 'Đặng ' || n FROM generate_series(1, 100) n"},
        KeyCase{"array", "CREATE TABLE t (k int[] PRIMARY KEY, v int)",
                "INSERT INTO t SELECT ARRAY[n % 3, n], n FROM generate_series(1, 100) n"}),
    [](const auto& one) { return std::string(one.param.name); });

// Operators outside pg_catalog: `>` alone would be text's, which orders unlike citext's own ORDER BY.
TEST(WholeLoad, OrdersCitextAsItsIndexDoes) {
  Playground place;
  place.run("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public");
  place.run("CREATE TABLE t (k citext, n int, v int, PRIMARY KEY (k, n))");
  place.run(
      "INSERT INTO t SELECT CASE n % 2 WHEN 0 THEN 'b' ELSE 'A' END || chr(64 + n % 26), n, n FROM "
      "generate_series(1, 200) n");
  place.publish("t");
  postgres::LoaderOptions options;
  options.chunk_rows = 5;
  Replica replica(place, options);
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(place.name() + ".t"), place.rows("t"));
}

TEST(WholeLoad, AnEmptyTableIsLoadedAtOnce) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY)");
  place.publish("t");
  Replica replica(place, {});
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.checkpoint(place.name() + ".t").state, LoadState::kLoaded);
  EXPECT_EQ(replica.chunks(), 0U);
}

TEST(WholeLoad, WideRowsMakeSmallChunks) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY, page text)");
  place.run(
      "INSERT INTO t SELECT n, repeat(md5(n::text), 8192) FROM generate_series(1, 60) n");  // 256 KiB each
  place.publish("t");
  postgres::LoaderOptions options;
  options.chunk_bytes = 1U << 20;
  Replica replica(place, options);
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(place.name() + ".t"), place.rows("t"));
  EXPECT_GE(replica.chunks(), 12U);
  EXPECT_LT(replica.largest_chunk(), 3U << 20);
}

TEST(WholeLoad, ChunksInFlightAreBounded) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY)");
  place.run("INSERT INTO t SELECT generate_series(1, 1000)");
  place.publish("t");
  postgres::LoaderOptions options;
  options.chunk_rows = 10;
  options.chunks_in_flight = 3;
  Replica replica(place, options);
  replica.hold_chunks(true);
  replica.load("t");
  EXPECT_FALSE(replica.pump([&] { return replica.chunks() > 3; }, std::chrono::seconds(1)));
  EXPECT_EQ(replica.chunks(), 3U);
}

TEST(WholeLoad, PartitionsAreReadThroughTheirRoot) {
  for (const char* options : {"publish_via_partition_root = true", "publish_via_partition_root = false"}) {
    Playground place;
    place.run(
        "CREATE TABLE t (id int, region text, v int, PRIMARY KEY (id, region)) PARTITION BY LIST (region)");
    place.run("CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_b PARTITION OF t DEFAULT");
    place.run("INSERT INTO t SELECT n, chr(97 + n % 3), n FROM generate_series(1, 300) n");
    place.publish("t", options);
    postgres::LoaderOptions small;
    small.chunk_rows = 20;
    Replica replica(place, small);
    replica.load("t");
    place.run("UPDATE t SET v = -v, region = 'b' WHERE id % 10 = 0");
    ASSERT_TRUE(replica.catch_up());
    EXPECT_EQ(replica.table(place.name() + ".t"), place.rows("t")) << options;
  }
}

TEST(WholeLoad, InheritanceChildrenAreNotTheParentsRows) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE child (extra int) INHERITS (t)");
  place.run("INSERT INTO t SELECT n, n FROM generate_series(1, 60) n; INSERT INTO child VALUES (1000, 1, 1)");
  place.publish("ONLY t");
  Replica replica(place, {});
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  EXPECT_EQ(replica.table(place.name() + ".t").size(), 60U);
}

TEST(WholeLoad, KeepsToRowFilterAndColumnList) {
  Playground place;
  place.run("CREATE TABLE t (id int PRIMARY KEY, secret text, v int)");
  place.run("INSERT INTO t SELECT n, 'secret', n FROM generate_series(1, 100) n");
  place.publish("t (id, v) WHERE (id % 2 = 0)");
  postgres::LoaderOptions options;
  options.chunk_rows = 9;
  Replica replica(place, options);
  replica.load("t");
  ASSERT_TRUE(replica.catch_up());
  Table& rows = replica.table(place.name() + ".t");
  EXPECT_EQ(rows.size(), 50U);
  EXPECT_EQ(rows.begin()->second.size(), 2U);
}

}  // namespace
}  // namespace penstock::test
