// What a document holds, when it comes and goes, and what becomes of one that cannot be made.
#include <gtest/gtest.h>

#include "unit/projection/view/shop.h"

namespace penstock::test {
namespace {

class ReadModels : public Shop {
 protected:
  void SetUp() override {
    place_order(1, "Ann");
    place_line(1, 1, 7, 2);
    place_line(2, 1, 8, 3);
    place_product(7, "tea", 4);
    place_product(8, "milk", 1);
  }
};

TEST_F(ReadModels, ExpressionsSeeTheRowItsEmbedsAndItsParents) {
  CollectionSpec spec =
      collection("orders", "orders",
                 {only(many("lines", "lines", {{"order_id", "id"}},
                            {only(one("product", "products", {{"id", "product_id"}}), {"price"})}),
                       {"quantity"})});
  spec.all_columns = false;
  spec.fields = {sql_field("who", "upper(customer)"),
                 sql_field("total", "sum(lines.quantity * lines.product.price)"),
                 sql_field("count", "count(lines) filter (where lines.quantity > 2)")};
  spec.embeds[0].fields.push_back(sql_field("whose", "parent.customer || ' ' || product.name"));
  ViewLeg& leg = run({spec});
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{who:ANN,total:11,count:1,lines:[{quantity:2,whose:Ann tea,product:{price:4}},"
            "{quantity:3,whose:Ann milk,product:{price:1}}]}");
  world.update("products", {"7"}, product(7, "tea", 5));
  world.update("orders", {"1"}, order(1, "Bob"));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{who:BOB,total:13,count:1,lines:[{quantity:2,whose:Bob tea,product:{price:5}},"
            "{quantity:3,whose:Bob milk,product:{price:1}}]}");
}

TEST_F(ReadModels, TiesInAnAggregatesOrderGoByTheKeyWhateverOrderTheEmbedHas) {
  CollectionSpec spec =
      collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"quantity"})});
  spec.all_columns = false;
  spec.embeds[0].order_by.push_back({{"quantity", 1, 1}, true, false});
  spec.fields = {sql_field("tied", "array_agg(lines.quantity order by lines.order_id)"),
                 sql_field("shown", "array_agg(lines.quantity)")};
  EXPECT_EQ(run({spec}).store.document("orders", "1"),
            "{tied:[2,3],shown:[3,2],lines:[{quantity:3},{quantity:2}]}");
}

TEST_F(ReadModels, APlainTableWithAnExpression) {
  CollectionSpec spec = collection("products", "products", {});
  spec.fields = {sql_field("label", "name || ': ' || price")};
  ViewLeg& leg = run({spec});
  EXPECT_EQ(leg.store.document("products", "7"), "{id:7,name:tea,price:4,label:tea: 4}");
}

TEST_F(ReadModels, SubDocumentsAndDroppedColumns) {
  CollectionSpec spec = collection("products", "products", {});
  FieldSpec inner;
  inner.name = "info";
  inner.fields = {{"called", "name"}, sql_field("twice", "price * 2")};
  FieldSpec drop;
  drop.name = drop.column = "price";
  drop.drop = true;
  spec.fields = {inner, drop};
  ViewLeg& leg = run({spec});
  EXPECT_EQ(leg.store.document("products", "7"), "{id:7,name:tea,info:{called:tea,twice:8}}");
}

TEST_F(ReadModels, LeavingWhereRemovesTheDocumentAndComingBackMakesIt) {
  CollectionSpec spec = orders();
  spec.where = {"note <> 'draft'", 1, 1};
  spec.embeds.clear();
  ViewLeg& leg = run({spec});
  world.update("orders", {"1"}, order(1, "Ann", "draft"));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "absent");
  // Nothing is written for what is not shown.
  const std::size_t writes = leg.store.writes;
  world.update("orders", {"1"}, order(1, "Bob", "draft"));
  world.insert("orders", order(2, "Eve", "draft"));
  leg.commit();
  world.erase("orders", {"2"});
  leg.commit();
  EXPECT_EQ(leg.store.writes, writes);
  world.update("orders", {"1"}, order(1, "Bob", "sent"));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Bob,note:sent}");
}

TEST_F(ReadModels, AWhereOverEmbedsFollowsThem) {
  CollectionSpec spec =
      collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})});
  spec.where = {"count(lines) > 1", 1, 1};
  ViewLeg& leg = run({spec});
  EXPECT_EQ(leg.store.documents("orders").size(), 1U);
  world.erase("lines", {"1"});
  leg.commit();
  EXPECT_EQ(leg.store.documents("orders").size(), 0U);
  world.insert("lines", line(5, 1, 7, 1));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"), "{id:1,customer:Ann,note:,lines:[{id:2},{id:5}]}");
}

TEST_F(ReadModels, SoftDeletesAndMetadata) {
  CollectionSpec spec =
      collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})});
  spec.soft_deletes = true;
  spec.change_field = "change";
  spec.time_field = "at";
  ViewLeg& leg = run({spec});
  const auto at = [&] { return to_text(Timestamp{world.micros(), {}, true}); };
  std::string time = at();
  world.insert("orders", order(2, "Bob"));
  world.insert("lines", line(9, 2, 7, 1));
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "2"),
            "{id:2,customer:Bob,note:,lines:[{id:9}],change:inserted,at:" + time + "}");
  time = at();
  world.erase("lines", {"9"});
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "2"),
            "{id:2,customer:Bob,note:,lines:[],change:updated,at:" + time + "}");
  const std::string kept = leg.store.document("orders", "2");
  time = at();
  world.erase("orders", {"2"});
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "2"), kept + "{change:deleted,at:" + time + "}");
}

TEST_F(ReadModels, AnIdOfItsOwnMovesWithItsColumns) {
  CollectionSpec spec = collection("by_name", "products", {});
  spec.id = {sql_field("_id", "upper(name)")};
  ViewLeg& leg = run({spec});
  EXPECT_EQ(leg.store.document("by_name", "TEA"), "{id:7,name:tea,price:4}");
  // Two rows change names in one transaction.
  world.update("products", {"7"}, product(7, "milk", 4));
  world.update("products", {"8"}, product(8, "tea", 1));
  leg.commit();
  EXPECT_EQ(leg.store.documents("by_name"), (DocumentStore::Documents{{"MILK", "{id:7,name:milk,price:4}"},
                                                                      {"TEA", "{id:8,name:tea,price:1}"}}));
  world.erase("products", {"8"});
  leg.commit();
  EXPECT_EQ(leg.store.documents("by_name").size(), 1U);
}

TEST_F(ReadModels, WhatCannotBeMadeIsRejectedWithItsPlace) {
  CollectionSpec spec = collection("products", "products", {});
  spec.fields = {sql_field("per", "100 / price")};
  ViewLeg& leg = run({spec});
  world.insert("products", product(9, "gift", 0));
  leg.commit();
  ASSERT_EQ(leg.store.rejected.size(), 1U);
  EXPECT_EQ(leg.store.rejected[0],
            "public.products (id 9): collection products, field per: division by zero");
  EXPECT_EQ(leg.store.document("products", "9"), "absent");
}

TEST_F(ReadModels, TooLongListsAndDoubleMapKeysAreRejected) {
  CollectionSpec lists =
      collection("lists", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})});
  lists.embeds[0].max_array = 2;
  CollectionSpec maps =
      collection("maps", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})});
  maps.embeds[0].shape = EmbedSpec::Shape::kMap;
  maps.embeds[0].map_key = {"quantity", 1, 1};
  ViewLeg& leg = run({lists, maps});
  EXPECT_EQ(leg.store.document("maps", "1"), "{id:1,customer:Ann,note:,lines:{2:{id:1},3:{id:2}}}");
  world.insert("lines", line(3, 1, 7, 3));
  leg.commit();
  ASSERT_EQ(leg.store.rejected.size(), 2U);
  EXPECT_NE(leg.store.rejected[0].find("collection lists.lines: 3 rows in one document"), std::string::npos)
      << leg.store.rejected[0];
  EXPECT_NE(leg.store.rejected[1].find("collection maps.lines, key: two rows would be the field \"3\""),
            std::string::npos)
      << leg.store.rejected[1];
}

TEST_F(ReadModels, RowsAskedForByKeyMakeTheirDocumentsAnew) {
  ViewLeg& leg =
      run({collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})})});
  const auto by_key = [&](const std::string& table, EventKind kind, const Row& row) {
    auto batch = world.chunk(table, 1, 1, 1);  // empty
    batch->chunk->by_key = true;
    auto* values = batch->arena.array<Value>(row.size());
    std::copy(row.begin(), row.end(), values);
    Event event;
    event.kind = kind;
    event.schema = world.table(table).schema.get();
    (kind == EventKind::kLoad ? event.after : event.before) = values;
    batch->events.push_back(event);
    leg.load_chunk(batch);
  };
  const std::size_t writes = leg.store.writes;
  by_key("orders", EventKind::kLoad, order(1, "Ann"));
  EXPECT_EQ(leg.store.writes, writes + 1);
  by_key("lines", EventKind::kLoad, line(1, 1, 7, 2));
  EXPECT_EQ(leg.store.writes, writes + 2);
  by_key("orders", EventKind::kAbsent, {int_value(55), Unchanged{}, Unchanged{}});
  EXPECT_EQ(leg.store.writes, writes + 3);  // a deletion of what should not be there
  by_key("orders", EventKind::kAbsent, {int_value(1), Unchanged{}, Unchanged{}});
  EXPECT_TRUE(leg.store.documents("orders").empty());
}

class FanOutTest : public ReadModels {
 protected:
  void prepare(ViewLeg& leg) override {
    leg.options.fan_out.walk = 3;
    leg.options.step_documents = 4;
  }
  void SetUp() override {
    place_product(7, "tea", 4);
    for (int id = 1; id <= 10; ++id) {
      place_order(id, "Ann");
      place_line(id, id, 7, 1);
    }
  }
  std::size_t showing(ViewLeg& leg, const std::string& name) {
    std::size_t count = 0;
    for (const auto& [id, document] : leg.store.documents("orders"))
      count += document.find("{name:" + name + "}") != std::string::npos ? 1 : 0;
    return count;
  }
};

TEST_F(FanOutTest, ALargeOneGoesInStepsBetweenOtherChanges) {
  ViewLeg& leg = run({orders()});
  world.update("products", {"7"}, product(7, "green", 4));
  const EventBatchPtr rename = world.commit();
  const Lsn since = rename->events.back().position.commit_lsn;
  leg.take(rename);
  EXPECT_EQ(showing(leg, "green"), 0U);
  EXPECT_EQ(leg.store.pending.since, since);
  leg.step();
  EXPECT_EQ(showing(leg, "green"), 4U);
  world.update("orders", {"10"}, order(10, "Bob"));
  leg.commit();
  EXPECT_EQ(showing(leg, "green"), 5U);
  EXPECT_EQ(leg.store.pending.since, since);
  leg.settle();
  EXPECT_EQ(showing(leg, "green"), 10U);
  EXPECT_FALSE(leg.projector().pending().since);
}

TEST_F(FanOutTest, GoesOnAfterARestart) {
  ViewLeg& leg = run({orders()});
  world.update("products", {"7"}, product(7, "green", 4));
  leg.commit();
  leg.step();
  leg.save();
  leg.step();
  leg.crash();
  EXPECT_TRUE(leg.projector().pending().since);
  leg.settle();
  EXPECT_EQ(showing(leg, "green"), 10U);
}

TEST_F(FanOutTest, IsFoundAgainByTheReplayWhenItWasNotSaved) {
  ViewLeg& leg = run({orders()});
  world.update("products", {"7"}, product(7, "green", 4));
  leg.commit();
  leg.step();
  leg.crash();
  EXPECT_TRUE(leg.projector().pending().since);
  leg.settle();
  EXPECT_EQ(showing(leg, "green"), 10U);
}

TEST_F(FanOutTest, TheSameChangeAgainGoesRoundOnceMore) {
  ViewLeg& leg = run({orders()});
  world.update("products", {"7"}, product(7, "green", 4));
  leg.commit();
  leg.step();
  world.update("products", {"7"}, product(7, "black", 4));
  leg.commit();
  leg.settle();
  EXPECT_EQ(showing(leg, "black"), 10U);
}

TEST_F(ReadModels, AGroupThatIsTooLargeIsLeftToSteps) {
  leg_ = nullptr;
  struct Small : ViewLeg {
    using ViewLeg::ViewLeg;
  };
  auto small = std::make_unique<Small>(world, std::vector<CollectionSpec>{orders()}, state_path("too_large"));
  small->options.group_documents = 3;
  small->start();
  small->load_all();
  for (int id = 10; id < 20; ++id) world.insert("orders", order(id, "Eve"));
  small->commit();
  EXPECT_EQ(small->store.documents("orders").size(), 4U);
  EXPECT_TRUE(small->store.pending.since);
  small->crash();
  small->settle();
  EXPECT_EQ(small->store.documents("orders").size(), 11U);
}

TEST_F(ReadModels, AColumnThatComesToATableComesToItsDocuments) {
  ViewLeg& leg = run({collection("orders", "orders", {many("lines", "lines", {{"order_id", "id"}})})});
  auto wider = std::make_shared<TableSchema>(*world.table("lines").schema);
  wider->columns.push_back({"colour", 25, -1, "text"});
  world.table("lines").schema = wider;
  Row row = line(5, 1, 7, 1);
  row.push_back(text_value("red"));
  world.insert("lines", row);
  leg.commit();
  EXPECT_EQ(leg.store.document("orders", "1"),
            "{id:1,customer:Ann,note:,lines:[{id:1,order_id:1,product_id:7,quantity:2,note:},"
            "{id:2,order_id:1,product_id:8,quantity:3,note:},{id:5,order_id:1,product_id:7,quantity:1,note:,"
            "colour:red}]}");
}

Error refusal(const CollectionSpec& spec, const World& world) {
  ViewOptions options;
  options.state.path = state_path("refused");
  options.file = "pipeline.yaml";
  const auto made = ViewProjector::make({spec}, world.schemas(), options);
  remove_database(options.state.path);
  if (!made) return made.error();
  ADD_FAILURE() << "accepted";
  return {};
}

TEST_F(ReadModels, DefinitionsThatDoNotFitAreRefusedWithTheirPlace) {
  CollectionSpec spec = collection("orders", "orders", {many("lines", "lines", {{"ordr_id", "id"}})});
  spec.embeds[0].line = 12;
  EXPECT_EQ(
      refusal(spec, world).message,
      "collection orders.lines: table public.lines has no column \"ordr_id\"; the nearest is \"order_id\" "
      "(line 12 of the pipeline file)");
  spec = collection("orders", "orders", {many("lines", "nothing", {{"id", "id"}})});
  EXPECT_NE(refusal(spec, world).message.find("table public.nothing does not exist"), std::string::npos);
  spec = collection("orders", "orders", {many("lines", "lines", {})});
  EXPECT_NE(refusal(spec, world).message.find("nothing says how public.lines is joined"), std::string::npos);
  spec = collection("orders", "orders", {many("lines", "lines", {{"order_id", "id"}})});
  spec.fields = {{"lines", "note"}};
  EXPECT_NE(refusal(spec, world).message.find("two fields are called \"lines\""), std::string::npos);
  spec = collection("orders", "orders", {});
  spec.fields = {sql_field("x", "no_such_column + 1", 7)};
  EXPECT_NE(refusal(spec, world).message.find("pipeline.yaml:7"), std::string::npos);
}

}  // namespace
}  // namespace penstock::test
