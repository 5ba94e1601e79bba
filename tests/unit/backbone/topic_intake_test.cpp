// A tombstone means what the record before it in its topic says.
#include "backbone/topic_intake.h"

#include <gtest/gtest.h>

#include <memory>

#include "unit/backbone/orders_intake.h"

namespace penstock::backbone {
namespace {

using test::kTopic;
using test::orders_intake;

constexpr std::string_view kKey = R"({"id":1})";

class ATombstone : public testing::Test {
 protected:
  static ConsumedRecord record(std::optional<std::string_view> value) {
    ConsumedRecord made;
    made.topic = kTopic;
    made.key = kKey;
    made.value = value;
    return made;
  }
  std::size_t taken(const ConsumedRecord& record) {
    EventBatch batch;
    Place place;
    EXPECT_TRUE(intake->take(record, place, batch));
    return batch.events.size();
  }

  const std::unique_ptr<TopicIntake> intake = orders_intake({{"id", 23, -1, "integer", 23, true}});
};

TEST_F(ATombstone, deletes_where_rows_come_unwrapped) {
  intake->prime(record(R"({"id":1})"));
  EXPECT_EQ(taken(record(std::nullopt)), 1U);
}

// Debezium delivers d, its tombstone and the insert behind them again, and a leg begins at the tombstone: the
// insert is left out as applied, and must not have been deleted.
TEST_F(ATombstone, that_a_leg_begins_with_deletes_nothing_where_events_come_whole) {
  intake->prime(
      record(R"({"before":{"id":1},"after":null,"op":"d","source":{"schema":"public","table":"orders"}})"));
  EXPECT_EQ(taken(record(std::nullopt)), 0U);
}

}  // namespace
}  // namespace penstock::backbone
