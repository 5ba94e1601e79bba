#include "library/step_size.h"

#include <gtest/gtest.h>

namespace penstock::library {
namespace {

TEST(StepSize, is_halved_down_to_one_document) {
  StepSize size(4U << 20U);
  EXPECT_EQ(size.limits().rows, StepLimits().rows);
  EXPECT_EQ(size.limits().bytes, 4U << 20U);
  std::size_t before = size.limits().rows;
  while (size.halve()) {
    EXPECT_EQ(size.limits().rows, before / 2);
    before = size.limits().rows;
  }
  EXPECT_EQ(size.limits().rows, 1U);
  EXPECT_LT(size.limits().bytes, 8192U);
}

TEST(StepSize, grows_again_once_some_were_committed) {
  StepSize size(1000);
  size.halve();
  size.halve();
  for (int i = 0; i < 15; ++i) size.held();
  EXPECT_EQ(size.limits().bytes, 250U);
  size.held();
  EXPECT_EQ(size.limits().bytes, 500U);
  for (int i = 0; i < 15; ++i) size.held();
  size.halve();  // not in a row
  for (int i = 0; i < 15; ++i) size.held();
  EXPECT_EQ(size.limits().bytes, 250U);
  for (int i = 0; i < 100; ++i) size.held();
  EXPECT_EQ(size.limits().bytes, 1000U);
}

}  // namespace
}  // namespace penstock::library
