// What stands behind a truncate and was applied already comes again with it, or is missed aloud.
#include "backbone/truncate_order.h"

#include <gtest/gtest.h>

#include "unit/backbone/orders_intake.h"

namespace penstock::backbone {
namespace {

using test::kTopic;
using test::orders_intake;

class BehindATruncate : public testing::Test {
 protected:
  BehindATruncate() {
    truncate.head.place = {Lsn{100}, Lsn{200}, false, false};
    truncate.batch = std::make_shared<EventBatch>();
    Event event;
    event.kind = EventKind::kTruncate;
    truncate.batch->events.push_back(event);
  }
  // A record of a row, whose commit came after another one at `last_commit`.
  Status again(const std::string& number, std::uint64_t last_commit, bool dead_letters) {
    const std::string sequence =
        R"([\")" + std::to_string(last_commit) + R"(\",\")" + std::to_string(last_commit + 10) + R"(\"])";
    const std::string value = R"({"before":null,"after":{"id":1,"number":)" + number +
                              R"(},"source":{"schema":"public","table":"orders","lsn":)" +
                              std::to_string(last_commit + 10) + R"(,"txId":7,"sequence":")" + sequence +
                              R"("},"op":"c","ts_ms":1,"transaction":{"id":"7:1","total_order":3,)" +
                              R"("data_collection_order":2}})";
    ConsumedRecord record;
    record.topic = kTopic;
    record.offset = 4;
    record.value = value;
    return apply_again(truncate, *intake, record, dead_letters);
  }
  std::size_t events() const { return truncate.batch->events.size(); }

  const std::unique_ptr<TopicIntake> intake =
      orders_intake({{"id", 23, -1, "integer", 23, true}, {"number", 23, -1, "integer", 23}});
  HeldTruncate truncate;
};

TEST_F(BehindATruncate, ARowComesAgainWithIt) {
  ASSERT_TRUE(again("5", 300, false));
  EXPECT_EQ(events(), 2U);
  ASSERT_TRUE(again("5", 50, false));
  EXPECT_EQ(events(), 2U);
}

TEST_F(BehindATruncate, ARowThatCannotBeReadAnyMoreIsAnErrorAndNotMissing) {
  const Status outcome = again(R"("many")", 300, false);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kBadValue);
  EXPECT_NE(outcome.error().message.find("offset 4"), std::string::npos) << outcome.error().message;
  EXPECT_EQ(events(), 1U);
}

TEST_F(BehindATruncate, ARowThatCannotBeReadAnyMoreIsParkedWhereSuchAre) {
  ASSERT_TRUE(again(R"("many")", 300, true));
  EXPECT_EQ(events(), 1U);
  ASSERT_EQ(truncate.batch->rejected.size(), 1U);
  EXPECT_EQ(truncate.batch->rejected[0].offset, 4);
}

TEST_F(BehindATruncate, ARowOfBeforeItNeedNotBeReadable) {
  ASSERT_TRUE(again(R"("many")", 50, false));
  ASSERT_TRUE(again(R"("many")", 50, true));
  EXPECT_EQ(events(), 1U);
  EXPECT_TRUE(truncate.batch->rejected.empty());
}

TEST_F(BehindATruncate, ARecordThatCannotBeReadStillTellsItsTransaction) {
  ASSERT_TRUE(again(R"("many")", 300, true));
  ASSERT_TRUE(intake->left_out());
  EXPECT_EQ(intake->left_out()->transaction, 7U);
  ASSERT_TRUE(intake->left_out()->block);
  EXPECT_EQ(intake->left_out()->block->total_order, 3U);
  EXPECT_EQ(to_string(intake->left_out()->table), "public.orders");
}

}  // namespace
}  // namespace penstock::backbone
