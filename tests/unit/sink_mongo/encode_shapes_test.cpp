// Documents inside documents: the values of read models by their shapes.
#include <array>

#include "encode_support.h"

namespace penstock::mongo {
namespace {

class EncodeShapes : public EncodeTest {
 protected:
  std::string json(const FieldShape& field, const Value& value) {
    bson_reinit(&document_);
    const Status status = append_field(document_, field, value, counts_);
    if (!status) return "ERROR " + status.error().message;
    return to_json({reinterpret_cast<const char*>(bson_get_data(&document_)), document_.len});
  }
  static FieldShape field(const std::string& name, std::vector<FieldShape> fields) {
    FieldShape shape{name, BsonType::kDefault, "orders." + name};
    shape.fields = std::move(fields);
    return shape;
  }
};

TEST_F(EncodeShapes, AListOfDocumentsHasTheNamesAndTypesOfItsShape) {
  const FieldShape lines = field(
      "lines", {{"sku", BsonType::kDefault, "t.sku text"}, {"price", BsonType::kString, "t.price numeric"}});
  const std::array<StructField, 2> first{{{"?", Text{"a"}}, {"?", Decimal{"1.50"}}}};
  const std::array<StructField, 2> second{{{"?", Text{"b"}}, {"?", Null{}}}};
  const std::array<Value, 2> items{Struct{first.data(), 2, {}}, Struct{second.data(), 2, {}}};
  EXPECT_EQ(json(lines, Array{items.data(), 2, {}}),
            R"({ "lines" : [ { "sku" : "a", "price" : "1.50" }, { "sku" : "b", "price" : null } ] })");
  EXPECT_EQ(json(lines, Array{nullptr, 0, {}}), R"({ "lines" : [  ] })");
}

TEST_F(EncodeShapes, AMissingOneIsNullAndWhatWasNotSentIsLeftOut) {
  const FieldShape product = field(
      "product", {{"name", BsonType::kDefault, "t.name text"}, {"note", BsonType::kDefault, "t.note text"}});
  EXPECT_EQ(json(product, Null{}), R"({ "product" : null })");
  const std::array<StructField, 2> parts{{{"", Text{"x"}}, {"", Unchanged{}}}};
  EXPECT_EQ(json(product, Struct{parts.data(), 2, {}}), R"({ "product" : { "name" : "x" } })");
}

TEST_F(EncodeShapes, AMapHasItsOwnNamesAndOneShapeForAllValues) {
  FieldShape stock = field("stock", {{"quantity", BsonType::kLong, "t.quantity integer"}});
  stock.map = true;
  const std::array<StructField, 1> three{{{"", std::int32_t{3}}}};
  const std::array<StructField, 2> entries{{{"hanoi", Struct{three.data(), 1, {}}}, {"hue", Null{}}}};
  EXPECT_EQ(json(stock, Struct{entries.data(), 2, {}}),
            R"({ "stock" : { "hanoi" : { "quantity" : { "$numberLong" : "3" } }, "hue" : null } })");
  FieldShape prices{"prices", BsonType::kString, "t.price numeric"};
  prices.map = true;
  const std::array<StructField, 1> price{{{"a.b", Decimal{"1.0"}}}};
  EXPECT_EQ(json(prices, Struct{price.data(), 1, {}}), R"({ "prices" : { "a.b" : "1.0" } })");
}

TEST_F(EncodeShapes, AListOfValuesHasTheTypeAskedForInEachOfThem) {
  FieldShape tags{"tags", BsonType::kString, "t.id integer"};
  tags.list = true;
  const std::array<Value, 2> items{std::int32_t{1}, std::int32_t{2}};
  EXPECT_EQ(json(tags, Array{items.data(), 2, {}}), R"({ "tags" : [ "1", "2" ] })");
}

TEST_F(EncodeShapes, ListsInDocumentsInListsKeepTheirShapes) {
  const FieldShape posts = field("posts", {field("comments", {{"text", BsonType::kDefault, "t.text text"}})});
  const std::array<StructField, 1> comment{{{"", Text{"hello"}}}};
  const std::array<Value, 1> comments{Struct{comment.data(), 1, {}}};
  const std::array<StructField, 1> post{{{"", Array{comments.data(), 1, {}}}}};
  const std::array<Value, 1> items{Struct{post.data(), 1, {}}};
  EXPECT_EQ(json(posts, Array{items.data(), 1, {}}),
            R"({ "posts" : [ { "comments" : [ { "text" : "hello" } ] } ] })");
}

TEST_F(EncodeShapes, AnErrorInsideNamesTheColumnItCameFrom) {
  const FieldShape lines = field("lines", {{"n", BsonType::kInt, "public.lines.n text"}});
  const std::array<StructField, 1> part{{{"", Text{"many"}}}};
  const std::array<Value, 1> items{Struct{part.data(), 1, {}}};
  EXPECT_NE(json(lines, Array{items.data(), 1, {}}).find("public.lines.n"), std::string::npos);
}

}  // namespace
}  // namespace penstock::mongo
