#include "unit/expression/call.h"

namespace penstock::expression {
namespace {

using namespace oid;

class TextFunctions : public CallTest {
 protected:
  std::string text(std::string_view name, std::vector<std::string_view> arguments) {
    std::vector<Value> values;
    for (const auto argument : arguments) values.emplace_back(Text{argument});
    return call(name, std::vector<std::uint32_t>(arguments.size(), kText), values);
  }
};

TEST_F(TextFunctions, CaseIsUnicodesOneCharacterToOne) {
  EXPECT_EQ(text("upper", {"straße ŉ ﬀ ǆ"}), "STRAßE ŉ ﬀ Ǆ");
  EXPECT_EQ(text("lower", {"ĐÀ LẠT İ"}), "đà lạt i");
  EXPECT_EQ(text("initcap", {"o'neil-SMITH 3rd"}), "O'Neil-Smith 3rd");
}

TEST_F(TextFunctions, SubstringCountsCharactersAndBeginsBeforeTheText) {
  EXPECT_EQ(call("substring", {kText, kInt4, kInt4}, {Text{"日本語"}, 0, 2}), "日");
  EXPECT_EQ(call("substring", {kText, kInt4, kInt4}, {Text{"abc"}, 2, 2147483647}), "bc");
  EXPECT_EQ(call("substring", {kText, kInt4, kInt4}, {Text{"abc"}, 1, -1}),
            "error: negative substring length not allowed");
}

TEST_F(TextFunctions, SizesThatPostgresRefusesAreRefused) {
  EXPECT_EQ(call("lpad", {kText, kInt4}, {Text{"a"}, 2147483647}), "error: requested length too large");
  EXPECT_EQ(call("repeat", {kText, kInt4}, {Text{"ab"}, 2147483647}), "error: requested length too large");
}

TEST_F(TextFunctions, ConcatPrintsEveryType) {
  const std::vector<Value> values = {Text{"a"}, Null{}, true, 1.5, Decimal{"2.50"}};
  for (const Function& function : functions()) {
    if (function.name == "concat") {
      EXPECT_EQ(to_text(*function.call(Call{values, arena_})), "at1.52.50");
    }
  }
}

TEST_F(TextFunctions, Base64KeepsToTheFirstPadding) {
  EXPECT_EQ(text("decode", {"ab=c", "base64"}), "\\x69");
  EXPECT_EQ(text("decode", {"abc", "base64"}), "error: invalid base64 end sequence");
}

TEST_F(TextFunctions, TheLongestMatchCountsAndNotTheFirst) {
  EXPECT_EQ(text("regexp_match", {"abcd", "(?:a|ab)(?:c|bcd)(d*)"}), "{\"\"}");
  EXPECT_EQ(text("regexp_match", {"abcd", "(a|ab)(c|bcd)(d*)"}), "{ab,c,d}");
  EXPECT_EQ(text("substring", {"xaab", "a*(ab)?"}), "NULL");
  EXPECT_EQ(text("substring", {"aab", "a*(?:ab)?"}), "aab");
}

TEST_F(TextFunctions, AnEndlessPatternEnds) {
  const std::string subject(20000, 'a');
  EXPECT_EQ(text("~", {subject, "^(a+)+$"}), "t");
  EXPECT_EQ(text("~", {subject, "(a*)*b"}), "f");
  EXPECT_EQ(text("~", {"a", "((((a{250}){250}){250}){250})"}),
            "error: invalid regular expression: regular expression is too complex");
}

TEST_F(TextFunctions, WhatNoAutomatonMatchesIsRefused) {
  EXPECT_EQ(text("~", {"aa", "(a)\\1"}),
            "error: invalid regular expression: back references (\\1) are not supported");
  EXPECT_EQ(text("~", {"a", "(a"}), "error: invalid regular expression: parentheses () not balanced");
}

}  // namespace
}  // namespace penstock::expression
