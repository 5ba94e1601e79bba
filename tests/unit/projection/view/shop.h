// A small shop: orders with lines, lines with products; and the leg that keeps its documents.
#pragma once

#include "unit/projection/view/view_leg.h"

namespace penstock::test {

inline EmbedSpec embed(const std::string& name, EmbedSpec::Kind kind, const std::string& from,
                       const std::vector<EmbedSpec::Pair>& join, std::vector<EmbedSpec> embeds = {}) {
  EmbedSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.from = {"public", from};
  spec.join = join;
  spec.embeds = std::move(embeds);
  return spec;
}
inline EmbedSpec many(const std::string& name, const std::string& from,
                      const std::vector<EmbedSpec::Pair>& join, std::vector<EmbedSpec> embeds = {}) {
  return embed(name, EmbedSpec::Kind::kMany, from, join, std::move(embeds));
}
inline EmbedSpec one(const std::string& name, const std::string& from,
                     const std::vector<EmbedSpec::Pair>& join, std::vector<EmbedSpec> embeds = {}) {
  return embed(name, EmbedSpec::Kind::kOne, from, join, std::move(embeds));
}
inline EmbedSpec only(EmbedSpec spec, const std::vector<std::string>& columns) {
  spec.all_columns = false;
  for (const std::string& column : columns) spec.fields.push_back({column, column});
  return spec;
}
inline FieldSpec sql_field(const std::string& name, const std::string& text, int line = 1) {
  FieldSpec field;
  field.name = name;
  field.sql = {text, line, 1};
  field.line = line;
  return field;
}
inline CollectionSpec collection(const std::string& name, const std::string& from,
                                 std::vector<EmbedSpec> embeds) {
  CollectionSpec spec;
  spec.name = name;
  spec.from = {"public", from};
  spec.embeds = std::move(embeds);
  return spec;
}

// orders(id, customer, note), lines(id, order_id, product_id, quantity, note), products(id, name, price)
class Shop : public testing::Test {
 protected:
  Shop()
      : world({table_schema("orders", {{"id"}, {"customer", 25, "text"}, {"note", 25, "text"}}, {0}),
               table_schema("lines",
                            {{"id"}, {"order_id"}, {"product_id"}, {"quantity"}, {"note", 25, "text"}}, {0}),
               table_schema("products", {{"id"}, {"name", 25, "text"}, {"price"}}, {0})}) {}

  static CollectionSpec orders() {
    return collection("orders", "orders",
                      {many("lines", "lines", {{"order_id", "id"}},
                            {only(one("product", "products", {{"id", "product_id"}}), {"name"})})});
  }

  // With the rows placed so far loaded and the collections live.
  ViewLeg& run(std::vector<CollectionSpec> specs) {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    leg_ =
        std::make_unique<ViewLeg>(world, std::move(specs), state_path(std::string("shop_") + test->name()));
    prepare(*leg_);
    leg_->start();
    leg_->load_all();
    return *leg_;
  }
  virtual void prepare(ViewLeg&) {}

  void place_order(int id, const std::string& customer) {
    world.place("orders", {int_value(id), text_value(customer), text_value("")});
  }
  void place_line(int id, int order, int product, int quantity) {
    world.place("lines", line(id, order, product, quantity));
  }
  void place_product(int id, const std::string& name, int price) {
    world.place("products", product(id, name, price));
  }
  static Row order(int id, const std::string& customer, const std::string& note = "") {
    return {int_value(id), text_value(customer), text_value(note)};
  }
  static Row line(int id, int order, int product, int quantity, const std::string& note = "") {
    return {int_value(id), int_value(order), int_value(product), int_value(quantity), text_value(note)};
  }
  static Row product(int id, const std::string& name, int price) {
    return {int_value(id), text_value(name), int_value(price)};
  }

  World world;
  std::unique_ptr<ViewLeg> leg_;
};

}  // namespace penstock::test
