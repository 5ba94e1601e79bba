#include "unit/expression/call.h"

namespace penstock::expression {
namespace {

using namespace oid;

class JsonFunctions : public CallTest {
 protected:
  std::string jsonb(std::string_view text) { return call("::", {kText}, text); }
  std::string call(std::string_view name, const std::vector<std::uint32_t>& types, std::string_view text) {
    for (const Function& function : functions()) {
      if (function.name != name || function.arguments != types || function.result != kJsonb) continue;
      const std::vector<Value> arguments = {Text{text}};
      const auto result = function.call(Call{arguments, arena_});
      return result ? to_text(*result) : "error: " + result.error().message;
    }
    return "no such function";
  }
};

TEST_F(JsonFunctions, JsonbIsPrintedAsPostgresPrintsIt) {
  EXPECT_EQ(jsonb(R"( {"bb":1, "a" : [1e2,-0.0 , "x\u00e9\/"], "bb":{}} )"),
            R"({"a": [100, 0.0, "xé/"], "bb": {}})");
  EXPECT_EQ(jsonb("12345678901234567890.50"), "12345678901234567890.50");
}

TEST_F(JsonFunctions, WhatIsNoJsonIsRefused) {
  for (const char* text :
       {"", "[1,]", "{\"a\"}", "01", "1 2", "1],[2", "nul", "\"\\ude00\"", "[1", "'x'", "+1", "1."})
    EXPECT_EQ(jsonb(text), "error: invalid input syntax for type json") << text;
  EXPECT_EQ(jsonb("\"\\u0000\""), "error: unsupported Unicode escape sequence");
  EXPECT_EQ(jsonb("1e200000"), "error: value overflows numeric format");
}

TEST_F(JsonFunctions, DeepTextsAreRefusedAndNotFollowed) {
  EXPECT_EQ(jsonb(std::string(100000, '[')).substr(0, 6), "error:");
  EXPECT_EQ(jsonb(std::string(500, '[') + std::string(500, ']')).size(), 1000U);
}

}  // namespace
}  // namespace penstock::expression
