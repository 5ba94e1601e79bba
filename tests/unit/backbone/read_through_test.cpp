// Up to which moment everything that was written to a partition is read.
#include "backbone/read_through.h"

#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

using std::chrono::seconds;

const PartitionId kOrders{"shop.public.orders", 0};
const PartitionId kLines{"shop.public.lines", 0};

class Reading : public testing::Test {
 protected:
  Reading() { read.reads({{kOrders, {0, 5}}, {kLines, {0, 5}}}); }
  // Seconds; -1: nothing is known.
  std::int64_t through(const PartitionId& partition) const {
    const auto moment = read.readings().at(partition).through;
    return moment == ReadThrough::Clock::time_point{}
               ? -1
               : std::chrono::duration_cast<seconds>(moment - start).count();
  }
  void look(std::int64_t at, std::int64_t orders, std::int64_t lines) {
    read.looked({{kOrders, {0, orders}}, {kLines, {0, lines}}}, start + seconds(at));
  }
  static Places at(std::int64_t orders, std::int64_t lines) {
    Places places;
    places[kOrders].next = orders;
    places[kLines].next = lines;
    return places;
  }

  ReadThrough read;
  const ReadThrough::Clock::time_point start = ReadThrough::Clock::now();
};

TEST_F(Reading, IsThroughAMomentOnceThePartitionsEndOfThenIsReached) {
  look(1, 10, 0);
  read.follow(at(9, 0));
  EXPECT_EQ(through(kOrders), -1);
  EXPECT_EQ(through(kLines), 1);
  read.follow(at(10, 0));
  EXPECT_EQ(through(kOrders), 1);
}

TEST_F(Reading, ThatLagsIsThroughTheOldestMomentThatIsOpen) {
  look(1, 10, 0);
  look(6, 20, 0);
  read.follow(at(12, 0));
  EXPECT_EQ(through(kOrders), 1);
  look(11, 30, 0);
  read.follow(at(25, 0));
  EXPECT_EQ(through(kOrders), 1);
  read.follow(at(30, 0));
  EXPECT_EQ(through(kOrders), 11);
}

TEST_F(Reading, EndsBehindTheMarksOfTransactions) {
  look(1, 10, 0);
  read.at_end(kOrders, 10);
  read.follow(at(9, 0));
  EXPECT_EQ(through(kOrders), 1);
}

TEST_F(Reading, GoesOnAlthoughTheEndIsSeenOnlyOnce) {
  read.at_end(kOrders, 5);
  for (const std::int64_t moment : {1, 6, 11}) {
    look(moment, 5, 5);
    read.follow(at(5, 5));
    EXPECT_EQ(through(kOrders), moment);
  }
}

TEST_F(Reading, ThatBeginsAnewHasReadNothing) {
  look(1, 5, 5);
  read.follow(at(5, 5));
  read.begin_anew(kOrders);
  read.follow(at(0, 5));
  EXPECT_EQ(through(kOrders), -1);
  EXPECT_EQ(through(kLines), 1);
}

TEST_F(Reading, OfATopicThatIsGoneIsNotWaitedFor) {
  read.looked({{kOrders, {0, 5}}}, start + seconds(1));
  EXPECT_EQ(read.readings().count(kLines), 0U);
}

}  // namespace
}  // namespace penstock::backbone
