// A row of orders with its lines, their products, and its customer, as a Scope and Rows.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "expression/expression.h"
#include "expression/grouped.h"

namespace penstock::expression {

// Scopes: orders, orders.customer (one), orders.lines (many), orders.lines.product (one),
// orders.lines.discounts (many), orders.notes (many).
struct OrderScopes {
  OrderScopes();
  OrderScopes(const OrderScopes&) = delete;
  Scope orders, customer, lines, product, discounts, notes;
};

// One order with two lines; the second line has no product. Columns in the order of the scopes.
class OrderRows {
 public:
  OrderRows();
  OrderRows(const OrderRows&) = delete;
  const Row& order() const { return order_; }
  const Row& line(std::size_t index) const { return *lines_[index]; }
  void without_lines() { children_[1] = {}; }

 private:
  const Row* add(std::vector<Value> columns, const Row::Children* embeds, const Row* parent);

  std::deque<std::vector<Value>> columns_;
  std::deque<Row> rows_;
  std::deque<std::vector<Row::Children>> embeds_;
  std::vector<const Row*> customers_, lines_, products_, discounts_, more_discounts_;
  std::vector<Row::Children> children_;
  Row order_;
};

Source source_of(std::string text);

// "text|type" of an expression over that order, "NULL|type", or "error: message" without its place.
std::string worth(const std::string& text);
// The whole error of an expression that does not compile, with its place; "" when it compiles.
std::string refusal(const std::string& text);

}  // namespace penstock::expression
