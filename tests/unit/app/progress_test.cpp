#include "app/progress.h"

#include <gtest/gtest.h>

namespace penstock::app {
namespace {

// Seen: a table that was loaded again within a second was not said to be loaded.
TEST(Progress, SaysThatATableIsLoadedAgainThoughItWasNeverSeenLoading) {
  testing::internal::CaptureStderr();
  Progress progress;
  LegStats stats;
  stats.loads = {{"public.a", 5, 5, true, 1}};
  progress.show(stats);
  progress.show(stats);
  stats.loads = {{"public.a", 7, 7, true, 2}};
  progress.show(stats);
  const std::string said = testing::internal::GetCapturedStderr();
  const auto first = said.find("table public.a: 5 rows loaded");
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find("5 rows loaded", first + 20), std::string::npos) << said;
  EXPECT_NE(said.find("table public.a: 7 rows loaded"), std::string::npos) << said;
}

}  // namespace
}  // namespace penstock::app
