#include "app/verify/verify_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/verify/pipeline_moment.h"

namespace penstock::app {
namespace {

using mongo::CollectionResult;
using mongo::Difference;
using mongo::DifferenceKind;
using testing::HasSubstr;
using testing::Not;

VerifyReport report_of(std::uint64_t missing, std::uint64_t differing) {
  VerifyReport report;
  report.pipeline = "shop";
  report.position = Position{Lsn{0x10}, 3, Lsn{0x20}};
  CollectionResult orders;
  orders.collection = "orders";
  orders.expected = 12345;
  orders.stored = 12345 - missing;
  orders.compared = 12345;
  orders.missing = missing;
  orders.differing = differing;
  orders.expected_digest = "aa";
  orders.found_digest = missing + differing > 0 ? "bb" : "aa";
  report.collections.push_back(orders);
  if (missing > 0) report.differences.push_back({"orders", "7", "", DifferenceKind::kMissing, {}, {}});
  if (differing > 0)
    report.differences.push_back({"orders",
                                  R"({ "a" : 1 })",
                                  "",
                                  DifferenceKind::kDiffers,
                                  {{"lines.1.price", "2.5", "3"}, {"gone", "null", ""}, {"new", "", "\"x\""}},
                                  {}});
  return report;
}

TEST(VerifyReport, EqualSidesSayHowManyAndTheirDigest) {
  const std::string text = verify_text(report_of(0, 0), 20);
  EXPECT_THAT(text, HasSubstr("orders: 12,345 documents, equal; digest aa\n"));
  EXPECT_THAT(text, HasSubstr("equal at 0/20"));
  EXPECT_THAT(text, Not(HasSubstr("different")));
}

TEST(VerifyReport, DifferencesComeWithKeyAndPath) {
  const std::string text = verify_text(report_of(1, 1), 20);
  EXPECT_THAT(text, HasSubstr("orders: 12,345 documents: 1 missing, 0 too many, 1 different"));
  EXPECT_THAT(text, HasSubstr("missing  orders 7\n"));
  EXPECT_THAT(text, HasSubstr("differs  orders { \"a\" : 1 }\n"));
  EXPECT_THAT(text, HasSubstr("lines.1.price: should be 2.5, found 3\n"));
  EXPECT_THAT(text, HasSubstr("gone: should be null, is not there\n"));
  EXPECT_THAT(text, HasSubstr("new: should not be there, found \"x\"\n"));
  EXPECT_THAT(text, HasSubstr("different at 0/20"));
}

TEST(VerifyReport, TheLimitSaysHowManyMoreThereAre) {
  const std::string text = verify_text(report_of(4, 1), 1);
  EXPECT_THAT(text, HasSubstr("missing  orders 7"));
  EXPECT_THAT(text, Not(HasSubstr("differs ")));
  EXPECT_THAT(text, HasSubstr("and 4 more (--limit)"));
}

TEST(VerifyReport, LongValuesAreCutBetweenCharacters) {
  VerifyReport report = report_of(0, 1);
  std::string value = "\"";
  for (int i = 0; i < 300; ++i) value += "ễ";
  report.differences[0].fields = {{"name", value + "\"", "1"}};
  const std::string text = verify_text(report, 1);
  EXPECT_THAT(text, HasSubstr("ễ…, found 1"));
  EXPECT_LT(text.size(), 700U);
}

TEST(VerifyReport, JsonHoldsExtendedJsonAsItIs) {
  const std::string json = verify_json(report_of(1, 1), 20);
  EXPECT_THAT(json, HasSubstr(R"("equal":false)"));
  EXPECT_THAT(json, HasSubstr(R"("position":"0/20")"));
  EXPECT_THAT(json, HasSubstr(R"("different":2)"));
  EXPECT_THAT(json, HasSubstr(R"({"collection":"orders","id":7,"kind":"missing","fields":[]})"));
  EXPECT_THAT(json, HasSubstr(R"("id":{ "a" : 1 },"kind":"differs")"));
  EXPECT_THAT(json, HasSubstr(R"({"path":"lines.1.price","expected":2.5,"found":3})"));
  EXPECT_THAT(json, HasSubstr(R"({"path":"gone","expected":null})"));
  EXPECT_THAT(json, HasSubstr(R"({"path":"new","found":"x"})"));
}

TEST(VerifyReport, WithoutOnePositionThereIsNoDigest) {
  VerifyReport report = report_of(0, 0);
  report.one_position = false;
  report.collections[0].expected_digest.clear();
  report.collections[0].found_digest.clear();
  EXPECT_THAT(verify_text(report, 1), HasSubstr("the last of several positions"));
  EXPECT_THAT(verify_text(report, 1), Not(HasSubstr("digest")));
  EXPECT_THAT(verify_json(report, 1), HasSubstr(R"("digest_postgres":null)"));
}

Checkpoint checkpoint_at(std::uint64_t lsn) {
  Checkpoint checkpoint;
  checkpoint.exists = true;
  checkpoint.position = Position{Lsn{lsn - 8}, 2, Lsn{lsn}};
  TableCheckpoint table;
  table.table = "public.orders";
  table.state = LoadState::kLoaded;
  checkpoint.tables.emplace(table.table, table);
  return checkpoint;
}

TEST(PipelineMoment, WholeOnlyWhenNothingIsOnItsWay) {
  EXPECT_EQ(why_not_whole(checkpoint_at(100), Lsn{100}), "");
  EXPECT_THAT(why_not_whole(checkpoint_at(100), Lsn{101}), HasSubstr("stands at 0/64, before 0/65"));
  EXPECT_THAT(why_not_whole(Checkpoint{}, Lsn{1}), HasSubstr("never ran"));
  Checkpoint loading = checkpoint_at(100);
  loading.tables["public.orders"].state = LoadState::kLoading;
  EXPECT_THAT(why_not_whole(loading, Lsn{1}), HasSubstr("the load of public.orders"));
  Checkpoint building = checkpoint_at(100);
  building.pending = {Lsn{1}, {"sales"}};
  EXPECT_THAT(why_not_whole(building, Lsn{1}), HasSubstr("collection sales is being built"));
  Checkpoint fan_out = checkpoint_at(100);
  fan_out.pending.since = Lsn{90};
  EXPECT_THAT(why_not_whole(fan_out, Lsn{1}), HasSubstr("committed at 0/5A"));
  Checkpoint split = checkpoint_at(100);
  split.position = Position{Lsn{100}, 5, Lsn{100}};
  EXPECT_THAT(why_not_whole(split, Lsn{1}), HasSubstr("in parts"));
  Checkpoint reread = checkpoint_at(100);
  reread.rereads.emplace_back();
  EXPECT_THAT(why_not_whole(reread, Lsn{1}), HasSubstr("1 rows wait"));
}

}  // namespace
}  // namespace penstock::app
