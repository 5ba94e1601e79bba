// Calls of the function table by name and types.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expression/function.h"

namespace penstock::expression {

class CallTest : public testing::Test {
 protected:
  // The text of the result; "NULL", or "error: …".
  std::string call(std::string_view name, const std::vector<std::uint32_t>& types,
                   const std::vector<Value>& arguments) {
    for (const Function& function : functions()) {
      if (function.name != name || function.arguments != types) continue;
      const auto result = function.call(Call{arguments, arena_});
      if (!result) return "error: " + result.error().message;
      return result->is_null() ? "NULL" : to_text(*result);
    }
    return "no such function";
  }
  Arena arena_;
};

}  // namespace penstock::expression
