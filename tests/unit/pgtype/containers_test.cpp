#include <vector>

#include "decode.h"

namespace penstock::pgtype {
namespace {

class Containers : public DecodeTest {
 protected:
  static constexpr std::uint32_t kHstore = 80001, kComposite = 80002, kCompositeArray = 80003,
                                 kTextRange = 80004, kTextMultirange = 80005;

  void SetUp() override {
    TypeInfo hstore;
    hstore.oid = kHstore;
    hstore.name = "hstore";
    add_type(hstore);
    TypeInfo composite;
    composite.oid = kComposite;
    composite.name = "item";
    composite.kind = 'c';
    composite.attributes = {{"a", oid::kInt4}, {"b", oid::kText}, {"c", oid::kTextArray}};
    add_type(composite);
    TypeInfo array;
    array.oid = kCompositeArray;
    array.category = 'A';
    array.element = kComposite;
    add_type(array);
    TypeInfo range;
    range.oid = kTextRange;
    range.kind = 'r';
    range.element = oid::kText;
    add_type(range);
    TypeInfo multirange;
    multirange.oid = kTextMultirange;
    multirange.kind = 'm';
    multirange.element = kTextRange;
    add_type(multirange);
  }

  // Elements as texts; NULL is "<null>".
  static std::vector<std::string> texts(const Array& array) {
    std::vector<std::string> out;
    for (std::uint32_t i = 0; i < array.size; ++i) {
      out.push_back(array.items[i].is_null() ? "<null>" : to_text(array.items[i]));
    }
    return out;
  }
  using Texts = std::vector<std::string>;
};

TEST_F(Containers, ArraysOfScalars) {
  EXPECT_EQ(texts(decode_as<Array>(oid::kInt4Array, "{1,-2,NULL}")), (Texts{"1", "-2", "<null>"}));
  EXPECT_EQ(decode_as<Array>(oid::kInt4Array, "{}").size, 0U);
  EXPECT_EQ(decode_as<Array>(oid::kInt4Array, "{1,2}").text, "{1,2}");
  EXPECT_EQ(texts(decode_as<Array>(oid::kNumericArray, "{10.50,NaN}")), (Texts{"10.50", "NaN"}));
}

TEST_F(Containers, ArrayElementsWithQuotesBackslashesAndTheWordNull) {
  const Array array =
      decode_as<Array>(oid::kTextArray, R"x({"a\"b\\c","","NULL",NULL,"x y","{","}",","," ",plain})x");
  EXPECT_EQ(texts(array), (Texts{"a\"b\\c", "", "NULL", "<null>", "x y", "{", "}", ",", " ", "plain"}));
  EXPECT_NE(array.items[2].get<Text>(), nullptr);
}

TEST_F(Containers, LowerBoundsAreIgnored) {
  EXPECT_EQ(texts(decode_as<Array>(oid::kInt4Array, "[2:3]={1,2}")), (Texts{"1", "2"}));
  const Array nested = decode_as<Array>(oid::kInt4Array, "[-1:0][3:4]={{1,2},{3,NULL}}");
  ASSERT_EQ(nested.size, 2U);
  EXPECT_EQ(texts(*nested.items[1].get<Array>()), (Texts{"3", "<null>"}));
}

TEST_F(Containers, NestedArraysOfSixDimensions) {
  const Value* level = nullptr;
  const Value value = decode(oid::kInt4Array, "{{{{{{7}}}}}}");
  level = &value;
  for (int depth = 0; depth < 6; ++depth) {
    ASSERT_NE(level->get<Array>(), nullptr);
    ASSERT_EQ(level->get<Array>()->size, 1U);
    level = level->get<Array>()->items;
  }
  EXPECT_EQ(*level->get<std::int32_t>(), 7);
  expect_refused(oid::kInt4Array, "{{{{{{{7}}}}}}}");
}

TEST_F(Containers, BoxesAreSeparatedBySemicolons) {
  EXPECT_EQ(texts(decode_as<Array>(oid::kBoxArray, "{(3,4),(1,2);NULL}")), (Texts{"(3,4),(1,2)", "<null>"}));
}

TEST_F(Containers, VectorsArePrintedWithSpaces) {
  EXPECT_EQ(texts(decode_as<Array>(oid::kInt2Vector, "1 2 3")), (Texts{"1", "2", "3"}));
  EXPECT_EQ(decode_as<Array>(oid::kInt2Vector, "").size, 0U);
  const Array outer = decode_as<Array>(oid::kInt2VectorArray, R"x({"1 2"})x");
  ASSERT_EQ(outer.size, 1U);
  EXPECT_EQ(texts(*outer.items[0].get<Array>()), (Texts{"1", "2"}));
}

TEST_F(Containers, MalformedArraysAreRefused) {
  for (const char* text :
       {"", "{", "}", "{1", "{1,}", "{,1}", "{1}2", "{1}}", "{{1}", "[2:3]", "1,2", "{1 2}", "{\"1}"}) {
    expect_refused(oid::kInt4Array, text);
  }
}

TEST_F(Containers, CompositesAreStructsInOrder) {
  const Struct item = decode_as<Struct>(kComposite, R"x((1,"a""b\\c","{x,""y z""}"))x");
  ASSERT_EQ(item.size, 3U);
  EXPECT_EQ(item.fields[0].name, "a");
  EXPECT_EQ(*item.fields[0].value.get<std::int32_t>(), 1);
  EXPECT_EQ(item.fields[1].value.get<Text>()->text, "a\"b\\c");
  EXPECT_EQ(texts(*item.fields[2].value.get<Array>()), (Texts{"x", "y z"}));
}

TEST_F(Containers, CompositesTellNullFromTheEmptyText) {
  const Struct item = decode_as<Struct>(kComposite, R"x((,"",))x");
  EXPECT_TRUE(item.fields[0].value.is_null());
  ASSERT_NE(item.fields[1].value.get<Text>(), nullptr);
  EXPECT_EQ(item.fields[1].value.get<Text>()->text, "");
  EXPECT_TRUE(item.fields[2].value.is_null());
}

TEST_F(Containers, ArraysOfCompositesUnquoteTwice) {
  const Array array = decode_as<Array>(kCompositeArray, R"x({"(1,\"(,)\",{})","(2,\"a\"\"b\",)"})x");
  ASSERT_EQ(array.size, 2U);
  EXPECT_EQ(array.items[0].get<Struct>()->fields[1].value.get<Text>()->text, "(,)");
  EXPECT_EQ(array.items[0].get<Struct>()->fields[2].value.get<Array>()->size, 0U);
  EXPECT_EQ(array.items[1].get<Struct>()->fields[1].value.get<Text>()->text, "a\"b");
}

TEST_F(Containers, CompositesOfAnotherShapeAreRefused) {
  for (const char* text :
       {"", "(1,x)", "(1,x,{},4)", "(1,x,{}", "1,x,{}", "(one,x,{})", "(1,\"x,{})", "(1,x,{})("}) {
    expect_refused(kComposite, text);
  }
}

TEST_F(Containers, HstoreIsAStructOfTexts) {
  const Struct pairs = decode_as<Struct>(kHstore, R"x("a"=>"1", "b\"\\"=>NULL, "c, d"=>"=>", ""=>"")x");
  ASSERT_EQ(pairs.size, 4U);
  EXPECT_EQ(pairs.fields[0].value.get<Text>()->text, "1");
  EXPECT_EQ(pairs.fields[1].name, "b\"\\");
  EXPECT_TRUE(pairs.fields[1].value.is_null());
  EXPECT_EQ(pairs.fields[2].value.get<Text>()->text, "=>");
  EXPECT_EQ(pairs.fields[3].name, "");
  EXPECT_EQ(decode_as<Struct>(kHstore, "").size, 0U);
  for (const char* text : {"a=>1", "\"a\"=>", "\"a\"=>\"1\",", "\"a\"=>\"1\" \"b\"=>NULL", "\"a\""}) {
    expect_refused(kHstore, text);
  }
}

TEST_F(Containers, RangesKeepBoundsAndInclusion) {
  const Range range = decode_as<Range>(oid::kInt4Range, "[1,5)");
  EXPECT_EQ(*range.lower->get<std::int32_t>(), 1);
  EXPECT_EQ(*range.upper->get<std::int32_t>(), 5);
  EXPECT_TRUE(range.lower_inclusive);
  EXPECT_FALSE(range.upper_inclusive);
  EXPECT_TRUE(decode_as<Range>(oid::kInt4Range, "empty").empty);
  const Range open = decode_as<Range>(oid::kInt4Range, "(,)");
  EXPECT_EQ(open.lower, nullptr);
  EXPECT_EQ(open.upper, nullptr);
  EXPECT_FALSE(open.empty);
  const Range times = decode_as<Range>(oid::kTsRange, R"x(["2024-01-01 00:00:00",infinity])x");
  EXPECT_EQ(times.upper->get<Timestamp>()->micros, kPlusInfinity);
}

TEST_F(Containers, RangeBoundsAreUnquotedAndPrintedBack) {
  const std::string text = R"x(["a ""b","c,\\d"))x";
  const Range range = decode_as<Range>(kTextRange, text);
  EXPECT_EQ(range.lower->get<Text>()->text, "a \"b");
  EXPECT_EQ(range.upper->get<Text>()->text, "c,\\d");
  EXPECT_EQ(to_text(Value(range)), text);
  const Range empty_text = decode_as<Range>(kTextRange, R"x((,""))x");
  ASSERT_NE(empty_text.upper, nullptr);
  EXPECT_EQ(empty_text.upper->get<Text>()->text, "");
}

TEST_F(Containers, MultirangesAreArraysOfRanges) {
  const Array ranges = decode_as<Array>(oid::kInt4Multirange, "{[1,2),[5,)}");
  ASSERT_EQ(ranges.size, 2U);
  EXPECT_EQ(*ranges.items[1].get<Range>()->lower->get<std::int32_t>(), 5);
  EXPECT_EQ(ranges.items[1].get<Range>()->upper, nullptr);
  EXPECT_EQ(decode_as<Array>(oid::kInt4Multirange, "{}").size, 0U);
  const Array texts = decode_as<Array>(kTextMultirange, R"x({["a [""b","c,\\d"),[x,z]})x");
  ASSERT_EQ(texts.size, 2U);
  EXPECT_EQ(texts.items[0].get<Range>()->lower->get<Text>()->text, "a [\"b");
}

TEST_F(Containers, MalformedRangesAreRefused) {
  for (const char* text : {"", "1,5", "[1,5", "[1 5)", "[1,5)x", "[a,5)", "Empty"})
    expect_refused(oid::kInt4Range, text);
  for (const char* text : {"", "{[1,2)", "{[1,2)[3,4)}", "{[1,2),}", "[1,2)"})
    expect_refused(oid::kInt4Multirange, text);
}

}  // namespace
}  // namespace penstock::pgtype
