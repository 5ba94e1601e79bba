// Cases in which other tools are known to corrupt embedded documents, each by its name.
#include <gtest/gtest.h>

#include "unit/projection/view/shop.h"

namespace penstock::test {
namespace {

class KnownCorruption : public Shop {};

TEST_F(KnownCorruption, CyclicDefinitions) {
  place_order(1, "Ann");
  place_line(1, 1, 7, 2);
  ViewLeg& leg = run(
      {collection("orders", "orders",
                  {only(many("lines", "lines", {{"order_id", "id"}},
                             {only(one("order", "orders", {{"id", "order_id"}},
                                       {only(many("lines", "lines", {{"order_id", "id"}}), {"quantity"})}),
                                   {"customer"})}),
                        {"id"})})});
  world.update("lines", {"1"}, line(1, 1, 7, 5));
  world.update("orders", {"1"}, order(1, "Bob"));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{id:1,customer:Bob,note:,lines:[{id:1,order:{customer:Bob,lines:[{quantity:5}]}}]}");
}

TEST_F(KnownCorruption, ArrayInDocumentInArray) {
  place_order(1, "Ann");
  place_line(1, 1, 7, 2);
  place_line(2, 1, 8, 3);
  place_product(7, "tea", 4);
  place_product(8, "milk", 1);
  ViewLeg& leg =
      run({collection("orders", "orders",
                      {only(many("lines", "lines", {{"order_id", "id"}},
                                 {only(one("product", "products", {{"id", "product_id"}},
                                           {only(many("sold", "lines", {{"product_id", "id"}}), {"id"})}),
                                       {"name"})}),
                            {"id"})})});
  world.insert("lines", line(3, 9, 7, 1));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{id:1,customer:Ann,note:,lines:[{id:1,product:{name:tea,sold:[{id:1},{id:3}]}},"
            "{id:2,product:{name:milk,sold:[{id:2}]}}]}");
}

TEST_F(KnownCorruption, OneTableMappedIntoSeveralCollections) {
  place_order(1, "Ann");
  place_product(7, "tea", 4);
  ViewLeg& leg =
      run({orders(),
           collection("sold", "products", {only(many("lines", "lines", {{"product_id", "id"}}), {"id"})}),
           collection("lines", "lines", {only(one("order", "orders", {{"id", "order_id"}}), {"customer"})})});
  world.insert("lines", line(1, 1, 7, 2));
  leg.commit();
  EXPECT_EQ(
      leg.store.document("orders", "1"),
      "{id:1,customer:Ann,note:,lines:[{id:1,order_id:1,product_id:7,quantity:2,note:,product:{name:tea}}]}");
  EXPECT_EQ(leg.store.document("sold", "7"), "{id:7,name:tea,price:4,lines:[{id:1}]}");
  EXPECT_EQ(leg.store.document("lines", "1"),
            "{id:1,order_id:1,product_id:7,quantity:2,note:,order:{customer:Ann}}");
}

TEST(KnownCorruptionOfKeys, AColumnInSeveralCompositeForeignKeys) {
  World world({table_schema("invoices", {{"tenant"}, {"number"}}, {0, 1}),
               table_schema("items", {{"tenant"}, {"id"}, {"invoice"}, {"article"}}, {0, 1}),
               table_schema("articles", {{"tenant"}, {"id"}, {"name", 25, "text"}}, {0, 1})});
  ViewLeg leg(
      world,
      {collection(
          "invoices", "invoices",
          {only(many("items", "items", {{"tenant", "tenant"}, {"invoice", "number"}},
                     {only(one("article", "articles", {{"tenant", "tenant"}, {"id", "article"}}), {"name"})}),
                {"id"})})},
      state_path("composite"));
  world.place("invoices", {int_value(1), int_value(5)});
  world.place("invoices", {int_value(2), int_value(5)});
  world.place("articles", {int_value(1), int_value(9), text_value("one")});
  world.place("articles", {int_value(2), int_value(9), text_value("two")});
  world.place("items", {int_value(1), int_value(3), int_value(5), int_value(9)});
  leg.start();
  leg.load_all();
  EXPECT_EQ(leg.store.document("invoices", "1,5"), "{tenant:1,number:5,items:[{id:3,article:{name:one}}]}");
  EXPECT_EQ(leg.store.document("invoices", "2,5"), "{tenant:2,number:5,items:[]}");
  // The shared column moves the item to another invoice and another article at once.
  world.update("items", {"1", "3"}, {int_value(2), int_value(3), int_value(5), int_value(9)});
  leg.commit();
  EXPECT_EQ(leg.store.document("invoices", "1,5"), "{tenant:1,number:5,items:[]}");
  EXPECT_EQ(leg.store.document("invoices", "2,5"), "{tenant:2,number:5,items:[{id:3,article:{name:two}}]}");
}

TEST_F(KnownCorruption, AFieldWithTheNameOfAnotherColumn) {
  place_order(1, "Ann");
  CollectionSpec spec = orders();
  // `note` shows the customer, and the note goes by the customer's name.
  spec.fields = {{"note", "customer"}, {"customer", "note"}};
  spec.embeds[0] = only(spec.embeds[0], {});
  spec.embeds[0].fields = {{"quantity", "product_id"}, {"product_id", "quantity"}};
  place_line(1, 1, 7, 2);
  ViewLeg& leg = run({spec});
  world.update("orders", {"1"}, order(1, "Bob", "hurry"));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{id:1,customer:hurry,note:Bob,lines:[{quantity:7,product_id:2,product:null}]}");
}

TEST_F(KnownCorruption, AChildInsertedWithoutItsParent) {
  ViewLeg& leg = run({orders()});
  world.insert("lines", line(1, 5, 7, 2));
  leg.commit();
  EXPECT_TRUE(leg.store.documents("orders").empty());
  world.insert("products", product(7, "tea", 4));
  leg.commit();
  EXPECT_TRUE(leg.store.documents("orders").empty());
  world.insert("orders", order(5, "Ann"));
  leg.commit();
  EXPECT_EQ(
      leg.store.document("orders", "5"),
      "{id:5,customer:Ann,note:,lines:[{id:1,order_id:5,product_id:7,quantity:2,note:,product:{name:tea}}]}");
}

TEST_F(KnownCorruption, AParentThatLeavesAndComesBack) {
  place_order(1, "Ann");
  place_line(1, 1, 7, 2);
  ViewLeg& leg =
      run({collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})})});
  world.erase("orders", {"1"});
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "absent");
  world.insert("orders", order(1, "Bob"));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Bob,note:,lines:[{id:1}]}");
}

TEST_F(KnownCorruption, AParentsKeyChanges) {
  place_order(1, "Ann");
  place_line(1, 1, 7, 2);
  ViewLeg& leg =
      run({collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})})});
  // ON UPDATE CASCADE: the parent first, its children after it.
  world.update("orders", {"1"}, order(2, "Ann"));
  world.update("lines", {"1"}, line(1, 2, 7, 2));
  leg.commit();
  EXPECT_EQ(leg.store.documents("orders"),
            (DocumentStore::Documents{{"2", "{id:2,customer:Ann,note:,lines:[{id:1}]}"}}));
}

TEST_F(KnownCorruption, ParentsSwapTheirKeysInOneTransaction) {
  place_order(1, "Ann");
  place_order(2, "Bob");
  ViewLeg& leg = run({orders()});
  world.update("orders", {"1"}, order(3, "Ann"));
  world.update("orders", {"2"}, order(1, "Bob"));
  world.update("orders", {"3"}, order(2, "Ann"));
  leg.commit();
  EXPECT_EQ(leg.store.documents("orders"),
            (DocumentStore::Documents{{"1", "{id:1,customer:Bob,note:,lines:[]}"},
                                      {"2", "{id:2,customer:Ann,note:,lines:[]}"}}));
}

TEST(KnownCorruptionOfKeys, TwoForeignKeysToOneTable) {
  World world({table_schema("flights", {{"id"}, {"origin"}, {"target"}}, {0}),
               table_schema("places", {{"id"}, {"name", 25, "text"}}, {0})});
  ViewLeg leg(world,
              {collection("flights", "flights",
                          {only(one("origin", "places", {{"id", "origin"}}), {"name"}),
                           only(one("target", "places", {{"id", "target"}}), {"name"})}),
               collection("places", "places",
                          {only(many("out", "flights", {{"origin", "id"}}), {"id"}),
                           only(many("in", "flights", {{"target", "id"}}), {"id"})})},
              state_path("two_keys"));
  world.place("places", {int_value(1), text_value("Rome")});
  world.place("places", {int_value(2), text_value("Oslo")});
  world.place("flights", {int_value(1), int_value(1), int_value(2)});
  leg.start();
  leg.load_all();
  EXPECT_EQ(leg.store.document("flights", "1"), "{id:1,origin:{name:Rome},target:{name:Oslo}}");
  world.update("flights", {"1"}, {int_value(1), int_value(2), int_value(1)});
  world.update("places", {"1"}, {int_value(1), text_value("Roma")});
  leg.commit();
  EXPECT_EQ(leg.store.document("flights", "1"), "{id:1,origin:{name:Oslo},target:{name:Roma}}");
  EXPECT_EQ(leg.store.document("places", "1"), "{id:1,name:Roma,out:[],in:[{id:1}]}");
  EXPECT_EQ(leg.store.document("places", "2"), "{id:2,name:Oslo,out:[{id:1}],in:[]}");
}

TEST(KnownCorruptionOfKeys, TheSameTableNameInTwoSchemas) {
  World world({table_schema("items", {{"id"}, {"name", 25, "text"}}, {0}, "a"),
               table_schema("items", {{"id"}, {"name", 25, "text"}}, {0}, "b")});
  CollectionSpec spec = collection("items", "items", {only(one("twin", "items", {{"id", "id"}}), {"name"})});
  spec.from = {"a", "items"};
  spec.embeds[0].from = {"b", "items"};
  ViewLeg leg(world, {spec}, state_path("two_schemas"));
  world.place("a.items", {int_value(1), text_value("of a")});
  leg.start();
  leg.load_all();
  world.insert("b.items", {int_value(1), text_value("of b")});
  world.insert("b.items", {int_value(2), text_value("of b only")});
  leg.commit();
  EXPECT_EQ(leg.store.documents("items"),
            (DocumentStore::Documents{{"1", "{id:1,name:of a,twin:{name:of b}}"}}));
}

TEST_F(KnownCorruption, OnlyOneOfManyDocumentsUpdated) {
  place_product(7, "tea", 4);
  for (int id = 1; id <= 50; ++id) {
    place_order(id, "Ann");
    place_line(id, id, 7, 1);
  }
  ViewLeg& leg = run({orders()});
  world.update("products", {"7"}, product(7, "green tea", 4));
  leg.commit();
  for (int id = 1; id <= 50; ++id) {
    EXPECT_NE(leg.store.document("orders", std::to_string(id)).find("{name:green tea}"), std::string::npos)
        << id;
  }
  // Of columns that nobody reads nothing is written.
  const std::size_t writes = leg.store.writes;
  world.update("products", {"7"}, product(7, "green tea", 5));
  leg.commit();
  EXPECT_EQ(leg.store.writes, writes);
}

TEST_F(KnownCorruption, UnchangedToastInAChild) {
  place_order(1, "Ann");
  world.place("lines", line(1, 1, 7, 2, "a very long text"));
  ViewLeg& leg = run({collection(
      "orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"quantity", "note"})})});
  world.update("lines", {"1"}, line(1, 1, 7, 3, "a very long text"), {4});
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{id:1,customer:Ann,note:,lines:[{quantity:3,note:a very long text}]}");
  // Also when its key changes with it, and when it moves.
  world.insert("orders", order(2, "Bob"));
  world.update("lines", {"1"}, line(9, 2, 7, 3, "a very long text"), {4});
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Ann,note:,lines:[]}");
  EXPECT_EQ(leg.store.document("orders", "2"),
            "{id:2,customer:Bob,note:,lines:[{quantity:3,note:a very long text}]}");
}

TEST_F(KnownCorruption, UnchangedToastOfARowThatIsNotThereIsReadAgain) {
  place_order(1, "Ann");
  ViewLeg& leg = run({orders()});
  // Placed behind the stream's back, as a row that moves into a publication's filter.
  world.place("lines", line(4, 1, 7, 2, "long"));
  world.update("lines", {"4"}, line(4, 1, 7, 3, "long"), {4});
  leg.commit();
  ASSERT_EQ(leg.store.rereads.size(), 1U);
  EXPECT_EQ(leg.store.rereads[0].table, "public.lines");
  EXPECT_EQ(leg.store.rereads[0].columns, std::vector<std::string>{"id"});
  EXPECT_EQ(leg.store.rereads[0].key, KeyText{"4"});
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Ann,note:,lines:[]}");
}

TEST_F(KnownCorruption, ChildrenMoveBetweenParentsInOneTransaction) {
  place_order(1, "Ann");
  place_order(2, "Bob");
  for (int id = 1; id <= 4; ++id) place_line(id, id % 2 + 1, 7, id);
  ViewLeg& leg =
      run({collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})})});
  for (int id = 1; id <= 4; ++id) world.update("lines", {std::to_string(id)}, line(id, 2 - id % 2, 7, id));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Ann,note:,lines:[{id:1},{id:3}]}");
  EXPECT_EQ(leg.store.document("orders", "2"), "{id:2,customer:Bob,note:,lines:[{id:2},{id:4}]}");
}

TEST_F(KnownCorruption, TruncateOfEachTable) {
  place_order(1, "Ann");
  place_line(1, 1, 7, 2);
  place_product(7, "tea", 4);
  ViewLeg& leg =
      run({collection("orders", "orders",
                      {only(many("lines", "lines", {{"order_id", "id"}},
                                 {only(one("product", "products", {{"id", "product_id"}}), {"name"})}),
                            {"id"})})});
  world.truncate("products");
  leg.commit();
  leg.settle();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Ann,note:,lines:[{id:1,product:null}]}");
  world.truncate("lines");
  leg.commit();
  leg.settle();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Ann,note:,lines:[]}");
  world.truncate("orders");
  world.insert("orders", order(3, "Eve"));
  leg.commit();
  EXPECT_EQ(leg.store.documents("orders"),
            (DocumentStore::Documents{{"3", "{id:3,customer:Eve,note:,lines:[]}"}}));
}

}  // namespace
}  // namespace penstock::test
