// What one step of a lane comes to, and what stays for the next one.
#include <gtest/gtest.h>

#include "unit/projection/shared/shared_shop.h"

namespace penstock::test {
namespace {

constexpr std::size_t kNote = 20'000;

class Steps : public SharedShop {
 protected:
  static StepLimits of_bytes(std::size_t bytes) {
    StepLimits limits;
    limits.bytes = bytes;
    return limits;
  }
  // The lane with the most marks or the largest bucket is any: the most that a step made of one.
  std::size_t most_bytes(const StepLimits& limits) {
    std::size_t most = 0;
    while (!kept.lanes().empty() && !HasFailure()) {
      const std::string lane = kept.lanes().front();
      EXPECT_GT(step(lane, limits).marks, 0U);
      most = std::max(most, documents_bytes);
    }
    return most;
  }
};

TEST_F(Steps, EndOnceTheirDocumentsComeToTheLimitAndLeaveTheOtherMarks) {
  for (int id = 1; id <= 2000; ++id) place_order(id, 1, std::string(kNote, 'x'));
  open({orders()});
  load();
  const std::size_t most = most_bytes(of_bytes(5 * kNote));
  EXPECT_LE(most, 7 * kNote);
  EXPECT_GE(most, 5 * kNote);
  EXPECT_EQ(documents.documents("orders").size(), 2000U);
}

TEST_F(Steps, CountARowThatHangsOnManyDocumentsInEachOfThem) {
  world.place("products", {int_value(1), text_value(std::string(kNote, 'p'))});
  for (int id = 1; id <= 2000; ++id) place_order(id, 1, "");
  open({orders()});
  load();
  EXPECT_LE(most_bytes(of_bytes(5 * kNote)), 7 * kNote);
  EXPECT_EQ(documents.documents("orders").size(), 2000U);
}

TEST_F(Steps, ReadNoMoreRowsAtOnceThanHaveFitted) {
  for (int id = 1; id <= 3000; ++id) place_order(id, 1, std::string(kNote, 'x'));
  open({orders()});
  load();
  step(kept.lanes().front(), of_bytes(5 * kNote));
  step(kept.lanes().front(), of_bytes(5 * kNote));
  kept.largest_answer = 0;
  most_bytes(of_bytes(5 * kNote));
  EXPECT_LE(kept.largest_answer, 2 * StepLimits::kRoom * 5 * kNote);
}

TEST_F(Steps, OfOneDocumentComeToAnEnd) {
  for (int id = 1; id <= 300; ++id) place_order(id, id % 7, "note");
  open({orders(), by_product()});
  load();
  StepLimits one;
  one.rows = 1;
  one.bytes = 0;
  settle(one);
  EXPECT_EQ(documents.documents("orders").size(), 300U);
  EXPECT_EQ(documents.documents("by_product"), grouped());
  world.insert("products", {int_value(3), text_value("three")});
  changed();
  settle(one);
  EXPECT_EQ(documents.document("orders", "10"), "{id:10,product:3,note:note,item:{id:3,name:three}}");
}

// The first document of a step is made whatever it takes; a mark whose document was not made stays.
TEST_F(Steps, RemoveOnlyMarksWhoseDocumentsWereMade) {
  for (int id = 1; id <= 400; ++id) place_order(id, 1, "before");
  open({orders()});
  load();
  settle();
  for (int id = 1; id <= 400; ++id)
    world.update("orders", {std::to_string(id)}, {int_value(id), int_value(1), text_value("after")});
  changed();
  ASSERT_EQ(kept.marks_count(), 400U);
  const Settlement::Step done = step(kept.lanes().front(), of_bytes(1));
  EXPECT_EQ(done.documents, 1U);
  EXPECT_EQ(done.marks, 1U);
  EXPECT_EQ(kept.marks_count(), 399U);
  settle();
  for (const auto& [id, document] : documents.documents("orders"))
    EXPECT_NE(document.find("note:after"), std::string::npos) << id;
}

class Cleared : public Steps {
 protected:
  Cleared() {
    for (int id = 1; id <= 1000; ++id) place_order(id, id % 9, "");
    limits.rows = 20;
  }
  static std::string lane() { return lane_of_summary("by_product"); }
  StepLimits limits;
};

TEST_F(Cleared, ASummaryIsEmptiedInStepsAndTheMarkGoesWithTheLast) {
  open({by_product()});
  load();
  settle();
  const std::size_t before = kept.entries_count();
  ASSERT_GT(before, 2000U);
  world.truncate("orders");
  changed();
  std::size_t steps = 0;
  for (; kept.entries_count() > 1 && steps < 1000; ++steps) {
    ASSERT_EQ(kept.marks_count(), 1U);
    step(lane(), limits);
    EXPECT_LE(erased, 4 * limits.rows);
  }
  EXPECT_GT(steps, before / (8 * limits.rows));
  EXPECT_EQ(kept.marks_count(), 0U);
  EXPECT_TRUE(documents.documents("by_product").empty());
}

TEST_F(Cleared, WhatCameAfterTheTruncateIsThere) {
  open({by_product()});
  load();
  settle();
  world.update("orders", {"5"}, {int_value(5), int_value(77), text_value("")});  // marked, and never made
  world.truncate("orders");
  for (int id = 1; id <= 50; ++id) insert_order(id, id % 4);
  changed();
  step(lane(), limits);
  insert_order(900, 8);  // between two steps
  changed();
  settlement->forget();  // another task goes on
  settle(limits);
  EXPECT_EQ(documents.documents("by_product"), grouped());
  world.truncate("orders");
  insert_order(1, 2);
  world.truncate("orders");
  insert_order(2, 2);
  changed();
  settle(limits);
  EXPECT_EQ(documents.documents("by_product"), grouped());
}

TEST_F(Cleared, AClearThatComesWhileTheMarksAreReadIsNotOvertakenByThem) {
  open({by_product()});
  load();
  settle();
  insert_order(2000, 3);
  changed();
  kept.meanwhile = [&] {
    world.truncate("orders");
    insert_order(2000, 4);
    changed();
  };
  step(lane());
  settle(limits);
  EXPECT_EQ(documents.documents("by_product"), grouped());
}

}  // namespace
}  // namespace penstock::test
