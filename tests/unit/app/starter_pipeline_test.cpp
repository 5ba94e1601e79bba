#include "app/starter/starter_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings.h"

namespace penstock::app {
namespace {

using postgres::ForeignKey;
using testing::ElementsAre;
using testing::HasSubstr;

ForeignKey key(const std::string& table, const std::string& column, const std::string& references,
               const std::string& referenced, bool cascades = false) {
  return {table + "_" + column, {"public", table}, {"public", references}, {{column, referenced}}, cascades};
}

StarterTable table(const std::string& name, std::vector<std::string> columns,
                   std::vector<std::string> primary) {
  return {{"public", name}, std::move(primary), std::move(columns)};
}

// The file as the settings reader takes it.
Settings read(const std::string& text) {
  auto settings = parse_settings(text, "p.yaml", [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(settings) << settings.error().text() << "\n" << text;
  return settings ? *settings : Settings{};
}

// With every suggestion taken up.
std::string uncommented(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at) + 1;
    std::string line = text.substr(at, end - at);
    const std::size_t mark = line.find("#   ");
    if (mark != std::string::npos && mark >= 4) line.erase(mark, 2);
    at = end;
    out += line;
  }
  return out;
}

const StarterDatabase kShop{
    "Web Shop",
    "postgresql://u@h:5432/shop",
    {table("order_details", {"id", "order_id", "product_id", "note"}, {"id"}),
     table("orders", {"order_id"}, {"order_id"}), table("products", {"id", "parent_id"}, {"id"}),
     table("product_tags", {"product_id", "tag_id"}, {"product_id", "tag_id"}), table("tags", {"id"}, {"id"}),
     table("log", {"x"}, {})},
    {key("order_details", "order_id", "orders", "order_id", true),
     key("order_details", "product_id", "products", "id"), key("products", "parent_id", "products", "id"),
     key("product_tags", "product_id", "products", "id"), key("product_tags", "tag_id", "tags", "id")}};

TEST(StarterPipeline, IsAPipelineFile) {
  const std::string text = starter_pipeline(kShop);
  const Settings settings = read(text);
  EXPECT_EQ(settings.pipeline, "web_shop");
  EXPECT_EQ(settings.source.postgres, "postgresql://u@h:5432/shop");
  std::vector<std::string> names;
  for (const auto& collection : settings.collections) names.push_back(collection.spec.name);
  EXPECT_THAT(names, ElementsAre("orders", "products", "tags"));
  ASSERT_EQ(settings.collections[0].spec.embeds.size(), 1U);
  const EmbedSpec& details = settings.collections[0].spec.embeds[0];
  EXPECT_EQ(details.name, "order_details");
  EXPECT_EQ(details.join.at(0).left, "order_id");
}

TEST(StarterPipeline, SuggestsInComments) {
  const std::string text = starter_pipeline(kShop);
  EXPECT_THAT(text, HasSubstr("        #   product: { one: public.products, join: { id: product_id } }\n"));
  EXPECT_THAT(text,
              HasSubstr("    #   parent_products: { one: public.products, join: { id: parent_id } }\n"));
  EXPECT_THAT(text,
              HasSubstr("    #   tags: { many: public.tags, through: { from: public.product_tags, owner: { "
                        "product_id: id }, embedded: { tag_id: id } } }\n"));
  EXPECT_THAT(text, HasSubstr("  # log: { from: public.log, key: [COLUMN] }\n"));
  EXPECT_THAT(text, HasSubstr("  # order_details: { from: public.order_details }\n"));
}

TEST(StarterPipeline, EverySuggestionCanBeTakenUp) {
  std::string text = uncommented(starter_pipeline(kShop));
  const std::string heading = "# embed:\n";
  for (std::size_t at = 0; (at = text.find(heading, at)) != std::string::npos;) text.erase(at, 2);
  const Settings settings = read(text);
  ASSERT_EQ(settings.collections.size(), 3U);
  EXPECT_EQ(settings.collections[0].spec.embeds.at(0).embeds.at(0).name, "product");
  EXPECT_EQ(settings.collections[1].spec.embeds.size(), 2U);
  EXPECT_TRUE(settings.collections[2].spec.embeds.at(0).through.has_value());
}

TEST(StarterPipeline, QuotesWhatIsNoPlainWord) {
  const StarterDatabase database{"1db",
                                 "postgresql://u@h/1db",
                                 {{{"public", "Order.Lines"}, {"Id"}, {"Id"}},
                                  {{"my schema", "t"}, {"a b"}, {"a b"}},
                                  {{"public", "t"}, {"x"}, {"x", "a b"}}},
                                 {{"f", {"public", "t"}, {"my schema", "t"}, {{"a b", "a b"}}, true}}};
  const Settings settings = read(starter_pipeline(database));
  EXPECT_EQ(settings.pipeline, "p_1db");
  ASSERT_EQ(settings.collections.size(), 2U);
  EXPECT_EQ(settings.collections[0].spec.from, (TableName{"public", "Order.Lines"}));
  EXPECT_EQ(settings.collections[1].spec.name, "my schema_t");
  EXPECT_EQ(settings.collections[1].spec.embeds.at(0).join.at(0).left, "a b");
}

TEST(StarterPipeline, OwnersInACircleAreAllThere) {
  const StarterDatabase database{"d",
                                 "postgresql://u@h/d",
                                 {table("a", {"id", "b_id"}, {"id"}), table("b", {"id", "a_id"}, {"id"})},
                                 {key("a", "b_id", "b", "id", true), key("b", "a_id", "a", "id", true)}};
  const Settings settings = read(starter_pipeline(database));
  EXPECT_EQ(settings.collections.size(), 2U);
}

TEST(StarterPipeline, WithoutAnyKeyIsStillAFile) {
  EXPECT_EQ(
      read(starter_pipeline({"d", "postgresql://u@h/d", {table("log", {"x"}, {})}, {}})).collections.size(),
      1U);
}

}  // namespace
}  // namespace penstock::app
