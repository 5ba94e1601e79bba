#include "app/preflight/joins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::app {
namespace {

using postgres::ForeignKey;
using testing::HasSubstr;
using testing::StartsWith;

const std::vector<ForeignKey> kKeys{
    {"lines_order", {"a", "lines"}, {"a", "orders"}, {{"tenant", "tenant"}, {"order_id", "id"}}},
    {"lines_product", {"a", "lines"}, {"b", "products"}, {{"product_id", "id"}}},
    {"orders_billing", {"a", "orders"}, {"a", "addresses"}, {{"billing_id", "id"}}},
    {"orders_shipping", {"a", "orders"}, {"a", "addresses"}, {{"shipping_id", "id"}}},
    {"parent", {"a", "nodes"}, {"a", "nodes"}, {{"parent_id", "id"}}},
    {"post", {"a", "post_tags"}, {"a", "posts"}, {{"post_id", "id"}}},
    {"tag", {"a", "post_tags"}, {"a", "tags"}, {{"tag_id", "id"}}},
};

Settings read(const std::string& from, const std::string& embed) {
  auto settings = parse_settings(
      "pipeline: x\nsource: { postgres: x }\nsink: { mongodb: mongodb://h, database: d }\ncollections:\n  "
      "c:\n    "
      "from: " +
          from + "\n    embed:\n      e: " + embed + "\n",
      "p.yaml", [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(settings) << settings.error().text();
  return settings ? *settings : Settings{};
}

std::string text(const std::vector<EmbedSpec::Pair>& pairs) {
  std::string out;
  for (const auto& pair : pairs) out += pair.left + "=" + pair.right + " ";
  return out;
}

EmbedSpec resolved(const std::string& from, const std::string& embed) {
  Settings settings = read(from, embed);
  const Status status = resolve_joins(settings, kKeys);
  EXPECT_TRUE(status) << status.error().text();
  EXPECT_FALSE(needs_foreign_keys(settings));
  return settings.collections.at(0).spec.embeds.at(0);
}

std::string complaint(const std::string& from, const std::string& embed) {
  Settings settings = read(from, embed);
  const Status status = resolve_joins(settings, kKeys);
  EXPECT_FALSE(status);
  if (status) return {};
  EXPECT_EQ(status.error().kind, ErrorKind::kConfiguration);
  return status.error().text();
}

TEST(Joins, FollowTheOnlyForeignKeyInEitherDirection) {
  EXPECT_EQ(text(resolved("a.orders", "{ many: a.lines }").join), "tenant=tenant order_id=id ");
  EXPECT_EQ(text(resolved("a.lines", "{ one: a.orders }").join), "tenant=tenant id=order_id ");
  const EmbedSpec lines = resolved("a.orders", "{ many: a.lines, embed: { p: { one: b.products } } }");
  EXPECT_EQ(text(lines.embeds.at(0).join), "id=product_id ");
}

TEST(Joins, OfATableWithItself) {
  EXPECT_EQ(text(resolved("a.nodes", "{ one: a.nodes }").join), "id=parent_id ");
  EXPECT_EQ(text(resolved("a.nodes", "{ many: a.nodes, depth: 3 }").join), "parent_id=id ");
}

TEST(Joins, ThroughATable) {
  const EmbedSpec tags = resolved("a.posts", "{ many: a.tags, through: { from: a.post_tags } }");
  EXPECT_EQ(text(tags.through->owner), "post_id=id ");
  EXPECT_EQ(text(tags.through->embedded), "tag_id=id ");
  EXPECT_TRUE(tags.join.empty());
  const EmbedSpec given =
      resolved("a.posts", "{ many: a.tags, through: { from: a.post_tags, owner: { x: y }, embedded: z } }");
  EXPECT_EQ(text(given.through->owner), "x=y ");
  EXPECT_EQ(text(given.through->embedded), "z=z ");
}

TEST(Joins, ThatAreGivenNeedNoForeignKey) {
  EXPECT_EQ(text(resolved("a.orders", "{ one: a.addresses, join: { id: billing_id } }").join),
            "id=billing_id ");
  EXPECT_FALSE(needs_foreign_keys(read("a.orders", "{ many: z.z, using: q }")));
  EXPECT_TRUE(needs_foreign_keys(read("a.orders", "{ many: z.z, using: q, embed: { i: { one: y.y } } }")));
}

TEST(Joins, SeveralForeignKeysAreListed) {
  const std::string said = complaint("a.orders", "{ one: a.addresses }");
  EXPECT_THAT(
      said, StartsWith("p.yaml:8:1: there are 2 foreign keys between a.addresses and a.orders to join embed "
                       "\"e\" of collection \"c\" by"));
  EXPECT_THAT(said, HasSubstr("join: { id: billing_id } (orders_billing), or join: { id: shipping_id } "
                              "(orders_shipping)"));
}

TEST(Joins, NoForeignKeySaysWhatToWrite) {
  EXPECT_THAT(complaint("a.orders", "{ many: b.products }"),
              HasSubstr("join: { column of b.products: column of a.orders }, or using: column"));
  EXPECT_THAT(complaint("a.posts", "{ many: b.products, through: { from: a.post_tags } }"),
              HasSubstr("embedded: { column of a.post_tags: column of b.products }"));
}

}  // namespace
}  // namespace penstock::app
