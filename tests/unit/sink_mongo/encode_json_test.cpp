#include "encode_support.h"

namespace penstock::mongo {
namespace {

class EncodeJson : public EncodeTest {
 protected:
  std::string json(std::string_view text) { return field(Json{text}); }
};

TEST_F(EncodeJson, IntegersAreInt32OrInt64) {
  EXPECT_EQ(json("2147483647"), R"({ "$numberInt" : "2147483647" })");
  EXPECT_EQ(json("-2147483649"), R"({ "$numberLong" : "-2147483649" })");
  EXPECT_EQ(json("9223372036854775807"), R"({ "$numberLong" : "9223372036854775807" })");
  EXPECT_EQ(json("-9223372036854775808"), R"({ "$numberLong" : "-9223372036854775808" })");
}

TEST_F(EncodeJson, OtherNumbersAreDoublesWhereNothingIsLost) {
  EXPECT_EQ(json("0.5"), R"({ "$numberDouble" : "0.5" })");
  EXPECT_EQ(json("1.0"), R"({ "$numberDouble" : "1.0" })");
  EXPECT_EQ(json("0.10"), json("0.1"));
  EXPECT_EQ(json("-0"), R"({ "$numberDouble" : "-0.0" })");
  EXPECT_EQ(json("1E5"), R"({ "$numberDouble" : "100000.0" })");
  EXPECT_NE(json("100000000000000000000").find("$numberDouble"), std::string::npos);
  EXPECT_NE(json("1.7976931348623157e308").find("$numberDouble"), std::string::npos);
  EXPECT_EQ(json("0.1000000000000000055511151231257827").find("$numberDouble"), std::string::npos);
}

TEST_F(EncodeJson, NumbersADoubleWouldChangeAreDecimal128) {
  EXPECT_EQ(json("9223372036854775808"), R"({ "$numberDecimal" : "9223372036854775808" })");
  EXPECT_EQ(json("18446744073709551615"), R"({ "$numberDecimal" : "18446744073709551615" })");
  EXPECT_EQ(json("0.12345678901234567890"), R"({ "$numberDecimal" : "0.12345678901234567890" })");
  EXPECT_EQ(json("1e400"), R"({ "$numberDecimal" : "1E+400" })");
  EXPECT_EQ(json("1e-400"), R"({ "$numberDecimal" : "1E-400" })");
  EXPECT_EQ(counts_.numerics_as_text, 0U);
}

TEST_F(EncodeJson, NumbersNothingHoldsAreCountedStrings) {
  EXPECT_EQ(json("0.123456789012345678901234567890123456"), R"("0.123456789012345678901234567890123456")");
  EXPECT_EQ(json("1e7000"), R"("1e7000")");
  EXPECT_EQ(counts_.numerics_as_text, 2U);
}

TEST_F(EncodeJson, DocumentsKeepTheOrderOfTheirKeysAndRepeatedOnes) {
  EXPECT_EQ(
      json(R"({"z": 1, "a": {"": [], "b.c": null}, "$x": true, "z": false})"),
      R"({ "z" : { "$numberInt" : "1" }, "a" : { "" : [  ], "b.c" : null }, "$x" : true, "z" : false })");
  EXPECT_EQ(json(" [1, [], {} ] "), R"([ { "$numberInt" : "1" }, [  ], {  } ])");
}

TEST_F(EncodeJson, ScalarsStandAlone) {
  EXPECT_EQ(json("null"), "null");
  EXPECT_EQ(json("true"), "true");
  EXPECT_EQ(json("false"), "false");
  EXPECT_EQ(json(R"("a\"\\\u00e9\ud83d\ude00\n")"), R"("a\"\\é😀\n")");
  EXPECT_EQ(json(R"("")"), R"("")");
}

TEST_F(EncodeJson, TextThatIsNoJsonIsRefused) {
  for (const char* text : {"",    " ",           "{",          "[1,]",   "[1 2]",
                           "1,2", "1],[2",       "nul",        "truely", "01",
                           "1.",  ".5",          "+1",         "-",      "1e",
                           "\"a", "{\"a\" 1}",   "{\"a\":1,}", "{a:1}",  "{\"a\":1 \"b\":2}",
                           "NaN", "\"\\ud800\"", "'a'",        "]",      "[1]]"}) {
    const auto encoded = try_field(Json{text});
    ASSERT_FALSE(encoded) << text << " became " << *encoded;
    EXPECT_EQ(encoded.error().kind, ErrorKind::kBadValue);
  }
}

TEST_F(EncodeJson, AKeyWithTheNullCharacterIsRejectedButAStringMayHoldIt) {
  EXPECT_EQ(try_field(Json{R"({"a\u0000b": 1})"}).error().kind, ErrorKind::kRejectedDocument);
  ASSERT_TRUE(try_field(Json{R"("a\u0000b")"}));
  bson_iter_t iter;
  std::uint32_t size = 0;
  ASSERT_TRUE(bson_iter_init_find(&iter, &document_, "f"));
  bson_iter_utf8(&iter, &size);
  EXPECT_EQ(size, 3U);
}

TEST_F(EncodeJson, NestingIsTakenAsDeepAsMongoDbTakesIt) {
  const auto nested = [](int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') +
           std::string(static_cast<std::size_t>(levels), ']');
  };
  EXPECT_TRUE(try_field(Json{nested(kMaxNesting)}));
  EXPECT_EQ(try_field(Json{nested(kMaxNesting + 1)}).error().kind, ErrorKind::kRejectedDocument);
  EXPECT_EQ(try_field(Json{nested(5000)}).error().kind, ErrorKind::kRejectedDocument);
  EXPECT_TRUE(try_field(Json{"{}"})) << "an encoder that failed once goes on";
}

TEST_F(EncodeJson, MegabytesAreKept) {
  std::string big = "[";
  for (int i = 0; i < 200000; ++i) big += "\"element\",";
  big += "1]";
  ASSERT_TRUE(try_field(Json{big}));
  EXPECT_EQ(json("[1]"), R"([ { "$numberInt" : "1" } ])");
}

}  // namespace
}  // namespace penstock::mongo
