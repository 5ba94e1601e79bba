#include "unit/expression/orders.h"

#include "expression/function.h"

namespace penstock::expression {
namespace {

constexpr Type kInt4{oid::kInt4}, kInt8{oid::kInt8}, kText{oid::kText}, kNumeric{oid::kNumeric};

Value text(std::string_view value) { return Text{value}; }
Value decimal(std::string_view value) { return Decimal{value}; }

}  // namespace

OrderScopes::OrderScopes() {
  orders.level = "orders";
  orders.columns = {{"order_id", kInt4},
                    {"status", kText},
                    {"total", Type{oid::kNumeric, ((12 << 16) | 2) + 4}},
                    {"placed", Type{oid::kTimestamp}},
                    {"note", kText},
                    {"Weird Name", kInt8},
                    {"tags", Type{oid::kTextArray}},
                    {"rate", Type{oid::kFloat4}},
                    {"paid", Type{oid::kBool}},
                    {"code", Type{oid::kBpchar, 8}},
                    {"small", Type{oid::kInt2}}};
  orders.embeds = {{"customer", false, &customer}, {"lines", true, &lines}, {"notes", true, &notes}};
  customer.level = "orders.customer";
  customer.parent = &orders;
  customer.columns = {{"name", kText}};
  lines.level = "orders.lines";
  lines.parent = &orders;
  lines.columns = {{"line_id", kInt4}, {"quantity", kInt4}, {"unit_price", kNumeric}, {"sku", kText}};
  lines.embeds = {{"product", false, &product}, {"discounts", true, &discounts}};
  product.level = "orders.lines.product";
  product.parent = &lines;
  product.columns = {{"price", kNumeric}, {"name", kText}};
  discounts.level = "orders.lines.discounts";
  discounts.parent = &lines;
  discounts.columns = {{"percent", kInt4}};
  notes.level = "orders.notes";
  notes.parent = &orders;
  notes.columns = {{"body", kText}};
}

OrderRows::OrderRows() {
  static const Value tags[] = {text("red"), text("blue"), Null{}};
  columns_.push_back({std::int32_t{7}, text("shipped"), decimal("30.00"),
                      Timestamp{1704164645500000, "2024-01-02 03:04:05.5", false}, Null{},
                      std::int64_t{9000000000}, Array{tags, 3, "{red,blue,NULL}"}, 0.1, true, text("AB  "),
                      std::int32_t{3}});
  order_.columns = columns_.back().data();
  customers_.push_back(add({text("Nguyễn")}, nullptr, &order_));

  embeds_.push_back(std::vector<Row::Children>(2));
  std::vector<Row::Children>& first = embeds_.back();
  embeds_.push_back(std::vector<Row::Children>(2));
  std::vector<Row::Children>& second = embeds_.back();
  lines_.push_back(
      add({std::int32_t{1}, std::int32_t{2}, decimal("10.00"), text("b-1")}, first.data(), &order_));
  lines_.push_back(
      add({std::int32_t{2}, std::int32_t{1}, decimal("2.50"), text("a-2")}, second.data(), &order_));
  products_.push_back(add({decimal("9.99"), text("Lamp")}, nullptr, lines_[0]));
  first[0] = {products_.data(), 1};
  discounts_.push_back(add({std::int32_t{5}}, nullptr, lines_[0]));
  discounts_.push_back(add({std::int32_t{10}}, nullptr, lines_[0]));
  more_discounts_.push_back(add({std::int32_t{20}}, nullptr, lines_[1]));
  first[1] = {discounts_.data(), 2};
  second[1] = {more_discounts_.data(), 1};

  children_ = {{customers_.data(), 1}, {lines_.data(), 2}, {}};
  order_.embeds = children_.data();
}

const Row* OrderRows::add(std::vector<Value> columns, const Row::Children* embeds, const Row* parent) {
  columns_.push_back(std::move(columns));
  rows_.push_back(Row{columns_.back().data(), embeds, parent});
  return &rows_.back();
}

Source source_of(std::string text) { return {std::move(text), "shop.yaml", 12, 9}; }

std::string worth(const std::string& text) {
  const OrderScopes scopes;
  const OrderRows rows;
  Arena arena;
  const auto expression = Expression::compile(source_of(text), scopes.orders);
  if (!expression) {
    const std::string& message = expression.error().message;
    return "refused: " + message.substr(message.find(": ") + 2);
  }
  const auto value = expression->evaluate(rows.order(), arena);
  if (!value) return "error: " + value.error().message;
  return (value->is_null() ? "NULL" : to_text(*value)) + "|" + to_string(expression->type());
}

std::string refusal(const std::string& text) {
  const OrderScopes scopes;
  const auto expression = Expression::compile(source_of(text), scopes.orders);
  return expression ? std::string() : expression.error().message;
}

}  // namespace penstock::expression
