// Which transactions are handed on whole, in which order, and what is waited for no longer.
#include "backbone/transaction_join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const PartitionId kTold{"shop.transaction", 0};
const PartitionId kOrders{"shop.public.orders", 0};
const PartitionId kLines{"shop.public.lines", 0};
constexpr seconds kMinute{60};
constexpr seconds kHour{3600};

class Join : public testing::Test {
 protected:
  explicit Join(JoinLimits limits = {}, Lsn before = {})
      : join(
            "shop.transaction", [](const std::string& table) { return table != "public.audit"; }, before,
            read, limits) {
    read.reads(ends);
  }

  // Everything that was written up to a moment from now is read.
  void read_up_to(seconds from_now) {
    read.looked(ends, ReadThrough::Clock::now() + from_now);
    read.follow({});
  }
  Place next(const PartitionId& partition) {
    Place place;
    place.next = ++offsets[partition];
    return place;
  }
  void begin(std::uint32_t number, std::uint64_t lsn = 1) {
    envelope::TransactionRecord record;
    record.transaction = number;
    record.id = std::to_string(number) + ":" + std::to_string(lsn);
    join.take_transaction(record, kTold, next(kTold));
  }
  void end(std::uint32_t number, std::vector<envelope::TransactionRecord::Collection> collections,
           std::uint64_t lsn = 1) {
    envelope::TransactionRecord record;
    record.end = true;
    record.transaction = number;
    record.id = std::to_string(number) + ":" + std::to_string(lsn);
    record.collections = std::move(collections);
    join.take_transaction(record, kTold, next(kTold));
  }
  static envelope::RecordHead head(const PartitionId& partition, std::uint32_t number, std::uint64_t order,
                                   std::uint64_t last_commit) {
    envelope::RecordHead head;
    head.table = {"public", partition.topic.substr(partition.topic.rfind('.') + 1)};
    head.transaction = number;
    if (order > 0) head.block = envelope::TransactionBlock{"", order, order};
    if (last_commit > 0) head.place.last_commit = Lsn{last_commit};
    return head;
  }
  // Order 0: it tells of no transaction.
  void event(const PartitionId& partition, std::uint32_t number, std::uint64_t order,
             std::uint64_t last_commit = 0) {
    auto batch = std::make_shared<EventBatch>();
    Event made;
    made.kind = EventKind::kInsert;
    made.transaction = number;
    batch->events.push_back(made);
    join.take_event(batch, head(partition, number, order, last_commit), partition, next(partition));
  }
  void left_out(const PartitionId& partition, std::uint32_t number, std::uint64_t order) {
    join.count(head(partition, number, order, 0), partition);
    join.take_nothing(partition, next(partition));
  }
  // The transactions of what is handed on now, event by event; the places it leads to are merged.
  std::vector<std::uint32_t> handed_on() {
    std::vector<std::uint32_t> numbers;
    const auto send = [&](const EventBatchPtr& batch, const Places& to) {
      for (const Event& one : batch->events) numbers.push_back(one.transaction);
      merge(reached, to);
      return Status();
    };
    EXPECT_TRUE(join.hand_on(send));
    return numbers;
  }

  const std::map<PartitionId, PartitionEnds> ends{{kTold, {}}, {kOrders, {}}, {kLines, {}}};
  ReadThrough read;
  TransactionJoin join;
  Places reached;
  std::map<PartitionId, std::int64_t> offsets;
};

class WithoutPatience : public Join {
 protected:
  static JoinLimits limits() {
    JoinLimits limits;
    limits.patience = limits.orphan_patience = limits.silence = {};
    return limits;
  }
  WithoutPatience() : Join(limits()) {}
};

class AfterAnEarlierLife : public Join {
 protected:
  AfterAnEarlierLife() : Join({}, Lsn{1000}) {}
};

TEST_F(Join, ATransactionIsHandedOnOnceAllItsEventsAreThere) {
  begin(7);
  event(kLines, 7, 2);
  end(7, {{"public.orders", 1}, {"public.lines", 1}, {"public.audit", 5}});
  EXPECT_THAT(handed_on(), IsEmpty());
  event(kOrders, 7, 1);
  EXPECT_THAT(handed_on(), ElementsAre(7, 7));
  EXPECT_TRUE(join.empty());
  EXPECT_EQ(join.counts().joined, 1U);
}

TEST_F(Join, ABeginWithoutAnEndDoesNotHoldUpLaterTransactionsForGood) {
  begin(7);
  event(kOrders, 7, 1);
  begin(8);
  event(kOrders, 8, 1);
  end(8, {{"public.orders", 1}});
  EXPECT_THAT(handed_on(), IsEmpty());  // its END may be in another partition
  read_up_to(kMinute);
  EXPECT_THAT(handed_on(), ElementsAre(7, 8));
  EXPECT_EQ(join.counts().incomplete, 1U);
  EXPECT_EQ(join.counts().joined, 1U);
  EXPECT_EQ(reached[kTold].next, offsets[kTold]);
}

TEST_F(Join, AnEndThatComesLateButInTimeIsWaitedFor) {
  begin(7);
  event(kOrders, 7, 1);
  begin(8);
  end(7, {{"public.orders", 2}});
  event(kOrders, 7, 2);
  EXPECT_THAT(handed_on(), ElementsAre(7, 7));
  EXPECT_EQ(join.counts().incomplete, 0U);
}

TEST_F(Join, EventsThatTellOfNoTransactionAreNotHeldBehindABeginWithoutAnEnd) {
  begin(7);
  event(kOrders, 7, 1);
  event(kOrders, 9, 0);
  EXPECT_THAT(handed_on(), IsEmpty());
  read_up_to(kMinute);
  EXPECT_THAT(handed_on(), ElementsAre(7, 9));
  EXPECT_EQ(join.counts().incomplete, 1U);
}

TEST_F(Join, ALaterTransactionOfWhichTheTopicTellsNothingIsNotHeldBehindABeginWithoutAnEnd) {
  begin(7);
  event(kOrders, 7, 1);
  event(kOrders, 8, 1);
  read_up_to(kMinute);
  EXPECT_THAT(handed_on(), ElementsAre(7, 8));
}

TEST_F(Join, ATransactionThatIsStillWrittenWaitsForItsEnd) {
  begin(7);
  event(kOrders, 7, 1);
  read_up_to(kMinute);
  EXPECT_THAT(handed_on(), IsEmpty());
  event(kOrders, 9, 0);  // a row of a load between its events
  read_up_to(seconds(0));
  event(kOrders, 7, 2);
  EXPECT_THAT(handed_on(), IsEmpty());
  end(7, {{"public.orders", 2}});
  EXPECT_THAT(handed_on(), ElementsAre(7, 9, 7));
  EXPECT_EQ(join.counts().incomplete, 0U);
}

TEST_F(WithoutPatience, ATransactionOfWhichEventsComeIsWaitedFor) {
  begin(7);
  event(kOrders, 7, 1);
  event(kOrders, 9, 0);
  read_up_to(seconds(0));
  event(kOrders, 7, 2);
  EXPECT_THAT(handed_on(), IsEmpty());
}

TEST_F(Join, AnEndBehindWhichNothingStandsIsNotWaitedForWithoutEnd) {
  begin(7);
  event(kOrders, 7, 1);
  read_up_to(kHour);
  EXPECT_THAT(handed_on(), ElementsAre(7));
  EXPECT_TRUE(join.empty());
  EXPECT_EQ(join.counts().incomplete, 1U);
}

TEST_F(Join, EventsWhoseBeginIsNotReadAgainGoWheneverTheTransactionTopicIsRead) {
  for (const std::uint32_t number : {5U, 6U}) {  // nothing new came there in between
    read_up_to(seconds(0));
    event(kOrders, number, 1);
    EXPECT_THAT(handed_on(), IsEmpty());
    read_up_to(kMinute);
    EXPECT_THAT(handed_on(), ElementsAre(number));
  }
  EXPECT_EQ(join.counts().incomplete, 0U);
}

TEST_F(Join, ALookAtTheBrokersIsWantedOnceForEventsWithoutABegin) {
  const auto now = ReadThrough::Clock::now();
  EXPECT_FALSE(join.wants_look({}, now + kMinute));
  event(kOrders, 5, 1);
  EXPECT_FALSE(join.wants_look({}, now));
  EXPECT_TRUE(join.wants_look({}, now + kMinute));
  EXPECT_FALSE(join.wants_look(now + kMinute, now + kHour));
  begin(5);
  EXPECT_FALSE(join.wants_look({}, now + kMinute));
}

TEST_F(WithoutPatience, EventsGoWhereTheTransactionTopicIsGone) {
  read.looked({{kOrders, {}}, {kLines, {}}}, ReadThrough::Clock::now());
  event(kOrders, 5, 1);
  EXPECT_THAT(handed_on(), ElementsAre(5));
}

TEST_F(Join, EventsOfBeforeATransactionThatIsToldOfGoAtOnce) {
  begin(9);
  event(kLines, 9, 1, 500);
  event(kOrders, 6, 1, 300);  // read again: its BEGIN stands before that of 9
  EXPECT_THAT(handed_on(), ElementsAre(6));
  event(kOrders, 10, 1, 600);  // its BEGIN may come
  EXPECT_THAT(handed_on(), IsEmpty());
}

TEST_F(WithoutPatience, EventsThatAreNotReadYetDoNotCountAsNeverComing) {
  begin(7);
  end(7, {{"public.orders", 1}});
  begin(8);
  end(8, {{"public.orders", 1}});
  EXPECT_THAT(handed_on(), IsEmpty());
  event(kOrders, 7, 1);
  EXPECT_THAT(handed_on(), ElementsAre(7));
  event(kOrders, 8, 1);
  EXPECT_THAT(handed_on(), ElementsAre(8));
  EXPECT_EQ(join.counts().incomplete, 0U);
}

TEST_F(WithoutPatience, EventsThatCannotComeBehindLaterOnesAreNotWaitedFor) {
  begin(7);
  end(7, {{"public.orders", 1}, {"public.lines", 1}});
  event(kOrders, 7, 1);
  begin(8);
  event(kLines, 8, 1);
  EXPECT_THAT(handed_on(), IsEmpty());
  event(kOrders, 8, 2);
  end(8, {{"public.orders", 1}, {"public.lines", 1}});
  EXPECT_THAT(handed_on(), ElementsAre(7, 8, 8));
  EXPECT_EQ(join.counts().incomplete, 1U);
}

TEST_F(Join, EventsThatNeverComeAreCountedOnceEverythingIsRead) {
  begin(7);
  event(kOrders, 7, 1);
  end(7, {{"public.orders", 2}});
  EXPECT_THAT(handed_on(), IsEmpty());
  read_up_to(kMinute);
  EXPECT_THAT(handed_on(), ElementsAre(7));
  EXPECT_EQ(join.counts().incomplete, 1U);
}

TEST_F(Join, ARecordThatIsLeftOutIsWaitedForNoMore) {
  begin(7);
  left_out(kOrders, 7, 1);
  event(kLines, 7, 2);
  end(7, {{"public.orders", 1}, {"public.lines", 1}});
  EXPECT_THAT(handed_on(), ElementsAre(7));
  EXPECT_EQ(join.counts().joined, 1U);
  EXPECT_EQ(reached[kOrders].next, 1);
}

TEST_F(Join, ARecordThatComesAgainDoesNotTakeThePlaceOfLaterOnesThatWait) {
  begin(7);
  event(kOrders, 7, 1);
  event(kOrders, 8, 1);
  left_out(kOrders, 7, 1);
  end(7, {{"public.orders", 1}});
  EXPECT_THAT(handed_on(), ElementsAre(7));
  EXPECT_EQ(reached[kOrders].next, 1);
}

TEST_F(AfterAnEarlierLife, ALongHistoryOfTransactionsIsNotRemembered) {
  for (std::uint32_t number = 1; number <= 20000; ++number) end(number, {}, 10);
  event(kLines, 20000, 1);
  EXPECT_THAT(handed_on(), ElementsAre(20000));
  event(kOrders, 1, 1);
  EXPECT_THAT(handed_on(), IsEmpty());
}

}  // namespace
}  // namespace penstock::backbone
