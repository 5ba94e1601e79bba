#include <gtest/gtest.h>

#include "expression/function.h"
#include "unit/expression/orders.h"

namespace penstock::expression {
namespace {

TEST(EmbedAggregates, RangeOverTheRowsOfAnEmbed) {
  EXPECT_EQ(worth("count(lines)"), "2|bigint");
  EXPECT_EQ(worth("count(notes)"), "0|bigint");
  EXPECT_EQ(worth("sum(lines.quantity * lines.unit_price)"), "22.50|numeric");
  EXPECT_EQ(worth("sum(lines.quantity)"), "3|bigint");
  EXPECT_EQ(worth("sum(lines.quantity * lines.unit_price)::numeric(12,1)"), "22.5|numeric(12,1)");
  EXPECT_EQ(worth("count(lines.product.price)"), "1|bigint");
  EXPECT_EQ(worth("max(lines.sku)"), "b-1|text");
  EXPECT_EQ(worth("sum(lines.quantity * order_id)"), "21|bigint");
  EXPECT_EQ(worth("max(notes.body)"), "NULL|text");
  EXPECT_EQ(worth("bool_or(lines.quantity > 1)"), "t|boolean");
  EXPECT_EQ(worth("upper(status) || sum(lines.quantity)"), "SHIPPED3|text");
}

TEST(EmbedAggregates, FilterOrderAndDistinct) {
  EXPECT_EQ(worth("count(lines) filter (where lines.quantity > 1)"), "1|bigint");
  EXPECT_EQ(worth("array_agg(lines.sku order by lines.sku)"), "{a-2,b-1}|text[]");
  EXPECT_EQ(worth("array_agg(lines.sku)"), "{b-1,a-2}|text[]");
  EXPECT_EQ(worth("array_agg(lines.product.name order by lines.product.name nulls first)"),
            "{NULL,Lamp}|text[]");
  EXPECT_EQ(worth("first_value(lines.sku order by lines.unit_price)"), "a-2|text");
  EXPECT_EQ(worth("last_value(lines.sku order by lines.unit_price)"), "b-1|text");
  EXPECT_EQ(worth("count(distinct lines.quantity > 0)"), "1|bigint");
  EXPECT_EQ(worth("sum(lines.quantity) filter (where false and lines.quantity > 0)"), "NULL|bigint");
}

TEST(EmbedAggregates, GoDownSeveralEmbeds) {
  EXPECT_EQ(worth("count(lines.discounts)"), "3|bigint");
  EXPECT_EQ(worth("sum(lines.discounts.percent)"), "35|bigint");
  EXPECT_EQ(worth("sum(lines.quantity * lines.discounts.percent)"), "50|bigint");
  EXPECT_EQ(worth("sum(lines.discounts.percent) filter (where lines.product.name is not null)"), "15|bigint");
}

TEST(EmbedAggregates, Refusals) {
  EXPECT_EQ(refusal("count(*)"),
            "shop.yaml:12:9: count(*) counts the rows of a group, and here there is none");
  EXPECT_EQ(refusal("sum(total)"), "shop.yaml:12:9: sum() names no embed whose rows it would range over");
  EXPECT_EQ(refusal("sum(lines.quantity + count(notes))"),
            "shop.yaml:12:30: aggregates cannot be nested: count() stands inside another one");
  EXPECT_EQ(refusal("max(lines.sku || notes.body)"),
            "shop.yaml:12:26: one aggregate cannot range over both lines and notes");
  EXPECT_EQ(refusal("count(customer)"), "shop.yaml:12:15: customer is one row at most; it is not counted");
  EXPECT_EQ(refusal("sum(lines.sku)"), "shop.yaml:12:9: function sum(text) does not exist");
  EXPECT_EQ(refusal("sum(lines.quantity, 1)"), "shop.yaml:12:9: sum() takes one argument, not 2");
}

// --- Groups

class Groups : public testing::Test {
 protected:
  Result<Grouped> compile(const std::string& text) {
    return Grouped::compile(source_of(text), scopes_.lines, keys_);
  }
  void add_key(const std::string& name, const std::string& text) {
    expressions_.push_back(*Expression::compile(source_of(text), scopes_.lines));
    keys_.push_back({name, &expressions_.back()});
  }
  std::string message(const std::string& text) {
    const auto grouped = compile(text);
    return grouped ? std::string("compiles") : grouped.error().message;
  }

  OrderScopes scopes_;
  std::deque<Expression> expressions_;
  std::vector<Grouped::Key> keys_;
  Arena arena_;
};

TEST_F(Groups, AreTakenApartIntoCallsAndARest) {
  add_key("sku", "sku");
  const auto grouped =
      compile("round(sum(quantity * unit_price) / count(*), 1) || upper(sku) || sum(quantity * unit_price)");
  ASSERT_TRUE(grouped) << grouped.error().message;
  ASSERT_EQ(grouped->calls().size(), 2U);  // equal calls are one
  EXPECT_EQ(grouped->calls()[0].kind, AggregateKind::kSum);
  EXPECT_EQ(to_string(grouped->calls()[0].result), "numeric");
  const std::vector<Reference> reads = {{0, {}, 1}, {0, {}, 2}};
  EXPECT_EQ(grouped->calls()[0].argument->reads(), reads);
  EXPECT_EQ(grouped->calls()[1].kind, AggregateKind::kCountRows);
  EXPECT_FALSE(grouped->calls()[1].argument);
  const OrderRows rows;
  EXPECT_EQ(to_text(*grouped->calls()[0].argument->evaluate(rows.line(0), arena_)), "20.00");
  const Value keys[] = {Text{"abc"}};
  const Value results[] = {Decimal{"22.50"}, std::int64_t{2}};
  EXPECT_EQ(to_text(*grouped->evaluate(keys, results, arena_)), "11.3ABC22.50");
}

TEST_F(Groups, ExpressionsEqualToAKeyStandForIt) {
  add_key("first", "left(sku, 1)");
  add_key("product", "product.name");
  const auto grouped = compile("LEFT(sku, 1) || first || product.name || max(sku order by quantity desc)");
  ASSERT_TRUE(grouped) << grouped.error().message;
  const Value keys[] = {Text{"k"}, Text{"p"}};
  const Value results[] = {Text{"m"}};
  EXPECT_EQ(to_text(*grouped->evaluate(keys, results, arena_)), "kkpm");
  ASSERT_EQ(grouped->calls()[0].order.size(), 1U);
  EXPECT_TRUE(grouped->calls()[0].order[0].descending);
  EXPECT_FALSE(grouped->calls()[0].order[0].nulls_first);
}

TEST_F(Groups, ANameIsAColumnBeforeItIsAKey) {
  add_key("quantity", "quantity / 10");
  const auto of_column = compile("quantity / 10 * 2");
  ASSERT_TRUE(of_column) << of_column.error().message;
  const Value keys[] = {std::int32_t{4}};
  EXPECT_EQ(to_text(*of_column->evaluate(keys, {}, arena_)), "8");
  const auto of_key = compile("quantity + sum(quantity)");
  ASSERT_TRUE(of_key) << of_key.error().message;
  const Value results[] = {std::int64_t{100}};
  EXPECT_EQ(to_text(*of_key->evaluate(keys, results, arena_)), "104");
}

TEST_F(Groups, Refusals) {
  add_key("sku", "sku");
  EXPECT_EQ(message("sum(quantity) + line_id"),
            "shop.yaml:12:25: column line_id must be a key of group_by or stand inside an aggregate");
  EXPECT_EQ(message("count(discounts)"), "shop.yaml:12:15: discounts has many rows for one row of the group");
  EXPECT_EQ(message("sum(max(quantity))"),
            "shop.yaml:12:13: aggregates cannot be nested: max() stands inside another one");
  EXPECT_EQ(message("sum(quantty)"),
            "shop.yaml:12:13: orders.lines has no column quantty; did you mean quantity?");
}

}  // namespace
}  // namespace penstock::expression
