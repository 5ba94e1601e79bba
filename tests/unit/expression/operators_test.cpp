#include <gtest/gtest.h>

#include "unit/expression/orders.h"

namespace penstock::expression {
namespace {

TEST(Logic, IsThreeValuedAndStopsOnceDecided) {
  EXPECT_EQ(worth("null::bool and false"), "f|boolean");
  EXPECT_EQ(worth("null::bool and true"), "NULL|boolean");
  EXPECT_EQ(worth("null::bool or true"), "t|boolean");
  EXPECT_EQ(worth("not null::bool"), "NULL|boolean");
  EXPECT_EQ(worth("paid or order_id / 0 = 1"), "t|boolean");
  EXPECT_EQ(worth("not paid and order_id / 0 = 1"), "f|boolean");
  EXPECT_EQ(worth("order_id / 0 = 1 or paid"), "error: division by zero");
  EXPECT_EQ(worth("order_id and paid"), "refused: argument of AND must be type boolean, not type integer");
  EXPECT_EQ(worth("paid and 'yes'"), "t|boolean");
}

TEST(Logic, TestsAreNeverNull) {
  EXPECT_EQ(worth("note is null"), "t|boolean");
  EXPECT_EQ(worth("note is not null"), "f|boolean");
  EXPECT_EQ(worth("(note = 'x') is unknown"), "t|boolean");
  EXPECT_EQ(worth("(note = 'x') is not true"), "t|boolean");
  EXPECT_EQ(worth("paid is true and not paid is false"), "t|boolean");
  EXPECT_EQ(worth("note is distinct from status"), "t|boolean");
  EXPECT_EQ(worth("note is not distinct from null"), "t|boolean");
  EXPECT_EQ(worth("1 is distinct from 1.0"), "f|boolean");
}

TEST(Choice, CaseTakesTheFirstThatHolds) {
  EXPECT_EQ(worth("case status when 'draft' then 1 when 'shipped' then 2 else 3 end"), "2|integer");
  EXPECT_EQ(worth("case when order_id > 5 then 'big' end"), "big|text");
  EXPECT_EQ(worth("case when order_id < 5 then 'big' end"), "NULL|text");
  EXPECT_EQ(worth("case when paid then 1 else order_id / 0 end"), "1|integer");
  EXPECT_EQ(worth("case order_id when 7.0 then case status when 'x' then 1 else 2 end when 8 then 3 end"),
            "2|integer");
  EXPECT_EQ(worth("case when order_id then 1 end"),
            "refused: argument of CASE/WHEN must be type boolean, not type integer");
}

TEST(Choice, GreatestAndLeastLeaveNullsAside) {
  EXPECT_EQ(worth("greatest(1, null, 3.5)"), "3.5|numeric");
  EXPECT_EQ(worth("least(note, status, 'zz')"), "shipped|text");
  EXPECT_EQ(worth("greatest(null, note)"), "NULL|text");
  EXPECT_EQ(worth("coalesce(note, status)"), "shipped|text");
  EXPECT_EQ(worth("nullif(status, 'shipped')"), "NULL|text");
}

TEST(Sets, InAndBetween) {
  EXPECT_EQ(worth("order_id in (1, 7)"), "t|boolean");
  EXPECT_EQ(worth("order_id in (1, 7.0)"), "t|boolean");
  EXPECT_EQ(worth("order_id in (1, small)"), "f|boolean");
  EXPECT_EQ(worth("order_id in (1, null)"), "NULL|boolean");
  EXPECT_EQ(worth("order_id not in (1, 7)"), "f|boolean");
  EXPECT_EQ(worth("order_id not in (1, 2)"), "t|boolean");
  EXPECT_EQ(worth("order_id not in (1, null)"), "NULL|boolean");
  EXPECT_EQ(worth("status in ('draft', 'shipped')"), "t|boolean");
  EXPECT_EQ(worth("order_id between 1 and 7"), "t|boolean");
  EXPECT_EQ(worth("order_id not between 1 and 7"), "f|boolean");
  EXPECT_EQ(worth("order_id between 9 and 1"), "f|boolean");
  EXPECT_EQ(worth("order_id between symmetric 9 and 1"), "t|boolean");
  EXPECT_EQ(worth("(order_id, status) = (7, 'shipped')"), "t|boolean");
}

TEST(Sets, AnyAndAll) {
  EXPECT_EQ(worth("'blue' = any(tags)"), "t|boolean");
  EXPECT_EQ(worth("'green' = any(tags)"), "NULL|boolean");
  EXPECT_EQ(worth("order_id = any('{1,7}')"), "t|boolean");
  EXPECT_EQ(worth("order_id = any(array[1, 2.5])"), "f|boolean");
  EXPECT_EQ(worth("order_id > all(array[1, 2])"), "t|boolean");
  EXPECT_EQ(worth("null::int = any(array[]::int[])"), "f|boolean");
  EXPECT_EQ(worth("order_id = any(null::int[])"), "NULL|boolean");
}

TEST(Arrays, AreBuiltAndTakenApart) {
  EXPECT_EQ(worth("array[1, null, order_id]"), "{1,NULL,7}|integer[]");
  EXPECT_EQ(worth("array[1, 2.5]"), "{1,2.5}|numeric[]");
  EXPECT_EQ(worth("array['a b', 'c\"d', '', 'null']"), "{\"a b\",\"c\\\"d\",\"\",\"null\"}|text[]");
  EXPECT_EQ(worth("array[[1, 2], [3, 4]]"), "{{1,2},{3,4}}|integer[]");
  EXPECT_EQ(worth("(array[[1, 2], [3, 4]])[2][1]"), "3|integer");
  EXPECT_EQ(worth("(array[[1, 2], [3, 4]])[2]"), "NULL|integer");
  EXPECT_EQ(worth("tags[2]"), "blue|text");
  EXPECT_EQ(worth("tags[0]"), "NULL|text");
  EXPECT_EQ(worth("array[]"), "refused: cannot determine type of empty array");
  EXPECT_EQ(worth("array['1', '2']::int[]"), "{1,2}|integer[]");
  EXPECT_EQ(worth("'{a,{b}}'::text[]"), "refused: malformed array literal: \"{a,{b}}\"");
}

TEST(Patterns, Like) {
  EXPECT_EQ(worth("'Nguyễn' like 'Nguy__'"), "t|boolean");
  EXPECT_EQ(worth("'Nguyễn' ilike 'NGUYỄN'"), "t|boolean");
  EXPECT_EQ(worth("'a%b' like 'a\\%b'"), "t|boolean");
  EXPECT_EQ(worth("'axb' like 'a\\%b'"), "f|boolean");
  EXPECT_EQ(worth("'10%' like '10!%' escape '!'"), "t|boolean");
  EXPECT_EQ(worth("'aaab' like '%a%b'"), "t|boolean");
  EXPECT_EQ(worth("'abc' like '%\\'"), "error: LIKE pattern must not end with escape character");
  EXPECT_EQ(worth("status not like 's%'"), "f|boolean");
}

TEST(Comparison, OfEachKind) {
  EXPECT_EQ(worth("'NaN'::float8 = 'NaN'::float8"), "t|boolean");
  EXPECT_EQ(worth("'NaN'::numeric > 'Infinity'::numeric"), "t|boolean");
  EXPECT_EQ(worth("100.0 = 100"), "t|boolean");
  EXPECT_EQ(worth("'9.50' > 100"), "refused: invalid input syntax for type integer: \"9.50\"");
  EXPECT_EQ(worth("'9.50'::numeric > 100"), "f|boolean");
  EXPECT_EQ(worth("-0.001 < 0.0001"), "t|boolean");
  EXPECT_EQ(worth("rate = 0.1"), "f|boolean");
  EXPECT_EQ(worth("rate = 0.1::real"), "t|boolean");
  EXPECT_EQ(worth("placed >= date '2024-01-02'"), "t|boolean");
  EXPECT_EQ(worth("placed < timestamptz '2024-01-02 03:04:06+00'"), "t|boolean");
  EXPECT_EQ(worth("array[1, 2] < array[1, 2, 0]"), "t|boolean");
  EXPECT_EQ(worth("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid = 'a0eebc999c0b4ef8bb6d6bb9bd380a11'"),
            "t|boolean");
  EXPECT_EQ(worth("status = order_id"), "refused: operator does not exist: text = integer");
}

}  // namespace
}  // namespace penstock::expression
