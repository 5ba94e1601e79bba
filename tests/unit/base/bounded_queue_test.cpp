#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace penstock {
namespace {

using std::chrono::milliseconds;
using Queue = BoundedQueue<std::unique_ptr<int>>;

TEST(BoundedQueue, HandsOverInOrder) {
  BoundedQueue<int> queue(10, 1000);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.push_for(i, 1, milliseconds(0)));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.try_pop(), i);
  EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(BoundedQueue, RefusedItemIsLeftUntouched) {
  Queue queue(1, 1000);
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  ASSERT_TRUE(queue.push_for(first, 1, milliseconds(0)));
  EXPECT_EQ(first, nullptr);
  EXPECT_FALSE(queue.push_for(second, 1, milliseconds(1)));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second, 2);
}

TEST(BoundedQueue, IsBoundedInBytesButTakesOneLargeItemWhenEmpty) {
  BoundedQueue<int> queue(100, 10);
  int item = 1;
  EXPECT_TRUE(queue.push_for(item, 50, milliseconds(0)));
  EXPECT_FALSE(queue.push_for(item, 1, milliseconds(0)));
  EXPECT_TRUE(queue.try_pop().has_value());
  EXPECT_TRUE(queue.push_for(item, 6, milliseconds(0)));
  EXPECT_FALSE(queue.push_for(item, 5, milliseconds(0)));
  EXPECT_TRUE(queue.push_for(item, 4, milliseconds(0)));
}

TEST(BoundedQueue, CloseDrainsAndAbandonDrops) {
  BoundedQueue<int> queue(10, 1000);
  int item = 7;
  queue.push_for(item, 1, milliseconds(0));
  queue.close();
  EXPECT_FALSE(queue.push_for(item, 1, milliseconds(0)));
  EXPECT_FALSE(queue.drained());
  EXPECT_EQ(queue.pop_for(milliseconds(0)), 7);
  EXPECT_TRUE(queue.drained());

  BoundedQueue<int> dropped(10, 1000);
  dropped.push_for(item, 1, milliseconds(0));
  dropped.abandon();
  EXPECT_EQ(dropped.pop_for(milliseconds(0)), std::nullopt);
  EXPECT_TRUE(dropped.drained());
}

TEST(BoundedQueue, WaitingProducerIsWokenByRoomAndConsumerByClose) {
  BoundedQueue<int> queue(1, 1000);
  int item = 1;
  queue.push_for(item, 1, milliseconds(0));
  bool pushed = false;
  {
    std::jthread producer([&] {
      int next = 2;
      pushed = queue.push_for(next, 1, std::chrono::seconds(30));
    });
    EXPECT_EQ(queue.pop_for(std::chrono::seconds(30)), 1);
  }
  EXPECT_TRUE(pushed);
  EXPECT_EQ(queue.pop_for(std::chrono::seconds(30)), 2);
  std::jthread closer([&] { queue.close(); });
  EXPECT_EQ(queue.pop_for(std::chrono::seconds(30)), std::nullopt);
}

}  // namespace
}  // namespace penstock
