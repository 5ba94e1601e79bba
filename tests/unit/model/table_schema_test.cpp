#include "model/table_schema.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/document_write.h"

namespace penstock {
namespace {

TEST(Quoting, DoublesQuotesAndKeepsEverythingElse) {
  EXPECT_EQ(quote_identifier("orders"), "\"orders\"");
  EXPECT_EQ(quote_identifier("Đơn hàng"), "\"Đơn hàng\"");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quoted(TableName{"my schema", "a.b"}), "\"my schema\".\"a.b\"");
  EXPECT_EQ(to_string(TableName{"public", "orders"}), "public.orders");
}

TableSchema two_columns() {
  TableSchema schema;
  schema.table = {"public", "t"};
  schema.columns = {{"id", 23, -1, "integer"}, {"price", 1700, 655366, "numeric(10,2)"}};
  return schema;
}

TEST(TableSchema, FindsColumnsByTheirExactName) {
  const TableSchema schema = two_columns();
  EXPECT_EQ(schema.find("price"), 1);
  EXPECT_EQ(schema.find("Price"), std::nullopt);
}

TEST(TableSchema, FingerprintChangesWithNameTypeAndOrder) {
  std::set<std::string> seen{two_columns().fingerprint()};
  TableSchema renamed = two_columns();
  renamed.columns[0].name = "key";
  EXPECT_TRUE(seen.insert(renamed.fingerprint()).second);
  TableSchema retyped = two_columns();
  retyped.columns[1].type_name = "numeric(12,2)";
  EXPECT_TRUE(seen.insert(retyped.fingerprint()).second);
  TableSchema swapped = two_columns();
  std::swap(swapped.columns[0], swapped.columns[1]);
  EXPECT_TRUE(seen.insert(swapped.fingerprint()).second);
  TableSchema joined = two_columns();
  joined.columns = {{"id\" integer, \"price", 1700, 655366, "numeric(10,2)"}};
  EXPECT_TRUE(seen.insert(joined.fingerprint()).second);
  EXPECT_FALSE(seen.insert(two_columns().fingerprint()).second);
}

TEST(BsonType, NamesAreThoseOfThePipelineFile) {
  EXPECT_STREQ(name_of(BsonType::kObjectId), "objectId");
  EXPECT_STREQ(name_of(BsonType::kInt), "int");
}

}  // namespace
}  // namespace penstock
