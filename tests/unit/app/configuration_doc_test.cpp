#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "app/settings.h"
#include "app/settings/setting_table.h"

namespace penstock::app {
namespace {

std::string repository() {
  const std::filesystem::path here(__FILE__);  // tests/unit/app/configuration_doc_test.cpp
  return here.parent_path().parent_path().parent_path().parent_path().string();
}

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

TEST(ConfigurationDoc, IsTheTableOfTheCode) {
  EXPECT_EQ(read(repository() + "/docs/configuration.md"), configuration_markdown())
      << "run: penstock schema --markdown > docs/configuration.md";
}

TEST(ConfigurationDoc, EveryPathIsThereOnceAndBelowASection) {
  std::set<std::string_view> seen;
  for (const Setting& setting : setting_table()) {
    EXPECT_TRUE(seen.insert(setting.path).second) << setting.path;
    EXPECT_FALSE(setting.description.empty()) << setting.path;
    EXPECT_EQ(setting.type == SettingType::kChoice, !setting.choices.empty()) << setting.path;
    EXPECT_EQ(find_deferred(setting.path), nullptr) << setting.path;
  }
}

const rapidjson::Value& at(const rapidjson::Value& from, const char* key) {
  EXPECT_TRUE(from.IsObject() && from.HasMember(key)) << key;
  return from[key];
}

TEST(ConfigurationSchema, IsJsonThatHasEveryKey) {
  rapidjson::Document schema;
  schema.Parse(configuration_json_schema().c_str());
  ASSERT_FALSE(schema.HasParseError());
  EXPECT_FALSE(at(schema, "additionalProperties").GetBool());
  const auto& properties = at(schema, "properties");
  EXPECT_TRUE(at(properties, "pipeline").IsObject());
  const auto& collection = at(at(properties, "collections"), "additionalProperties");
  EXPECT_STREQ(at(at(at(collection, "properties"), "deletes"), "enum")[1].GetString(), "soft");
  EXPECT_STREQ(at(collection, "required")[0].GetString(), "from");
  const auto& index = at(at(at(collection, "properties"), "indexes"), "items");
  EXPECT_TRUE(at(index, "properties").HasMember("keys"));
  EXPECT_EQ(at(at(at(at(properties, "load"), "properties"), "chunk_rows"), "default").GetInt(), 20000);
}

TEST(ConfigurationSchema, EmbedsAndSubDocumentsHoldThemselves) {
  rapidjson::Document schema;
  schema.Parse(configuration_json_schema().c_str());
  ASSERT_FALSE(schema.HasParseError());
  const auto& definitions = at(schema, "$defs");
  const auto& embed = at(at(definitions, "embed"), "properties");
  EXPECT_STREQ(at(at(at(embed, "embed"), "additionalProperties"), "$ref").GetString(), "#/$defs/embed");
  EXPECT_STREQ(at(at(at(embed, "fields"), "additionalProperties"), "$ref").GetString(), "#/$defs/field");
  EXPECT_STREQ(at(at(embed, "through"), "required")[0].GetString(), "from");
  EXPECT_STREQ(at(at(at(definitions, "field"), "additionalProperties"), "$ref").GetString(), "#/$defs/field");
  const auto& collection = at(at(at(schema, "properties"), "collections"), "additionalProperties");
  EXPECT_STREQ(at(at(at(at(collection, "properties"), "embed"), "additionalProperties"), "$ref").GetString(),
               "#/$defs/embed");
}

TEST(Example, PipelineFileIsAccepted) {
  const auto settings = load_settings(repository() + "/examples/ecommerce/pipeline.yaml",
                                      [](const std::string&) { return std::nullopt; });
  ASSERT_TRUE(settings) << settings.error().text();
  EXPECT_EQ(settings->source.slot, "ecommerce_slot");
  EXPECT_EQ(settings->source.publication, "ecommerce_pub");
  EXPECT_EQ(settings->collections.size(), 4U);
  EXPECT_EQ(settings->sink.mongodb, "mongodb://127.0.0.1:27017/?replicaSet=rs0");
}

}  // namespace
}  // namespace penstock::app
