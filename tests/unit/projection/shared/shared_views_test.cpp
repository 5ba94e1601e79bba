// Changes that cannot be kept.
#include <gtest/gtest.h>

#include "unit/projection/shared/shared_shop.h"

namespace penstock::test {
namespace {

class Kept : public SharedShop {
 protected:
  // An order as events have it once the table has another column.
  EventBatchPtr with_column(const std::string& name) {
    World other({table_schema("orders", {{"id"}, {"product"}, {"note", 25, "text"}, {name}}, {0})});
    other.insert("orders", {int_value(1), int_value(2), text_value("n"), int_value(3)});
    return other.commit();
  }
};

TEST_F(Kept, AColumnThatDoesNotFitTheDefinitionsIsRefusedEachTime) {
  EmbedSpec item = only(one("item", "products", {{"id", "product"}}), {"name"});
  item.merge = true;
  open({collection("orders", "orders", {item})});
  for (int i = 0; i < 3; ++i) {
    const Status refused = change(with_column("name"));
    ASSERT_FALSE(refused) << "with the trees of before";
    EXPECT_EQ(refused.error().kind, ErrorKind::kConfiguration);
    EXPECT_NE(refused.error().message.find("\"name\""), std::string::npos) << refused.error().text();
  }
  // Records from before the column, and one with a column that fits.
  insert_order(7, 1);
  changed();
  ok(change(with_column("colour")));
  settle();
  EXPECT_EQ(documents.documents("orders").size(), 2U);
  EXPECT_TRUE(settlement->outdated());  // of a row with a column that it does not know
}

TEST_F(Kept, ARowThatMongoDBCannotHoldIsRefusedByName) {
  place_order(12, 1, "small");
  open({orders()});
  load();
  settle();
  const std::string large(std::size_t{17} << 20U, 'x');
  world.update("orders", {"12"}, {int_value(12), int_value(1), Text{large}});
  const Status refused = change(world.commit());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kRejectedDocument);
  EXPECT_NE(refused.error().message.find("public.orders (id 12): the read models would keep 178258"),
            std::string::npos)
      << refused.error().text();
  EXPECT_NE(refused.error().remedy.find("fields:"), std::string::npos);
}

TEST_F(Kept, ARowOfALoadThatMongoDBCannotHoldIsRefusedByName) {
  const std::string large(std::size_t{17} << 20U, 'x');
  world.place("orders", {int_value(12), int_value(1), Text{large}});
  open({orders()});
  WriteGroup group;
  const EventBatchPtr chunk = world.chunk("orders", 1, 0, 1);
  const Status refused = views->load(*chunk, 0, chunk->events.size(), group);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("public.orders (id 12)"), std::string::npos);
}

}  // namespace
}  // namespace penstock::test
