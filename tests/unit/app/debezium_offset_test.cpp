// Offsets of Debezium connectors: the worker's file, what they mean as a position, and back.
#include "app/connector/debezium_offset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::app {
namespace {

using namespace std::string_literals;

// As Java's ObjectOutputStream writes a HashMap of two entries, the second without a value.
const std::string kFile =
    "\xac\xed\x00\x05sr\x00\x11java.util.HashMap\x05\x07\xda\xc1\xc3\x16`\xd1\x03\x00\x02"
    "F\x00\nloadFactorI\x00\tthresholdxp?@\x00\x00\x00\x00\x00\x0cw\x08\x00\x00\x00\x10\x00\x00\x00\x02"
    "ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\x00\x00\x00\x14[\"c\",{\"server\":\"p\"}]"
    "uq\x00~\x00\x02\x00\x00\x00\x09{\"lsn\":1}uq\x00~\x00\x02\x00\x00\x00\x01kpx"s;

TEST(OffsetFile, IsJavasMapOfBytes) {
  const auto offsets = parse_offset_file(kFile, "f");
  ASSERT_TRUE(offsets) << offsets.error().text();
  EXPECT_THAT(*offsets, testing::ElementsAre(testing::Pair(R"(["c",{"server":"p"}])", R"({"lsn":1})")));
}

TEST(OffsetFile, WhatIsNotWholeIsRefused) {
  for (std::size_t size = 0; size < kFile.size(); ++size) {
    const auto offsets = parse_offset_file(kFile.substr(0, size), "f");
    ASSERT_FALSE(offsets) << size;
    EXPECT_EQ(offsets.error().kind, ErrorKind::kConfiguration);
  }
  EXPECT_FALSE(parse_offset_file(kFile + "x", "f"));
  std::string other = kFile;
  other[other.find("HashMap")] = 'X';
  EXPECT_THAT(parse_offset_file(other, "f").error().message,
              testing::HasSubstr("f: no offsets of Kafka Connect"));
}

TEST(OffsetFile, ALengthBeyondTheEndIsRefused) {
  std::string longer = kFile;
  longer[longer.find("[\"c\"") - 4] = '\x7f';
  EXPECT_FALSE(parse_offset_file(longer, "f"));
}

DebeziumOffset offset_of(const std::string& json) {
  const auto offset = parse_debezium_offset(json);
  EXPECT_TRUE(offset) << offset.error().text();
  return offset.value_or(DebeziumOffset{});
}

TEST(DebeziumOffsetTest, TheNewestChangeLiesInATransactionBehindTheLastCommit) {
  const auto offset = offset_of(
      R"({"lsn_proc":100,"messageType":"INSERT","lsn_commit":125,"lsn":100,"txId":740,"ts_usec":1})");
  EXPECT_EQ(offset.position(), (Position{{}, 0, Lsn{125}}));
  EXPECT_EQ(offset.written().transaction, 740U);
  EXPECT_EQ(offset.written().lsn, Lsn{100});
  EXPECT_FALSE(offset.written().rows);
  EXPECT_FALSE(offset.in_snapshot);
}

TEST(DebeziumOffsetTest, BetweenTransactionsNothingMoreIsWritten) {
  EXPECT_EQ(offset_of(R"({"lsn":9,"lsn_proc":9,"lsn_commit":9,"txId":7,"messageType":"COMMIT"})")
                .written()
                .transaction,
            0U);
  // BEGIN stands where its first change does, which is not written.
  const auto begun =
      offset_of(R"({"lsn":100,"lsn_proc":125,"lsn_commit":125,"txId":7,"messageType":"BEGIN"})");
  EXPECT_EQ(begun.written().transaction, 0U);
  EXPECT_EQ(begun.position().through_lsn, Lsn{125});
}

TEST(DebeziumOffsetTest, AMessageIsWrittenAndNotTheChangeAtItsLsn) {
  const auto offset =
      offset_of(R"({"lsn":130,"lsn_proc":120,"lsn_commit":110,"txId":7,"messageType":"MESSAGE"})");
  EXPECT_EQ(offset.written().lsn, Lsn{130});
  EXPECT_TRUE(offset.written().message);
}

TEST(DebeziumOffsetTest, BeforeTheFirstCommit) {
  EXPECT_EQ(offset_of(R"({"lsn":90,"lsn_proc":90,"txId":7,"messageType":"UPDATE"})").position().through_lsn,
            Lsn{90});
  const auto loaded = offset_of(R"({"lsn":90,"txId":7,"snapshot":"INITIAL","last_snapshot_record":true})");
  EXPECT_EQ(loaded.position().through_lsn, Lsn{90});
  EXPECT_EQ(loaded.written().transaction, 0U);
  EXPECT_FALSE(loaded.in_snapshot);
}

TEST(DebeziumOffsetTest, AnUnfinishedLoadIsSeen) {
  EXPECT_TRUE(
      offset_of(R"({"lsn":90,"snapshot":"INITIAL","last_snapshot_record":false,"snapshot_completed":false})")
          .in_snapshot);
  EXPECT_TRUE(offset_of(R"({"lsn":90,"snapshot":true})").in_snapshot);
}

TEST(DebeziumOffsetTest, CountsOfAnOpenTransaction) {
  const auto offset = offset_of(
      R"({"lsn":9,"lsn_proc":9,"lsn_commit":5,"txId":7,"messageType":"INSERT","transaction_id":"7:9",)"
      R"("transaction_data_collection_order_public.a":3,"lsn_events_processed":2})");
  EXPECT_EQ(offset.open().transaction, 7U);
  EXPECT_EQ(offset.open().events.at("public.a"), 3U);
  EXPECT_EQ(offset.written().rows, 2U);
}

TEST(DebeziumOffsetTest, IsFoundByConnectorAndPrefix) {
  const ConnectOffsets offsets{{R"(["a",{"server":"p"}])", R"({"lsn":1})"},
                               {R"([ "b", {"server": "p"} ])", R"({"lsn":2})"},
                               {R"(["other",{"topic":"x","partition":1}])", R"({"offset":3})"}};
  EXPECT_EQ(find_debezium_offset(offsets, "b", "p", false)->lsn, Lsn{2});
  const auto none = find_debezium_offset(offsets, "c", "p", false);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, testing::AllOf(testing::HasSubstr("\"a\" with topic.prefix \"p\""),
                                                   testing::HasSubstr("\"b\" with topic.prefix \"p\"")));
  EXPECT_FALSE(find_debezium_offset(offsets, "p", "p", true)) << "two have the prefix";
}

// A change may begin where a transaction ends.
TEST(DebeziumOffsetTest, GoesBackOneByteBeforeThePosition) {
  EXPECT_EQ(
      debezium_offsets_json("sh\"op", {Lsn{80}, 3, Lsn{120}}, 17),
      R"({"offsets":[{"partition":{"server":"sh\"op"},"offset":{"lsn":119,"lsn_proc":119,"lsn_commit":119,)"
      R"("messageType":"COMMIT","ts_usec":17}}]})");
}

}  // namespace
}  // namespace penstock::app
