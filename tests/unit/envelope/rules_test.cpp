// Names chosen by patterns, texts that are masked.
#include <gtest/gtest.h>

#include "envelope/column_rules.h"

namespace penstock::envelope {
namespace {

TEST(NamePatterns, MatchWholeNamesCaseAside) {
  const auto patterns = NamePatterns::parse(R"( public\.orders , sales\..* ,(?i)x)");
  ASSERT_TRUE(patterns);
  EXPECT_TRUE(patterns->match("PUBLIC.orders"));
  EXPECT_TRUE(patterns->match("sales.anything"));
  EXPECT_TRUE(patterns->match("X"));
  EXPECT_FALSE(patterns->match("public.orders2"));
  EXPECT_TRUE(NamePatterns::parse(" , ")->empty());
}

TEST(NamePatterns, AnEscapedCommaIsPartOfThePattern) {
  const auto patterns = NamePatterns::parse(R"(a{1\,2},b)");
  ASSERT_TRUE(patterns);
  EXPECT_TRUE(patterns->match("aa"));
  EXPECT_FALSE(patterns->match("aaa"));
}

TEST(NamePatterns, SayWhichExpressionIsWrong) {
  const auto patterns = NamePatterns::parse("a,b(");
  ASSERT_FALSE(patterns);
  EXPECT_NE(patterns.error().message.find("\"b(\""), std::string::npos);
}

TEST(Mask, TruncatesByCharactersAsJavaCountsThem) {
  Mask mask;
  mask.length = 3;
  EXPECT_EQ(masked(mask, "đ€xy"), "đ€x");
  EXPECT_EQ(masked(mask, "ab"), "ab");
  EXPECT_EQ(masked(mask, "a😀b"), "a😀");
  EXPECT_EQ(masked(mask, "ab😀"), "ab");
}

TEST(Mask, Asterisks) {
  Mask mask;
  mask.kind = Mask::Kind::kAsterisks;
  mask.length = 4;
  EXPECT_EQ(masked(mask, "secret"), "****");
}

// Both as the tests saw Debezium 3.5.0 write them; the first is over Java's serialized string.
TEST(Mask, Hashes) {
  Mask mask;
  mask.kind = Mask::Kind::kHash;
  mask.digest = "SHA-256";
  mask.salt = "x";
  EXPECT_EQ(masked(mask, "v"), "c46bd511199633684b1bc8a0a9ac3227b4a8cbe2c2359212c9b24037d812e63b");
  EXPECT_EQ(masked(mask, "w"), "9be01a2cb5bdc46bf12c49607c6a286947d6a7824284bdcebdef7995afb0837d");
  EXPECT_EQ(masked(*cut_to(mask, 5), "v"), "c46bd");
  mask.second = true;
  EXPECT_EQ(masked(*cut_to(mask, 5), "ab   "), "06e70");
  mask.digest = "SHA-7";
  EXPECT_FALSE(check(mask));
}

TEST(KeyColumns, OfTablesByPattern) {
  ColumnRules rules;
  rules.keys = *parse_key_columns("public.orders:a, b;(.*).lines:c");
  EXPECT_EQ(rules.key_of("public.orders")->size(), 2U);
  EXPECT_EQ(rules.key_of("x.lines")->front(), "c");
  EXPECT_EQ(rules.key_of("x.y"), nullptr);
  EXPECT_FALSE(parse_key_columns("public.orders"));
}

}  // namespace
}  // namespace penstock::envelope
