// What is written all the time is only different if it never matched.
#include "app/verify/steady_differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::app {
namespace {

using mongo::Difference;
using mongo::DifferenceKind;

Difference difference(const std::string& key, DifferenceKind kind = DifferenceKind::kDiffers) {
  Difference made;
  made.collection = "orders";
  made.id = made.key = key;
  made.kind = kind;
  return made;
}

TEST(SteadyDifferences, AreThoseOfEveryLook) {
  SteadyDifferences steady;
  steady.note({difference("1"), difference("2"), difference("3", DifferenceKind::kExtra)});
  steady.note({difference("2"), difference("3", DifferenceKind::kExtra), difference("4")});
  EXPECT_FALSE(steady.none());
  VerifyReport report;
  report.collections.push_back({});
  report.collections.back().collection = "orders";
  report.collections.back().differing = 2;
  report.collections.back().extra = 1;
  report.differences = {difference("2"), difference("3", DifferenceKind::kExtra), difference("4")};
  steady.keep_in(report);
  EXPECT_EQ(report.differences.size(), 2U);
  EXPECT_EQ(report.collections.back().differing, 1U);
  EXPECT_EQ(report.collections.back().extra, 1U);
}

TEST(SteadyDifferences, AreNoneOnceEverythingMatchedOnce) {
  SteadyDifferences steady;
  steady.note({difference("1")});
  steady.note({difference("2")});
  EXPECT_TRUE(steady.none());
}

TEST(SteadyDifferences, AreAllOfALookThatWasExact) {
  SteadyDifferences steady;
  steady.note({difference("1")});
  steady.note_exact({difference("2")});
  VerifyReport report;
  report.differences = {difference("2")};
  steady.keep_in(report);
  EXPECT_EQ(report.differences.size(), 1U);
}

}  // namespace
}  // namespace penstock::app
