#include "expression/types.h"

#include <gtest/gtest.h>

#include "expression/function.h"
#include "unit/expression/orders.h"

namespace penstock::expression {
namespace {

TEST(Types, ArePrintedAsFormatTypeDoes) {
  EXPECT_EQ(to_string(Type{oid::kNumeric, numeric_modifier(12, 2)}), "numeric(12,2)");
  EXPECT_EQ(to_string(Type{oid::kNumeric, numeric_modifier(3, -2)}), "numeric(3,-2)");
  EXPECT_EQ(to_string(Type{oid::kVarchar, 24}), "character varying(20)");
  EXPECT_EQ(to_string(Type{oid::kTimestampTz, 3}), "timestamp(3) with time zone");
  EXPECT_EQ(to_string(Type{oid::kTime, 0}), "time(0) without time zone");
  EXPECT_EQ(to_string(Type{oid::kInt4Array}), "integer[]");
  EXPECT_EQ(to_string(Type{99999}), "type 99999");
}

TEST(Types, NumbersAreTypedAsInPostgres) {
  EXPECT_EQ(worth("1"), "1|integer");
  EXPECT_EQ(worth("-2147483648"), "-2147483648|integer");
  EXPECT_EQ(worth("2147483648"), "2147483648|bigint");
  EXPECT_EQ(worth("9223372036854775808"), "9223372036854775808|numeric");
  EXPECT_EQ(worth("1.50"), "1.50|numeric");
  EXPECT_EQ(worth("1e3"), "1000|numeric");
  EXPECT_EQ(worth("7 / 2"), "3|integer");
  EXPECT_EQ(worth("order_id + \"Weird Name\""), "9000000007|bigint");
  EXPECT_EQ(worth("rate + rate"), "0.2|real");
  EXPECT_EQ(worth("rate * 1.0"), "0.10000000149011612|double precision");
  EXPECT_EQ(worth("order_id * 1.5"), "10.5|numeric");
  EXPECT_EQ(worth("small + small"), "6|smallint");
  EXPECT_EQ(worth("order_id / 0"), "error: division by zero");
}

// libpg_query 4.0 leaves numbers below 1 out of its JSON.
TEST(Types, NegativeConstantsKeepTheirDigits) {
  EXPECT_EQ(worth("-5"), "-5|integer");
  EXPECT_EQ(worth("0"), "0|integer");
  EXPECT_EQ(worth("1 - -5"), "6|integer");
  EXPECT_EQ(worth("- ( - ( - 7 ) )"), "-7|integer");
  EXPECT_EQ(worth("- /* 3 /* 4 */ */ -- 5\n 6"), "-6|integer");
  EXPECT_EQ(worth("1250::numeric(3, -2)"), "1300|numeric(3,-2)");
}

TEST(Types, CastsGiveTheirModifier) {
  EXPECT_EQ(worth("total::numeric(12,1)"), "30.0|numeric(12,1)");
  EXPECT_EQ(worth("cast(status as varchar(3))"), "shi|character varying(3)");
  EXPECT_EQ(worth("total"), "30.00|numeric(12,2)");
  EXPECT_EQ(worth("total + 0"), "30.00|numeric");
  EXPECT_EQ(worth("case when paid then total else total end"), "30.00|numeric(12,2)");
  EXPECT_EQ(worth("coalesce(total, 0)"), "30.00|numeric");
  EXPECT_EQ(worth("'abc'::char"), "a|character(1)");
  EXPECT_EQ(worth("text(order_id)"), "7|text");
  EXPECT_EQ(worth("'1.005'::numeric(5,2)"), "1.01|numeric(5,2)");
  EXPECT_EQ(worth("'{1, 2,null}'::int[]"), "{1,2,NULL}|integer[]");
  EXPECT_EQ(worth("'{1.25,2}'::numeric(3,1)[]"), "{1.3,2.0}|numeric(3,1)[]");
  EXPECT_EQ(worth("tags::varchar(2)[]"), "{re,bl,NULL}|character varying(2)[]");
}

TEST(Types, LiteralsTakeTheOtherSidesType) {
  EXPECT_EQ(worth("order_id = '7'"), "t|boolean");
  EXPECT_EQ(worth("order_id = 'x'"), "refused: invalid input syntax for type integer: \"x\"");
  EXPECT_EQ(worth("'a' || 'b'"), "ab|text");
  EXPECT_EQ(worth("'No. ' || order_id"), "No. 7|text");
  EXPECT_EQ(worth("status || paid"), "shippedtrue|text");
  EXPECT_EQ(worth("code || '|'"), "AB||text");
  EXPECT_EQ(worth("'x'"), "x|text");
  EXPECT_EQ(worth("null"), "NULL|text");
  EXPECT_EQ(worth("coalesce(null, 'a')"), "a|text");
  EXPECT_EQ(worth("case when paid then 1 else '2' end"), "1|integer");
  EXPECT_EQ(worth("case when paid then 1 else 2.5 end"), "1|numeric");
  EXPECT_EQ(worth("case when paid then 1 else 'a' end"),
            "refused: invalid input syntax for type integer: \"a\"");
  EXPECT_EQ(worth("case when paid then 1 else status end"),
            "refused: CASE types text and integer cannot be matched");
  EXPECT_EQ(worth("nullif(1, 2.0)"), "1|numeric");
}

TEST(Types, CharacterComparesWithoutItsPadding) {
  EXPECT_EQ(worth("code = 'AB'"), "t|boolean");
  EXPECT_EQ(worth("code = 'AB'::text"), "t|boolean");
  EXPECT_EQ(worth("code like 'AB'"), "f|boolean");
  EXPECT_EQ(worth("code like 'AB  '"), "t|boolean");
  EXPECT_EQ(worth("greatest(code, 'AB'::char(8))"), "AB  |character");
}

}  // namespace
}  // namespace penstock::expression
