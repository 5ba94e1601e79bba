// What chunks are made of: ranges, SQL, COPY text, requests by key.
#include <gtest/gtest.h>

#include "source/postgres/load/copy_text.h"
#include "source/postgres/load/key_ranges.h"
#include "source/postgres/load/read_error.h"
#include "source/postgres/load/reread_queue.h"
#include "source/postgres/load/table_sql.h"

namespace penstock::postgres {
namespace {

TEST(CopyText, UnescapesEveryField) {
  Arena arena;
  std::vector<std::optional<std::string_view>> fields;
  ASSERT_TRUE(split_copy_line("1\t\\N\t\t\\\\N\ta\\tb\\nc\\\\d\\b\\f\\r\\v\tĐặng\n", 6, arena, fields));
  EXPECT_EQ(fields[0], "1");
  EXPECT_FALSE(fields[1]);
  EXPECT_EQ(fields[2], "");
  EXPECT_EQ(fields[3], "\\N");
  EXPECT_EQ(fields[4], "a\tb\nc\\d\b\f\r\v");
  EXPECT_EQ(fields[5], "Đặng");
}

TEST(CopyText, OneEmptyFieldIsALine) {
  Arena arena;
  std::vector<std::optional<std::string_view>> fields;
  ASSERT_TRUE(split_copy_line("\n", 1, arena, fields));
  EXPECT_EQ(fields[0], "");
  ASSERT_TRUE(split_copy_line("\n", 0, arena, fields));
  EXPECT_TRUE(fields.empty());
}

TEST(CopyText, RefusesWhatIsNoRow) {
  Arena arena;
  std::vector<std::optional<std::string_view>> fields;
  EXPECT_FALSE(split_copy_line("1\t2\n", 3, arena, fields));
  EXPECT_FALSE(split_copy_line("1\t2\n", 1, arena, fields));
  EXPECT_FALSE(split_copy_line("ends\\\n", 1, arena, fields));
}

DoneChunk chunk(std::optional<std::string> from, std::string to) {
  DoneChunk done;
  if (from) done.from = KeyText{*from};
  done.to = {std::move(to)};
  return done;
}

TEST(KeyRanges, AWholeChainLeavesTheRest) {
  const auto runs = joined({chunk("b", "d"), chunk(std::nullopt, "b"), chunk("d", "f")});
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(gaps(runs, {"z"}), (std::vector<KeyRange>{{KeyText{"f"}, {"z"}}}));
  EXPECT_TRUE(gaps(runs, {"f"}).empty());
}

TEST(KeyRanges, FindsTheGapsOfALoadThatBrokeOff) {
  auto runs = joined({chunk("m", "p"), chunk("b", "d"), chunk("p", "q"), chunk("f", "g")});
  ASSERT_EQ(runs.size(), 3U);  // sorted by PostgreSQL: b, f, m
  EXPECT_EQ(gaps(runs, {"q"}),
            (std::vector<KeyRange>{{std::nullopt, {"b"}}, {KeyText{"d"}, {"f"}}, {KeyText{"g"}, {"m"}}}));
}

TEST(KeyRanges, NothingDoneIsOneGap) {
  EXPECT_EQ(gaps(joined({}), {"z"}), (std::vector<KeyRange>{{std::nullopt, {"z"}}}));
}

Reread row(std::string key, bool only_absent = false, std::uint64_t since = 0, std::string column = "id") {
  Reread request;
  request.columns = {std::move(column)};
  request.key = {std::move(key)};
  request.only_absent = only_absent;
  request.since = Lsn{since};
  return request;
}

TEST(RereadQueue, ReadsARowOnceForTheLatestRequest) {
  RereadQueue queue;
  queue.push(row("1", false, 5));
  queue.push(row("1", false, 9));
  queue.push(row("1", false, 7));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.pop(10, false).at(0).since, Lsn{9});
  EXPECT_TRUE(queue.empty());
}

TEST(RereadQueue, KeepsTheSweepApart) {
  RereadQueue queue;
  queue.push(row("1"));
  queue.push(row("2", true));
  queue.push(row("1", true));
  EXPECT_TRUE(queue.has(true));
  EXPECT_EQ(queue.pop(10, true).size(), 2U);
  EXPECT_FALSE(queue.has(true));
  EXPECT_EQ(queue.pop(10, false).size(), 1U);
}

TEST(RereadQueue, OneChunkAsksBySameColumns) {
  RereadQueue queue;
  queue.push(row("1"));
  queue.push(row("2"));
  queue.push(row("3"));
  queue.push(row("1", false, 0, "code"));
  EXPECT_EQ(queue.pop(2, false).size(), 2U);
  EXPECT_EQ(queue.pop(10, false).at(0).key, KeyText{"3"});
  EXPECT_EQ(queue.pop(10, false).at(0).columns.at(0), "code");
}

TEST(ReadError, KnowsWhatARetryMends) {
  const auto refused = [](const std::string& state) {
    return make_error(ErrorKind::kPostgresRefused,
                      "PostgreSQL: ERROR: x (SQLSTATE " + state + ") while running: y");
  };
  EXPECT_EQ(remedy_for(refused("55P03")), ReadRemedy::kLater);
  EXPECT_EQ(remedy_for(refused("40P01")), ReadRemedy::kLater);
  EXPECT_EQ(remedy_for(refused("42703")), ReadRemedy::kRedescribe);
  EXPECT_EQ(remedy_for(refused("42501")), ReadRemedy::kStop);
  EXPECT_EQ(remedy_for(make_error(ErrorKind::kPostgresUnavailable, "gone")), ReadRemedy::kReconnect);
  EXPECT_EQ(remedy_for(make_error(ErrorKind::kBadValue, "x")), ReadRemedy::kStop);
  EXPECT_NE(explained(refused("42501"), "public.t").remedy.find("GRANT SELECT ON public.t"),
            std::string::npos);
}

TEST(TableSql, ComparesWithTheOperatorsThatOrderTheKey) {
  TableDescription table;
  table.schema = std::make_shared<TableSchema>(
      TableSchema{{"public", "t"}, 7, 'd', {{"a", 25, -1, "text"}, {"b", 23, -1, "integer"}}, {0, 1}});
  table.row_filter = "a <> 'x'";
  const auto quote = [](std::string_view text) { return "'" + std::string(text) + "'"; };
  const TableSql plain(table, {{"text", "pg_catalog"}, {"integer", "pg_catalog"}}, quote);
  EXPECT_EQ(plain.read_range({KeyText{"p", "1"}, {"q", "2"}}),
            "COPY (SELECT t.\"a\", t.\"b\" FROM ONLY \"public\".\"t\" AS t WHERE "
            "ROW(t.\"a\", t.\"b\") OPERATOR(\"pg_catalog\".>) ROW('p'::text, '1'::integer) AND "
            "ROW(t.\"a\", t.\"b\") OPERATOR(\"pg_catalog\".<=) ROW('q'::text, '2'::integer) AND (a <> 'x') "
            "ORDER BY t.\"a\", t.\"b\") TO STDOUT");
  const TableSql mixed(table, {{"public.citext", "public"}, {"integer", "pg_catalog"}}, quote);
  EXPECT_EQ(mixed.nth_key({std::nullopt, {"q", "2"}}, 10),
            "SELECT t.\"a\", t.\"b\" FROM ONLY \"public\".\"t\" AS t WHERE "
            "(t.\"a\" OPERATOR(\"public\".<=) 'q'::public.citext AND "
            "(t.\"a\" OPERATOR(\"public\".<) 'q'::public.citext OR (t.\"a\" OPERATOR(\"public\".=) "
            "'q'::public.citext AND "
            "t.\"b\" OPERATOR(\"pg_catalog\".<=) '2'::integer))) ORDER BY t.\"a\", t.\"b\" OFFSET 9 LIMIT 1");
}

TEST(TableSql, FindsThePlannersEstimate) {
  EXPECT_EQ(
      planned_rows("[ { \"Plan\": { \"Total Cost\": 1.5, \"Plan Rows\": 10233, \"Plan Width\": 4 } } ]"),
      10233U);
  EXPECT_EQ(planned_rows("[]"), 0U);
}

}  // namespace
}  // namespace penstock::postgres
