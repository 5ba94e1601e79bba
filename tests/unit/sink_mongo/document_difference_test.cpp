#include "sink/mongo/compare/document_difference.h"

#include <bson/bson.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock::mongo {
namespace {

class Document {
 public:
  explicit Document(const std::string& json) {
    bson_error_t error{};
    document_ = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                   static_cast<ssize_t>(json.size()), &error);
    EXPECT_NE(document_, nullptr) << json << ": " << error.message;
  }
  ~Document() { bson_destroy(document_); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  const bson_t& get() const { return *document_; }

 private:
  bson_t* document_;
};

std::vector<std::string> texts(const std::string& expected, const std::string& found,
                               const IgnoredFields& ignored = {}, std::size_t most = 100) {
  const Document left(expected);
  const Document right(found);
  std::vector<std::string> lines;
  for (const FieldDifference& one : differences(left.get(), right.get(), ignored, most))
    lines.push_back(one.path + ": " + one.expected + " / " + one.found);
  // Whether there is one does not depend on the side.
  EXPECT_EQ(lines.empty(), differences(right.get(), left.get(), ignored, most).empty());
  return lines;
}

using Lines = std::vector<std::string>;

TEST(DocumentDifference, EqualDocumentsHaveNone) {
  EXPECT_EQ(texts(R"({"_id": 1, "lines": [{"n": 1}]})", R"({"_id": 1, "lines": [{"n": 1}]})"), Lines());
  EXPECT_EQ(texts("{}", "{}"), Lines());
}

TEST(DocumentDifference, APathLeadsIntoArraysAndDocuments) {
  EXPECT_EQ(texts(R"({"_id": 1, "lines": [{"price": 1}, {"price": 2, "product": {"name": "a"}}]})",
                  R"({"_id": 1, "lines": [{"price": 1}, {"price": 3, "product": {"name": "b"}}]})"),
            (Lines{"lines.1.price: 2 / 3", R"(lines.1.product.name: "a" / "b")"}));
}

TEST(DocumentDifference, FieldsOfOneSideOnly) {
  EXPECT_EQ(texts(R"({"a": 1, "b": {"x": null}})", R"({"b": {}, "c": "new"})"),
            (Lines{"a: 1 / ", "b.x: null / ", R"(c:  / "new")"}));
}

TEST(DocumentDifference, ArraysOfOtherLengthsAndSwappedElements) {
  EXPECT_EQ(texts(R"({"a": [1, 2, 3]})", R"({"a": [1, 2]})"), (Lines{"a.2: 3 / "}));
  EXPECT_EQ(texts(R"({"a": [1]})", R"({"a": [1, 2]})"), (Lines{"a.1:  / 2"}));
  EXPECT_EQ(texts(R"({"a": [{"n": 1}, {"n": 2}]})", R"({"a": [{"n": 2}, {"n": 1}]})"),
            (Lines{"a.0.n: 1 / 2", "a.1.n: 2 / 1"}));
}

TEST(DocumentDifference, NumbersOfOtherTypesDiffer) {
  EXPECT_EQ(texts(R"({"n": {"$numberInt": "1"}})", R"({"n": {"$numberLong": "1"}})"),
            (Lines{R"(n: { "$numberInt" : "1" } / { "$numberLong" : "1" })"}));
  EXPECT_EQ(texts(R"({"n": {"$numberDecimal": "1.0"}})", R"({"n": {"$numberDecimal": "1.00"}})"),
            (Lines{R"(n: { "$numberDecimal" : "1.0" } / { "$numberDecimal" : "1.00" })"}));
}

TEST(DocumentDifference, AnotherTypeIsShownWhole) {
  EXPECT_EQ(texts(R"({"a": {"b": 1}})", R"({"a": [1]})"), (Lines{R"(a: { "b" : 1 } / [ 1 ])"}));
  EXPECT_EQ(texts(R"({"a": null})", R"({"a": {}})"), (Lines{"a: null / {  }"}));
}

TEST(DocumentDifference, OrderCountsInsideAndNotAtTheTop) {
  EXPECT_EQ(texts(R"({"_id": 1, "a": 1, "b": 2})", R"({"_id": 1, "b": 2, "a": 1})"), Lines());
  EXPECT_EQ(texts(R"({"d": {"a": 1, "b": 2}})", R"({"d": {"b": 2, "a": 1}})"),
            (Lines{R"(d: { "a" : 1, "b" : 2 } / { "b" : 2, "a" : 1 })"}));
}

TEST(DocumentDifference, IgnoredFieldsAreThoseAtTheTop) {
  const IgnoredFields metadata{"change", "time"};
  EXPECT_EQ(texts(R"({"_id": 1, "a": 1, "change": "x"})", R"({"_id": 1, "a": 1, "time": 5})", metadata),
            Lines());
  EXPECT_EQ(texts(R"({"d": {"time": 1}})", R"({"d": {"time": 2}})", metadata), (Lines{"d.time: 1 / 2"}));
}

TEST(DocumentDifference, NoMoreThanWanted) {
  EXPECT_EQ(texts(R"({"a": 1, "b": 1, "c": 1})", R"({"a": 2, "b": 2, "c": 2})", {}, 2),
            (Lines{"a: 1 / 2", "b: 1 / 2"}));
}

TEST(DocumentDifference, SameBytesLooksPastIgnoredFields) {
  const IgnoredFields metadata{"change"};
  const Document one(R"({"_id": 1, "change": "a", "n": 1})");
  const Document other(R"({"_id": 1, "n": 1, "change": "b"})");
  const Document changed(R"({"_id": 1, "n": 2})");
  const Document longer(R"({"_id": 1, "n": 1, "m": 1})");
  EXPECT_TRUE(same_bytes(one.get(), other.get(), metadata));
  EXPECT_FALSE(same_bytes(one.get(), other.get(), {}));
  EXPECT_FALSE(same_bytes(one.get(), changed.get(), metadata));
  EXPECT_FALSE(same_bytes(one.get(), longer.get(), metadata));
  EXPECT_FALSE(same_bytes(longer.get(), one.get(), metadata));
  std::string left;
  std::string right;
  append_fields(left, one.get(), metadata);
  append_fields(right, other.get(), metadata);
  EXPECT_EQ(left, right);
  EXPECT_FALSE(left.empty());
}

}  // namespace
}  // namespace penstock::mongo
