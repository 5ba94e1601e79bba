#include "base/retry.h"

#include <gtest/gtest.h>

#include <thread>

namespace penstock {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToItsMostWithAtMostAQuarterTakenOff) {
  Backoff backoff(milliseconds(100), milliseconds(1000));
  for (const int whole : {100, 200, 400, 800, 1000, 1000}) {
    const auto wait = backoff.next().count();
    EXPECT_LE(wait, whole);
    EXPECT_GT(wait, whole * 3 / 4 - 1);
  }
  EXPECT_EQ(backoff.tries(), 6U);
  backoff.reset();
  EXPECT_LE(backoff.next().count(), 100);
}

TEST(Backoff, StaysAtItsMostForEver) {
  Backoff backoff(milliseconds(50), milliseconds(5000));
  for (int i = 0; i < 200; ++i) {
    const auto wait = backoff.next().count();
    EXPECT_GT(wait, 0);
    EXPECT_LE(wait, 5000);
  }
}

TEST(SleepUnlessStopped, WakesAtOnceWhenStopped) {
  std::stop_source stop;
  const auto begin = std::chrono::steady_clock::now();
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(sleep_unless_stopped(stop.get_token(), std::chrono::seconds(60)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(SleepUnlessStopped, SleepsItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(sleep_unless_stopped(std::stop_source().get_token(), milliseconds(20)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(20));
}

}  // namespace
}  // namespace penstock
