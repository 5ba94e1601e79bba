#include "sink/mongo/compare/produced_ids.h"

#include <gtest/gtest.h>

#include <string>

#include "sink/mongo/compare/difference_list.h"

namespace penstock::mongo {
namespace {

Hash128 id_of(Hasher& hasher, int number) { return hasher.of(std::to_string(number)); }

TEST(ProducedIds, EveryPartAnswersForItsIds) {
  Hasher hasher;
  auto ids = ProducedIds::make(testing::TempDir());
  ASSERT_TRUE(ids) << ids.error().text();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(ids->add(id_of(hasher, i)));
  EXPECT_EQ(ids->count(), 1000U);
  const std::size_t parts = ids->parts(300);
  EXPECT_EQ(parts, 4U);
  std::uint64_t counted = 0;
  int found = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    ASSERT_TRUE(ids->load(part, parts));
    counted += ids->count_of_part();
    for (int i = 0; i < 2000; ++i) {
      const Hash128 id = id_of(hasher, i);
      if (!ids->in_part(id)) continue;
      EXPECT_EQ(ids->contains(id), i < 1000) << i;
      ++found;
    }
  }
  EXPECT_EQ(counted, 1000U);
  EXPECT_EQ(found, 2000) << "each id belongs to one part";
}

TEST(ProducedIds, WhatIsSaidLaterCounts) {
  Hasher hasher;
  auto ids = ProducedIds::make(testing::TempDir());
  ASSERT_TRUE(ids);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ids->add(id_of(hasher, i)));
  ids->set(id_of(hasher, 0), false);
  ids->set(id_of(hasher, 1), true);
  ids->set(id_of(hasher, 7), true);
  ASSERT_TRUE(ids->load(0, 1));
  EXPECT_FALSE(ids->contains(id_of(hasher, 0)));
  EXPECT_TRUE(ids->contains(id_of(hasher, 1)));
  EXPECT_TRUE(ids->contains(id_of(hasher, 7)));
  EXPECT_EQ(ids->count_of_part(), 3U);
}

TEST(ProducedIds, BeginsAnewAfterAClear) {
  Hasher hasher;
  auto ids = ProducedIds::make(testing::TempDir());
  ASSERT_TRUE(ids);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(ids->add(id_of(hasher, i)));
  ids->clear();
  ASSERT_TRUE(ids->add(id_of(hasher, 20)));
  ASSERT_TRUE(ids->load(0, 1));
  EXPECT_FALSE(ids->contains(id_of(hasher, 5)));
  EXPECT_TRUE(ids->contains(id_of(hasher, 20)));
  ASSERT_TRUE(ids->add(id_of(hasher, 21)));
  ASSERT_TRUE(ids->load(0, 1));
  EXPECT_EQ(ids->count_of_part(), 2U);
}

TEST(ProducedIds, AFolderThatIsNotThereIsNamed) {
  const auto ids = ProducedIds::make("/nonexistent");
  ASSERT_FALSE(ids);
  EXPECT_NE(ids.error().message.find("/nonexistent"), std::string::npos);
}

TEST(Hash128, SumsDoNotDependOnTheOrderAndCarry) {
  Hasher hasher;
  Hash128 up;
  Hash128 down;
  for (int i = 0; i < 50; ++i) up += id_of(hasher, i);
  for (int i = 49; i >= 0; --i) down += id_of(hasher, i);
  EXPECT_EQ(up, down);
  Hash128 carry{0, ~std::uint64_t{0}};
  carry += Hash128{0, 1};
  EXPECT_EQ(carry, (Hash128{1, 0}));
  // sha256("") begins so.
  EXPECT_EQ(to_string(hasher.of("")), "e3b0c44298fc1c149afbf4c8996fb924");
}

Difference difference(const char* id, DifferenceKind kind) {
  Difference one;
  one.id = id;
  one.kind = kind;
  return one;
}

TEST(DifferenceList, KeepsTheFirstAndCountsAll) {
  Hasher hasher;
  DifferenceList list(2);
  list.add(id_of(hasher, 1), difference("1", DifferenceKind::kMissing));
  list.add(id_of(hasher, 2), difference("2", DifferenceKind::kExtra));
  list.add(id_of(hasher, 3), difference("3", DifferenceKind::kExtra));
  EXPECT_EQ(list.count(DifferenceKind::kExtra), 2U);
  EXPECT_EQ(list.count(DifferenceKind::kMissing), 1U);
  ASSERT_EQ(list.in_order().size(), 2U);
  EXPECT_EQ(list.in_order()[0].id, "1");
  EXPECT_EQ(list.in_order()[1].id, "2");
}

TEST(DifferenceList, ADocumentComparedAnewIsCountedOnce) {
  Hasher hasher;
  DifferenceList list(10);
  list.add(id_of(hasher, 1), difference("1", DifferenceKind::kDiffers));
  list.forget(id_of(hasher, 1));
  EXPECT_TRUE(list.empty());
  list.add(id_of(hasher, 1), difference("1", DifferenceKind::kDiffers));
  list.add(id_of(hasher, 1), difference("1", DifferenceKind::kMissing));
  EXPECT_EQ(list.count(DifferenceKind::kDiffers), 0U);
  EXPECT_EQ(list.count(DifferenceKind::kMissing), 1U);
}

}  // namespace
}  // namespace penstock::mongo
