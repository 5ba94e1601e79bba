#include "app/commands/status_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace penstock::app {
namespace {

using testing::HasSubstr;
using testing::Not;

StatusView streaming() {
  StatusView view;
  view.pipeline = "shop";
  view.phase = "streaming";
  view.position = {Lsn{0x1000}, 3, Lsn{0x1030}};
  view.now_micros = 2000000000;
  view.progress = {1999000, 1990000000};  // written one second ago; the transaction ten seconds ago
  view.lease = mongo::LeaseView{"host", 7, 1900000, 4, 2, false, false};
  view.tables = {{"public.orders", "loaded", 0, 10}, {"public.lines", "loading", 20, 100}};
  view.collections = {{"orders", 10, 0}, {"lines", 20, 2}};
  view.slot_name = "shop_slot";
  view.slot.exists = true;
  view.slot.active = true;
  view.slot.active_pid = 99;
  view.slot.wal_status = "reserved";
  view.slot.retained_bytes = 20480;
  view.wal_end = Lsn{0x1030};
  return view;
}

TEST(StatusView, LagIsNothingWhenTheWalEndIsIncluded) {
  const StatusView view = streaming();
  EXPECT_EQ(view.lag_bytes(), 0U);
  EXPECT_EQ(view.lag_seconds(), 0.0);
}

TEST(StatusView, LagInSecondsIsTheAgeOfTheNewestTransaction) {
  StatusView view = streaming();
  view.wal_end = Lsn{0x9030};
  EXPECT_EQ(view.lag_bytes(), 0x8000U);
  EXPECT_EQ(view.lag_seconds(), 10.0);
}

TEST(StatusView, LagInSecondsAfterAnIdleStretchCountsFromItsEnd) {
  StatusView view = streaming();
  view.position.through_lsn = Lsn{0x100000};  // a keep-alive, long after the last transaction
  view.wal_end = Lsn{0x100100};
  EXPECT_EQ(view.lag_seconds(), 1.0);
}

TEST(StatusView, LagIsUnknownBeforeTheFirstRunAndWithoutPostgres) {
  StatusView view = streaming();
  view.wal_end = Lsn{};
  EXPECT_EQ(view.lag_bytes(), std::nullopt);
  view = streaming();
  view.position = {};
  EXPECT_EQ(view.lag_seconds(), std::nullopt);
}

TEST(StatusView, JsonHasItsKeys) {
  StatusView view = streaming();
  view.rereads = 5;
  view.unassigned_dead_letters = 3;
  rapidjson::Document json;
  json.Parse(status_json(view).c_str());
  ASSERT_FALSE(json.HasParseError());
  EXPECT_STREQ(json["pipeline"].GetString(), "shop");
  EXPECT_STREQ(json["phase"].GetString(), "streaming");
  EXPECT_STREQ(json["position"]["through_lsn"].GetString(), "0/1030");
  EXPECT_EQ(json["lag"]["bytes"].GetUint64(), 0U);
  EXPECT_TRUE(json["source"]["slot"]["active"].GetBool());
  EXPECT_EQ(json["source"]["slot"]["retained_bytes"].GetUint64(), 20480U);
  EXPECT_EQ(json["writer"]["pid"].GetInt64(), 7);
  EXPECT_STREQ(json["tables"][1]["state"].GetString(), "loading");
  EXPECT_EQ(json["tables"][1]["rows"].GetUint64(), 20U);
  EXPECT_EQ(json["collections"][1]["dead_letters"].GetUint64(), 2U);
  EXPECT_EQ(json["unassigned_dead_letters"].GetUint64(), 3U);
  EXPECT_EQ(json["dead_letters"].GetUint64(), 5U);
  EXPECT_EQ(json["rereads_pending"].GetUint64(), 5U);
  view.lease->released = true;
  view.position = {};
  json.Parse(status_json(view).c_str());
  EXPECT_TRUE(json["writer"].IsNull());
  EXPECT_TRUE(json["position"].IsNull());
  EXPECT_TRUE(json["lag"]["seconds"].IsNull());
}

TEST(StatusView, TextSaysWhatAnOperatorLooksFor) {
  StatusView view = streaming();
  const std::string text = status_text(view);
  EXPECT_THAT(text, HasSubstr("shop_slot: read by process 99, reserved, keeps 20 KiB of WAL"));
  EXPECT_THAT(text, HasSubstr("process 7 on host, for 100 s"));
  EXPECT_THAT(text, HasSubstr("public.orders: loaded\n"));
  EXPECT_THAT(text, HasSubstr("public.lines: loading, 20 of about 100 rows"));
  EXPECT_THAT(text, HasSubstr("lines: 20 documents, 2 dead letters in lines_dead_letters"));
  EXPECT_THAT(text, Not(HasSubstr("penstock_dead_letters")));
  view.unassigned_dead_letters = 3;
  EXPECT_THAT(status_text(view), HasSubstr("3 dead letters of no known collection in penstock_dead_letters"));
  view.source_error = "connection refused";
  EXPECT_THAT(status_text(view), HasSubstr("shop_slot: unknown, connection refused"));
}

StatusView from_topics() {
  StatusView view = streaming();
  view.position = {Lsn{17}, 0, Lsn{}};  // a number of commits
  view.slot = {};
  view.wal_end = Lsn{};
  view.topics.emplace();
  view.topics->brokers = "k:9092";
  view.topics->cluster = "abc";
  view.topics->group = "penstock-apply-shop";
  view.topics->looked = true;
  view.topics->topics = {{"public.orders", "shop.public.orders", false, {{0, 40, 44, 3}, {1, {}, 0, 0}}},
                         {"public.lines", "shop.public.lines", true, {}}};
  return view;
}

TEST(StatusView, TopicsHaveTheirLagInRecordsAndTheAgeOfTheNewestChange) {
  StatusView view = from_topics();
  EXPECT_EQ(view.topics->lag(), 3U);
  EXPECT_EQ(view.lag_seconds(), 10.0);
  view.topics->topics[0].partitions[0].lag = 0;
  EXPECT_EQ(view.lag_seconds(), 0.0);
  view.topics->looked = false;
  EXPECT_EQ(view.lag_seconds(), std::nullopt);
}

TEST(StatusView, TopicsTakeTheSlotsPlace) {
  const std::string text = status_text(from_topics());
  EXPECT_THAT(text, HasSubstr("Kafka cluster abc at k:9092, group penstock-apply-shop"));
  EXPECT_THAT(text, HasSubstr("3 records, 10.0 s"));
  EXPECT_THAT(text, HasSubstr("shop.public.orders[0]: applied up to 40, ends at 44, lag 3"));
  EXPECT_THAT(text, HasSubstr("shop.public.orders[1]: not begun"));
  EXPECT_THAT(text, HasSubstr("shop.public.lines: missing"));
  EXPECT_THAT(text, testing::Not(HasSubstr("slot")));
}

TEST(StatusView, TopicsInJson) {
  rapidjson::Document json;
  json.Parse(status_json(from_topics()).c_str());
  ASSERT_FALSE(json.HasParseError());
  EXPECT_TRUE(json["position"].IsNull());
  EXPECT_EQ(json["lag"]["records"].GetUint64(), 3U);
  EXPECT_STREQ(json["source"]["kind"].GetString(), "kafka");
  const auto& partitions = json["topics"][0]["partitions"];
  EXPECT_EQ(partitions[0]["applied"].GetInt64(), 40);
  EXPECT_EQ(partitions[0]["end"].GetInt64(), 44);
  EXPECT_TRUE(partitions[1]["applied"].IsNull());
  EXPECT_TRUE(json["topics"][1]["missing"].GetBool());
}

}  // namespace
}  // namespace penstock::app
