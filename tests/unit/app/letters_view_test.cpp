#include "app/letters/letters_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "app/letters/retry.h"

namespace penstock::app {
namespace {

using mongo::Letter;
using mongo::ShownBytes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

Letter of_row() {
  Letter letter;
  letter.id = "5b0e6a3f9c1d2e47";
  letter.collection = "orders";
  letter.table = "public.orders";
  letter.columns = {"region", "id"};
  letter.key = {"eu", "7"};
  letter.commit_lsn = Lsn{0x16B3748};
  letter.ordinal = 3;
  letter.at_millis = 1700000000123;
  letter.kind = "bad_value";
  letter.error = "the value does not fit";
  letter.remedy = "choose another `as:`";
  return letter;
}

Letter of_record() {
  Letter letter;
  letter.id = "00000000000000aa";
  letter.record = mongo::RecordPlace{"shop.public.orders", 3, 4711};
  letter.at_millis = 1700000000000;
  letter.kind = "bad_value";
  letter.error = "no JSON";
  return letter;
}

LettersView both() {
  LettersView view;
  view.pipeline = "shop";
  view.counts = {{"orders", "bad_value", "choose another `as:`", "the value does not fit", 1200},
                 {"", "bad_value", "", "no JSON", 1}};
  view.letters = {of_row(), of_record()};
  return view;
}

TEST(LettersView, TextBeginsWithHowManyThereAreByCollectionAndReason) {
  const std::string text = letters_text(both());
  EXPECT_TRUE(
      text.starts_with("1,201 letters\n"
                       "  orders: 1,200 bad_value, the newest:\n"
                       "    the value does not fit\n"
                       "    -> choose another `as:`\n"
                       "  no collection: 1 bad_value, the newest:\n"
                       "    no JSON\n"
                       "\n"
                       "5b0e6a3f9c1d2e47  orders: public.orders (eu, 7) at 0/16B3748, "
                       "2023-11-14T22:13:20.123Z\n"))
      << text;
  EXPECT_THAT(text, HasSubstr("00000000000000aa  no collection: shop.public.orders/3/4711, "));
  EXPECT_THAT(text, HasSubstr("2 of 1,201 are shown; --limit 0 shows all\n"));
}

TEST(LettersView, TextOfOneLetterIsAllOfIt) {
  LettersView view = both();
  view.letters = {of_record()};
  view.whole.emplace();
  view.whole->key = ShownBytes{true, R"({"id":7})", 8};
  view.whole->value = ShownBytes{false, "/wB7", 3};
  view.whole->headers = {{"trace", std::nullopt}};
  const std::string text = letters_text(view);
  EXPECT_THAT(text, HasSubstr("    record key, 8 bytes: {\"id\":7}\n"));
  EXPECT_THAT(text, HasSubstr("    record value, 3 bytes as base64: /wB7\n"));
  EXPECT_THAT(text, HasSubstr("    header trace: null\n"));
  EXPECT_THAT(text, Not(HasSubstr("letters\n")));
}

TEST(LettersView, JsonHasItsKeys) {
  rapidjson::Document json;
  json.Parse(letters_json(both()).c_str());
  ASSERT_FALSE(json.HasParseError());
  EXPECT_STREQ(json["pipeline"].GetString(), "shop");
  EXPECT_EQ(json["dead_letters"].GetUint64(), 1201U);
  EXPECT_EQ(json["summary"][0]["letters"].GetUint64(), 1200U);
  EXPECT_TRUE(json["summary"][1]["collection"].IsNull());
  const auto& row = json["letters"][0];
  EXPECT_STREQ(row["key"][1].GetString(), "7");
  EXPECT_STREQ(row["lsn"].GetString(), "0/16B3748");
  EXPECT_EQ(row["ordinal"].GetUint64(), 3U);
  EXPECT_TRUE(row["topic"].IsNull() && row["partition"].IsNull() && row["offset"].IsNull());
  EXPECT_STREQ(row["at"].GetString(), "2023-11-14T22:13:20.123Z");
  EXPECT_FALSE(row.HasMember("record"));
  const auto& record = json["letters"][1];
  EXPECT_TRUE(record["lsn"].IsNull() && record["ordinal"].IsNull() && record["remedy"].IsNull());
  EXPECT_STREQ(record["topic"].GetString(), "shop.public.orders");
  EXPECT_EQ(record["offset"].GetInt64(), 4711);
}

TEST(LettersView, JsonOfOneLetterHasItsBytes) {
  LettersView view = both();
  view.letters = {of_record()};
  view.whole.emplace();
  view.whole->value = ShownBytes{false, "/wB7", 3};
  view.whole->headers = {{"trace", ShownBytes{true, "abc", 3}}};
  view.whole->timestamp_millis = 1700000000000;
  rapidjson::Document json;
  json.Parse(letters_json(view).c_str());
  ASSERT_FALSE(json.HasParseError());
  const auto& record = json["letters"][0]["record"];
  EXPECT_TRUE(record["key"].IsNull());
  EXPECT_STREQ(record["value"]["base64"].GetString(), "/wB7");
  EXPECT_STREQ(record["headers"][0]["value"]["text"].GetString(), "abc");
  EXPECT_STREQ(record["timestamp"].GetString(), "2023-11-14T22:13:20.000Z");
  EXPECT_TRUE(json["letters"][0]["row"].IsNull());
  view.whole->row_json = R"({ "id" : "7" })";
  json.Parse(letters_json(view).c_str());
  EXPECT_STREQ(json["letters"][0]["row"]["id"].GetString(), "7");
}

Settings shop() {
  constexpr const char* kFile = R"yaml(
pipeline: shop
source: { postgres: "postgresql://penstock@localhost/shop" }
sink: { mongodb: "mongodb://localhost/?replicaSet=rs0", database: shop }
collections:
  orders: { from: public.orders }
  regions: { from: public.orders, group_by: [region], fields: { n: "count(*)" } }
)yaml";
  const auto settings = parse_settings(kFile, "shop.yaml");
  EXPECT_TRUE(settings) << settings.error().text();
  return settings.value_or(Settings());
}

TEST(RetryPlan, TakesARowUpOnceAndMarksAllItsLetters) {
  Letter earlier = of_row();
  earlier.id = "00000000000000bb";
  earlier.commit_lsn = Lsn{5};
  Letter other = of_row();
  other.id = "00000000000000cc";
  other.key = {"eu", "8"};
  const RetryPlan plan = plan_retry(shop(), {of_row()}, {earlier, of_row(), other});
  ASSERT_THAT(plan.rows, SizeIs(1));
  EXPECT_THAT(plan.rows[0].key, ElementsAre("eu", "7"));
  EXPECT_THAT(plan.rows[0].columns, ElementsAre("region", "id"));
  EXPECT_EQ(plan.rows[0].token, plan.token);
  EXPECT_THAT(plan.marked, SizeIs(2));
  EXPECT_THAT(plan.chosen, SizeIs(1));
  EXPECT_THAT(plan.refused, SizeIs(0));
  EXPECT_NE(plan.token, plan_retry(shop(), {of_row()}, {}).token);
}

TEST(RetryPlan, SaysWhatToDoWhereNoRowCanBeAskedFor) {
  Letter of_group = of_row();
  of_group.collection = "regions";
  of_group.columns.clear();
  Letter unread = of_record();
  unread.table = "public.orders";
  Letter unknown = of_row();
  unknown.table = "public.gone";
  const std::vector<Letter> all = {of_group, unread, of_record(), unknown};
  const RetryPlan plan = plan_retry(shop(), all, all);
  EXPECT_THAT(plan.rows, SizeIs(0));
  EXPECT_THAT(plan.marked, SizeIs(0));
  ASSERT_THAT(plan.refused, SizeIs(4));
  EXPECT_THAT(plan.refused[0].why, HasSubstr("penstock rebuild shop.yaml regions"));
  EXPECT_THAT(plan.refused[1].why, HasSubstr("penstock resync shop.yaml --table public.orders"));
  EXPECT_THAT(plan.refused[2].why, HasSubstr("dead-letters drop"));
  EXPECT_THAT(plan.refused[3].why, HasSubstr("public.gone"));
}

}  // namespace
}  // namespace penstock::app
