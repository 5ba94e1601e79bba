// Every example in the Function table is an expression that is true.
#include <gtest/gtest.h>

#include "expression/function.h"
#include "unit/expression/orders.h"

namespace penstock::expression {
namespace {

TEST(Examples, AreTrue) {
  int count = 0;
  for (const Function& function : functions()) {
    if (function.example.empty()) continue;
    ++count;
    EXPECT_EQ(worth(std::string(function.example)), "t|boolean") << function.example;
  }
  EXPECT_GT(count, 100);
}

}  // namespace
}  // namespace penstock::expression
