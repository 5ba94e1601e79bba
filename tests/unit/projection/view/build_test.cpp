// Collections built beside and published, through restarts and changed definitions.
#include <gtest/gtest.h>

#include "unit/projection/view/shop.h"

namespace penstock::test {
namespace {

class Builds : public Shop {
 protected:
  Builds() {
    for (int id = 1; id <= 10; ++id) place_order(id, "Ann");
    for (int id = 1; id <= 20; ++id) place_line(id, (id - 1) / 2 + 1, 7, 1);
  }
  static CollectionSpec with_lines() {
    return collection("orders", "orders", {only(many("lines", "lines", {{"order_id", "id"}}), {"id"})});
  }
  static std::string document(int id, const std::string& customer, const std::string& lines) {
    return "{id:" + std::to_string(id) + ",customer:" + customer + ",note:,lines:" + lines + "}";
  }
  // Loaded, and not a step of a build made; three documents are a step.
  ViewLeg& loaded(const std::string& name) {
    leg_ = std::make_unique<ViewLeg>(world, std::vector<CollectionSpec>{with_lines()},
                                     state_path("builds_" + name));
    leg_->options.build_documents = 3;
    leg_->start();
    for (const auto& [table, rows] : world.tables()) leg_->load(table);
    return *leg_;
  }
  void expect_complete(ViewLeg& leg) {
    leg.settle();
    EXPECT_EQ(leg.store.documents("orders").size(), world.table("orders").rows.size());
    EXPECT_FALSE(leg.store.has("penstock_next_orders"));
    EXPECT_TRUE(leg.projector().pending().building.empty());
    EXPECT_FALSE(leg.projector().pending().since);
  }
};

TEST_F(Builds, NothingIsShownBeforeItIsComplete) {
  ViewLeg& leg = loaded("shown");
  EXPECT_EQ(leg.projector().pending().building, std::vector<std::string>{"orders"});
  EXPECT_EQ(leg.projector().pending().since, Lsn{1});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(leg.step());
  EXPECT_FALSE(leg.store.has("orders"));
  EXPECT_EQ(leg.store.documents("penstock_next_orders").size(), 10U);
  // It is published only once the state says durably that it is complete.
  EXPECT_FALSE(leg.step());
  leg.save();
  EXPECT_TRUE(leg.step());
  expect_complete(leg);
  EXPECT_EQ(leg.store.duplicates, 0U);
}

TEST_F(Builds, ChangesOfWhatIsBuiltAndOfWhatIsNot) {
  ViewLeg& leg = loaded("changes");
  leg.step();
  world.update("orders", {"2"}, order(2, "Bob"));
  world.update("orders", {"9"}, order(9, "Eve"));
  world.erase("orders", {"3"});
  world.erase("orders", {"10"});
  world.insert("orders", order(0, "Zoe"));
  leg.commit();
  EXPECT_EQ(leg.store.document("penstock_next_orders", "2"), document(2, "Bob", "[{id:3},{id:4}]"));
  EXPECT_EQ(leg.store.document("penstock_next_orders", "9"), "absent");
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "9"), document(9, "Eve", "[{id:17},{id:18}]"));
  EXPECT_EQ(leg.store.document("orders", "0"), document(0, "Zoe", "[]"));
  EXPECT_EQ(leg.store.duplicates, 0U);
}

TEST_F(Builds, GoOnAfterARestart) {
  ViewLeg& leg = loaded("restart");
  leg.step();
  leg.save();
  leg.step();
  leg.crash();
  // The store has documents that the state does not know of; one of them goes.
  world.erase("orders", {"5"});
  world.update("orders", {"6"}, order(6, "Bob"));
  leg.commit();
  EXPECT_EQ(leg.store.document("penstock_next_orders", "5"), "absent");
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "6"), document(6, "Bob", "[{id:11},{id:12}]"));
}

// Rows of a load are taken many at a time; those that the stream brought before are not taken for new ones.
TEST_F(Builds, OfALargeLoadOverRowsThatTheStreamBroughtFirst) {
  for (int id = 11; id <= 300; ++id) {
    place_order(id, "Ann");
    place_line(2 * id, id, 7, 1);
    if (id % 7 != 0) place_line(2 * id + 1, id, 7, 1);
  }
  leg_ =
      std::make_unique<ViewLeg>(world, std::vector<CollectionSpec>{with_lines()}, state_path("builds_large"));
  leg_->start();
  ViewLeg& leg = *leg_;
  world.update("orders", {"20"}, order(20, "Bob"));  // an update of a row that no chunk has brought
  world.erase("lines", {"63"});
  leg.commit();
  for (const auto& [table, rows] : world.tables()) leg.load(table);
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "20"), document(20, "Bob", "[{id:40},{id:41}]"));
  EXPECT_EQ(leg.store.document("orders", "31"), document(31, "Ann", "[{id:62}]"));
  EXPECT_EQ(leg.store.document("orders", "42"), document(42, "Ann", "[{id:84}]"));
  EXPECT_EQ(leg.store.document("orders", "300"), document(300, "Ann", "[{id:600},{id:601}]"));
  EXPECT_EQ(leg.store.duplicates, 0U);
}

TEST_F(Builds, BegunAnewWhenNothingOfThemWasSaved) {
  ViewLeg& leg = loaded("anew");
  leg.step();
  leg.step();
  leg.crash();
  world.erase("orders", {"5"});
  leg.commit();
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "5"), "absent");
}

// After the rename the state may still say that it is to come.
TEST_F(Builds, PublishedTwiceWhenTheStateDoesNotKnow) {
  for (const bool published : {true, false}) {
    ViewLeg& leg = loaded(published ? "twice" : "once");
    for (int i = 0; i < 4; ++i) leg.step();
    leg.save();
    if (published) leg.step();
    EXPECT_EQ(leg.store.has("orders"), published);
    leg.crash();
    world.update("orders", {"1"}, order(1, published ? "Bob" : "Tim"));
    world.erase("orders", {published ? "2" : "3"});
    leg.commit();
    expect_complete(leg);
    EXPECT_EQ(leg.store.document("orders", "1"), document(1, published ? "Bob" : "Tim", "[{id:1},{id:2}]"));
  }
}

TEST_F(Builds, ATruncateWhileItIsNotKnownWhetherItIsPublished) {
  ViewLeg& leg = loaded("truncate");
  for (int i = 0; i < 4; ++i) leg.step();
  leg.save();
  leg.step();
  leg.crash();
  world.truncate("orders");
  world.insert("orders", order(4, "Tim"));
  leg.commit();
  expect_complete(leg);
  EXPECT_EQ(leg.store.documents("orders").size(), 1U);
}

TEST_F(Builds, AChangedDefinitionIsBuiltBesideTheOldDocuments) {
  ViewLeg& leg = loaded("definition");
  expect_complete(leg);
  leg.specs()[0].embeds[0] = only(many("lines", "lines", {{"order_id", "id"}}), {"id", "quantity"});
  leg.crash();
  // A column that the state did not keep: the table is loaded again first.
  EXPECT_EQ(leg.store.document("orders", "1"), document(1, "Ann", "[{id:1},{id:2}]"));
  EXPECT_FALSE(leg.projector().has_pending());
  EXPECT_EQ(leg.projector().pending().building, std::vector<std::string>{"orders"});
  leg.load("lines", 2);
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "1"), document(1, "Ann", "[{id:1,quantity:1},{id:2,quantity:1}]"));
  // One that needs nothing new is built at once.
  leg.specs()[0].embeds[0] = only(many("lines", "lines", {{"order_id", "id"}}), {"quantity"});
  leg.crash();
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "1"), document(1, "Ann", "[{quantity:1},{quantity:1}]"));
}

TEST_F(Builds, WhatIsKeptIsPartOfALoadsFingerprint) {
  ViewLeg& leg = loaded("fingerprint");
  leg.save();
  const std::string before = leg.projector().load_fingerprint("public.lines");
  EXPECT_NE(before.find(leg.projector().identity()), std::string::npos);
  EXPECT_EQ(leg.projector().load_fingerprint("public.products"), "");
  leg.crash();
  EXPECT_EQ(leg.projector().load_fingerprint("public.lines"), before);
  leg.specs()[0].embeds[0] = only(many("lines", "lines", {{"order_id", "id"}}), {"id", "quantity"});
  leg.crash();
  const std::string wider = leg.projector().load_fingerprint("public.lines");
  EXPECT_NE(wider, before);
  leg.load("lines", 2);
  // Fewer columns need no load.
  leg.specs()[0] = with_lines();
  leg.crash();
  EXPECT_EQ(leg.projector().load_fingerprint("public.lines"), wider);
  ASSERT_TRUE(leg.projector().forget());
  EXPECT_NE(leg.projector().load_fingerprint("public.lines"), wider);
}

TEST_F(Builds, RebuildMakesTheDocumentsAnew) {
  ViewLeg& leg = loaded("rebuild");
  expect_complete(leg);
  ASSERT_TRUE(*leg.projector().rebuild("orders"));
  EXPECT_FALSE(*leg.projector().rebuild("others"));
  leg.step();
  EXPECT_TRUE(leg.store.has("orders"));
  EXPECT_EQ(leg.store.documents("penstock_next_orders").size(), 3U);
  expect_complete(leg);
}

TEST_F(Builds, AReloadFindsWhatNoEventSaid) {
  ViewLeg& leg = loaded("reload");
  expect_complete(leg);
  // Rows that came and went behind the stream's back.
  world.table("orders").rows.erase({"4"});
  world.table("lines").rows.erase({"1"});
  place_line(77, 1, 7, 1);
  leg.load("orders", 2);
  leg.load("lines", 2);
  expect_complete(leg);
  EXPECT_EQ(leg.store.document("orders", "4"), "absent");
  EXPECT_EQ(leg.store.document("orders", "1"), document(1, "Ann", "[{id:2},{id:77}]"));
}

TEST_F(Builds, AStateThatDoesNotGoWithTheCheckpointIsBegunAnew) {
  ViewLeg& leg = loaded("checkpoint");
  world.update("orders", {"1"}, order(1, "Bob"));
  leg.commit();
  expect_complete(leg);
  const std::string identity = leg.projector().identity();
  leg.crash();
  EXPECT_EQ(leg.projector().identity(), identity);
  Checkpoint other;
  other.exists = true;
  other.position = leg.store.position;
  other.source.system_identifier = 2;
  ASSERT_TRUE(leg.projector().open(other));
  const std::string second = leg.projector().identity();
  EXPECT_NE(second, identity);
  EXPECT_FALSE(leg.projector().saved());
  leg.save();
  // MongoDB was set back.
  other.position = {Lsn{1}, 0, Lsn{2}};
  EXPECT_EQ(*leg.projector().open(other), other.position);
  EXPECT_NE(leg.projector().identity(), second);
}

}  // namespace
}  // namespace penstock::test
