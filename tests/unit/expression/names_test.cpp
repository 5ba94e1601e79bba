#include <gtest/gtest.h>

#include "expression/function.h"
#include "unit/expression/orders.h"

namespace penstock::expression {
namespace {

TEST(Names, ReachOneEmbedsAndParents) {
  EXPECT_EQ(worth("customer.name"), "Nguyễn|text");
  EXPECT_EQ(worth("\"Weird Name\""), "9000000000|bigint");
  const OrderScopes scopes;
  const OrderRows rows;
  Arena arena;
  const auto of_line = [&](std::size_t line, const std::string& text) {
    const auto expression = Expression::compile(source_of(text), scopes.lines);
    if (!expression) return expression.error().message;
    return to_text(*expression->evaluate(rows.line(line), arena));
  };
  EXPECT_EQ(of_line(0, "product.name || ' of ' || parent.status"), "Lamp of shipped");
  EXPECT_EQ(of_line(1, "coalesce(product.name, 'none') || parent.customer.name"), "noneNguyễn");
  EXPECT_EQ(of_line(0, "parent.parent.x"), "shop.yaml:12:9: parent.parent.x: orders has no parent");
}

TEST(Names, ReadsNameEachReferenceOnce) {
  const OrderScopes scopes;
  const auto expression = Expression::compile(
      source_of("total + order_id + total + sum(lines.quantity * lines.product.price) + count(lines)"),
      scopes.orders);
  ASSERT_TRUE(expression) << expression.error().message;
  const std::vector<Reference> expected = {
      {0, {}, 2}, {0, {}, 0}, {0, {1}, 1}, {0, {1, 0}, 0}, {0, {1}, Reference::kRows}};
  EXPECT_EQ(expression->reads(), expected);
  EXPECT_FALSE(expression->bare_column());
}

TEST(Names, ABareColumnIsKnownAsOne) {
  const OrderScopes scopes;
  const auto bare = [&](const char* text) {
    return Expression::compile(source_of(text), scopes.orders)->bare_column();
  };
  EXPECT_EQ(bare("status"), (Reference{0, {}, 1}));
  EXPECT_EQ(bare("(customer.name)"), (Reference{0, {0}, 0}));
  EXPECT_FALSE(bare("status || ''"));
  EXPECT_FALSE(bare("status::varchar"));
  EXPECT_FALSE(bare("max(lines.sku)"));
}

TEST(Refusals, NameThePlaceAndTheNearestName) {
  EXPECT_EQ(refusal("statuss = 'x'"), "shop.yaml:12:9: orders has no column statuss; did you mean status?");
  EXPECT_EQ(refusal("'é' || upper(\n  'ö' || stat)"),
            "shop.yaml:13:10: orders has no column stat; did you mean status?");
  EXPECT_EQ(refusal("1 + weird"), "shop.yaml:12:13: orders has no column weird");
  EXPECT_EQ(refusal("1 + \"Weird name\""),
            "shop.yaml:12:13: orders has no column \"Weird name\"; did you mean \"Weird Name\"?");
  EXPECT_EQ(refusal("custmer.name"), "shop.yaml:12:9: orders has no embed custmer; did you mean customer?");
  EXPECT_EQ(refusal("customer.nam"), "shop.yaml:12:9: orders.customer has no column nam; did you mean name?");
  EXPECT_EQ(refusal("uper(status)"),
            "shop.yaml:12:9: function uper() is not known here; did you mean upper?");
  EXPECT_EQ(refusal("status::numeri"),
            "shop.yaml:12:17: type \"numeri\" does not exist; did you mean numeric?");
  EXPECT_EQ(refusal("'é' + + "), "shop.yaml:12:17: syntax error at end of input");
  EXPECT_EQ(refusal("'éé' ! foo bar baz"), "shop.yaml:12:24: syntax error at or near \"baz\"");
  EXPECT_EQ(refusal("upper(order_id)"), "shop.yaml:12:9: function upper(integer) does not exist");
  EXPECT_EQ(refusal("customer"), "shop.yaml:12:9: customer is an embed, not a column");
  EXPECT_EQ(refusal("lines.quantity"), "shop.yaml:12:9: lines.quantity has a value for each row of lines");
}

TEST(Refusals, WhatIsNoExpressionOverARow) {
  EXPECT_EQ(refusal("1; select 2"), "shop.yaml:12:9: several statements where one expression is expected");
  EXPECT_EQ(refusal("1, 2"), "shop.yaml:12:9: several expressions where one is expected");
  EXPECT_EQ(refusal("1 from orders"), "shop.yaml:12:9: a query is not an expression");
  EXPECT_EQ(refusal("1 union select 2"), "shop.yaml:12:9: a query is not an expression");
  EXPECT_EQ(refusal(""), "shop.yaml:12:9: the expression is empty");
  EXPECT_EQ(refusal("status as x"), "shop.yaml:12:9: an expression has no AS name");
  EXPECT_EQ(refusal("*"), "shop.yaml:12:9: * is not an expression");
  EXPECT_EQ(refusal("1 + (select 1)"), "shop.yaml:12:13: a subquery cannot be in an expression");
  EXPECT_EQ(refusal("exists (select 1)"), "shop.yaml:12:9: a subquery cannot be in an expression");
  EXPECT_EQ(refusal("$1"), "shop.yaml:12:9: an expression has no parameters");
  EXPECT_EQ(
      refusal("now()"),
      "shop.yaml:12:9: now() has no value of its own at a row: each time it is asked it gives another one");
  EXPECT_EQ(refusal("current_date"),
            "shop.yaml:12:9: current_date has no value of its own at a row: each time it is asked it gives "
            "another one");
  EXPECT_EQ(
      refusal("current_user"),
      "shop.yaml:12:9: current_user has no value of its own at a row: it depends on the session that asks");
  EXPECT_EQ(refusal("unnest(tags)"), "shop.yaml:12:9: unnest() returns a set of rows, not a value");
  EXPECT_EQ(refusal("row_number() over ()"),
            "shop.yaml:12:9: window functions cannot be in an expression: row_number()");
  EXPECT_EQ(refusal("string_agg(lines.sku, ',')"),
            "shop.yaml:12:9: the aggregate string_agg() is not supported");
  EXPECT_EQ(refusal("app.price(total)"),
            "shop.yaml:12:9: functions of other schemas cannot be in an expression: app.price()");
}

TEST(Refusals, AConditionIsBoolean) {
  const OrderScopes scopes;
  const auto condition = Expression::compile_condition(source_of("order_id"), scopes.orders);
  ASSERT_FALSE(condition);
  EXPECT_EQ(condition.error().message, "shop.yaml:12:9: a condition must be type boolean, not type integer");
  const OrderRows rows;
  Arena arena;
  EXPECT_TRUE(*Expression::compile_condition(source_of("status <> 'draft'"), scopes.orders)
                   ->holds(rows.order(), arena));
  EXPECT_FALSE(*Expression::compile_condition(source_of("note <> 'draft'"), scopes.orders)
                    ->holds(rows.order(), arena));
  EXPECT_FALSE(*Expression::compile_condition(source_of("null"), scopes.orders)->holds(rows.order(), arena));
}

}  // namespace
}  // namespace penstock::expression
