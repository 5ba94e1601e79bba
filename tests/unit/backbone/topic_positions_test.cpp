// Whether reading can go on, and from where.
#include "backbone/topic_positions.h"

#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

const PartitionId kOne{"shop.public.orders", 0};
const PartitionId kOther{"shop.public.orders", 1};

Places at(std::int64_t next) {
  Places places;
  places[kOne].next = next;
  return places;
}

TEST(Continues, FromAnyOffsetThatIsThere) {
  for (const std::int64_t next : {5, 7, 10})
    EXPECT_TRUE(check_continues({{kOne, {5, 10}}}, at(next))) << next;
  EXPECT_TRUE(check_continues({{kOne, {5, 10}}, {kOther, {0, 3}}}, {}));
}

TEST(Continues, NotWhereTheTopicEndsBefore) {
  const Status status = check_continues({{kOne, {0, 10}}}, at(11));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kDivergence);
  EXPECT_NE(status.error().message.find("shop.public.orders[0]"), std::string::npos);
}

TEST(Continues, WhileRecordsComeBeyondTheEndsThatWereSeenButNotOverAGap) {
  EXPECT_TRUE(check_kept({{kOne, {0, 10}}}, at(11)));
  EXPECT_TRUE(check_kept({{kOne, {5, 10}}}, at(5)));
  const Status status = check_kept({{kOne, {5, 10}}, {kOther, {0, 3}}}, at(4));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kGap);
}

TEST(Continues, NotWhereTheNextRecordsAreGone) {
  const Status status = check_continues({{kOne, {5, 10}}}, at(4));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kGap);
}

TEST(Complete, OnlyFromTheFirstRecordOrWhereItGoesOn) {
  EXPECT_TRUE(check_complete({{kOne, {0, 10}}}, {}));
  EXPECT_TRUE(check_complete({{kOne, {5, 10}}}, at(6)));
  for (const Places& places : {Places{}, at(0)}) {
    const Status status = check_complete({{kOne, {5, 10}}}, places);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::kGap);
  }
}

// The record before the place shows whether it is the one that was read.
TEST(Offsets, BeginOneBeforeThePlace) {
  const std::map<PartitionId, PartitionEnds> ends{{kOne, {5, 10}}, {kOther, {0, 3}}};
  EXPECT_EQ(offsets_of(ends, at(8)).at(kOne), 7);
  EXPECT_EQ(offsets_of(ends, at(5)).at(kOne), 5);  // that one is gone
  EXPECT_EQ(offsets_of(ends, {}).at(kOne), 5);
  EXPECT_EQ(offsets_of(ends, {}).at(kOther), 0);
}

}  // namespace
}  // namespace penstock::backbone
