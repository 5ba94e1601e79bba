// What the catalog says of foreign keys and types, and rows by conditions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/load/replica.h"
#include "source/postgres/row_query.h"

namespace penstock::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<postgres::ForeignKey>& keys) {
  std::vector<std::string> all;
  for (const auto& key : keys) {
    std::string text = key.table.name + "->" + key.references.name + (key.cascades ? " cascade" : "");
    for (const auto& pair : key.columns) text += " " + pair.column + "=" + pair.referenced;
    all.push_back(text);
  }
  return all;
}

TEST(ForeignKeys, OfBothEndsInOrderOfTheirColumns) {
  Playground place;
  place.run(
      "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y)); CREATE TABLE \"B b\" (id int PRIMARY KEY, \"ay A\" "
      "int, ax "
      "int, up int REFERENCES \"B b\" ON DELETE CASCADE, FOREIGN KEY (\"ay A\", ax) REFERENCES a (y, x)); "
      "CREATE "
      "TABLE c (b int REFERENCES \"B b\")");
  const auto found = [&](std::vector<std::string> names) {
    std::vector<TableName> tables;
    for (auto& name : names) tables.push_back({place.name(), name});
    const auto keys = postgres::describe_foreign_keys(place.connection(), tables);
    EXPECT_TRUE(keys) << keys.error().text();
    return texts(*keys);
  };
  EXPECT_THAT(found({"a", "B b"}), ElementsAre("B b->a ay A=y ax=x", "B b->B b cascade up=id"));
  EXPECT_THAT(found({"B b", "c"}), ElementsAre("B b->B b cascade up=id", "c->B b b=id"));
  EXPECT_THAT(found({"a", "c"}), IsEmpty());
  EXPECT_THAT(found({}), IsEmpty());
}

TEST(ForeignKeys, OfPartitionedTablesAreThereOnce) {
  Playground place;
  place.run(
      "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR "
      "VALUES FROM (0) "
      "TO (9); CREATE TABLE q (id int PRIMARY KEY, p int REFERENCES p) PARTITION BY RANGE (id); CREATE TABLE "
      "q1 "
      "PARTITION OF q FOR VALUES FROM (0) TO (9)");
  const auto keys =
      postgres::describe_foreign_keys(place.connection(), {{place.name(), "p"}, {place.name(), "q"}});
  ASSERT_TRUE(keys) << keys.error().text();
  EXPECT_THAT(texts(*keys), ElementsAre("q->p p=id"));
}

TEST(Columns, KnowTheTypeThatExpressionsSee) {
  Playground place;
  place.run(
      "CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN price AS numeric(10, 2); CREATE DOMAIN dear AS price; "
      "CREATE "
      "DOMAIN feeling AS mood; CREATE TABLE t (id int PRIMARY KEY, m mood, p price, d dear, f feeling, ms "
      "mood[], n "
      "int[])");
  std::vector<std::uint32_t> types;
  const auto described = place.describe("t");
  for (const Column& column : described.schema->columns) types.push_back(column.base_type_oid);
  EXPECT_THAT(types, ElementsAre(23, 25, 1700, 1700, 25, 1009, 1007));
}

TEST(RowQuery, ReadsRowsByValuesOfTheirColumns) {
  Playground place;
  place.run(
      "CREATE TABLE t (a int, b text, v numeric, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, 'it''s', "
      "1.50), (1, "
      "'x', NULL), (2, 'x', 'NaN'); CREATE TABLE n (id int PRIMARY KEY, o int); INSERT INTO n VALUES (1, "
      "NULL), (2, 7)");
  const auto description = place.describe("t");
  auto query = postgres::RowQuery::make(place.connection(), description);
  ASSERT_TRUE(query) << query.error().text();
  const auto rows = [&](postgres::RowQuery& from, const std::string& condition, std::size_t limit) {
    const auto batch = from.read(condition, limit);
    EXPECT_TRUE(batch) << batch.error().text();
    std::vector<std::string> all;
    for (const Event& event : (*batch)->events) {
      std::string text;
      for (std::size_t i = 0; i < event.schema->columns.size(); ++i) text += to_text(event.after[i]) + "|";
      all.push_back(text);
    }
    return all;
  };
  EXPECT_THAT(rows(*query, "", 10), ElementsAre("1|it's|1.50|", "1|x||", "2|x|NaN|"));
  EXPECT_THAT(rows(*query, "", 1), ElementsAre("1|it's|1.50|"));
  EXPECT_THAT(rows(*query, query->alike({"a", "b"}, {"1", "it's"}), 10), ElementsAre("1|it's|1.50|"));
  EXPECT_THAT(rows(*query, query->alike({"v"}, {std::nullopt}), 10), ElementsAre("1|x||"));
  EXPECT_THAT(rows(*query, query->among({"b", "a"}, {{"x", "2"}, {"it's", "1"}, {std::nullopt, "1"}}), 10),
              ElementsAre("1|it's|1.50|", "2|x|NaN|"));
  EXPECT_THAT(rows(*query, query->among({"b"}, {{std::nullopt}}), 10), IsEmpty());
}

}  // namespace
}  // namespace penstock::test
