// What is delivered again is left out, and nothing else is.
#include "backbone/redelivery.h"

#include <gtest/gtest.h>

#include "backbone/truncate_order.h"

namespace penstock::backbone {
namespace {

envelope::Place change(std::optional<Lsn> last_commit, std::uint64_t lsn) {
  return {last_commit, Lsn{lsn}, false, false};
}
envelope::Place row_of_load(std::uint64_t lsn) { return {std::nullopt, Lsn{lsn}, true, false}; }
envelope::Place row_of_incremental_load() { return {std::nullopt, std::nullopt, true, true}; }

class Redelivery : public testing::Test {
 protected:
  // As a partition's records come: what is left out changes nothing.
  Delivery deliver(const envelope::Place& record) {
    const Delivery delivery = delivery_of(applied, record);
    if (delivery != Delivery::kAgain) note(applied, record);
    return delivery;
  }
  Place applied;
};

TEST_F(Redelivery, TheFirstRecordOfAPartitionIsNew) {
  EXPECT_EQ(delivery_of(applied, change(Lsn{100}, 200)), Delivery::kNew);
  EXPECT_EQ(delivery_of(applied, change(std::nullopt, 200)), Delivery::kNew);
  EXPECT_EQ(delivery_of(applied, row_of_load(200)), Delivery::kNew);
}

TEST_F(Redelivery, OlderChangesComeAgainAndTheNewestIsAppliedOnceMore) {
  EXPECT_EQ(deliver(change(Lsn{100}, 200)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{100}, 210)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{300}, 310)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{100}, 200)), Delivery::kAgain);
  EXPECT_EQ(deliver(change(Lsn{100}, 210)), Delivery::kAgain);
  EXPECT_EQ(deliver(change(Lsn{300}, 310)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{300}, 320)), Delivery::kNew);
}

// Transactions overlap in the WAL: the second one to commit may have written first.
TEST_F(Redelivery, ALowerLsnOfALaterTransactionIsNew) {
  EXPECT_EQ(deliver(change(Lsn{8000}, 8240)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{8352}, 8040)), Delivery::kNew);
  EXPECT_EQ(applied.last_commit, Lsn{8352});
  EXPECT_EQ(applied.lsn, Lsn{8040});
  EXPECT_EQ(deliver(change(Lsn{8000}, 8240)), Delivery::kAgain);
}

// Seen on the real connector: a delete and a racing insert of one key, of the first transactions after a
// load.
TEST_F(Redelivery, ADeleteAndARacingInsertAfterALoadAreBothNew) {
  EXPECT_EQ(deliver(row_of_load(8000)), Delivery::kNew);
  EXPECT_EQ(deliver(change(std::nullopt, 8240)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{8352}, 8040)), Delivery::kNew);
  EXPECT_EQ(deliver(change(std::nullopt, 8240)), Delivery::kAgain);
  EXPECT_EQ(deliver(change(Lsn{8352}, 8040)), Delivery::kNew);
}

TEST_F(Redelivery, TheFirstTransactionAfterALoadKnowsNoCommitBeforeIt) {
  EXPECT_EQ(deliver(change(std::nullopt, 500)), Delivery::kNew);
  EXPECT_EQ(deliver(change(std::nullopt, 510)), Delivery::kNew);
  EXPECT_EQ(deliver(change(std::nullopt, 500)), Delivery::kAgain);
  EXPECT_EQ(deliver(change(std::nullopt, 510)), Delivery::kNew);
  EXPECT_EQ(deliver(change(Lsn{600}, 450)), Delivery::kNew);  // overlaps the first transaction
  EXPECT_EQ(deliver(change(std::nullopt, 510)), Delivery::kAgain);
}

TEST_F(Redelivery, AChangeThatKnowsNoCommitIsNewBehindTheNewestOne) {
  EXPECT_EQ(deliver(change(Lsn{600}, 700)), Delivery::kNew);
  EXPECT_EQ(deliver(change(std::nullopt, 600)), Delivery::kAgain);
  EXPECT_EQ(deliver(change(std::nullopt, 601)), Delivery::kNew);
}

TEST_F(Redelivery, RowsOfLoadsAreNeverOlderAndMoveNothing) {
  EXPECT_EQ(deliver(change(Lsn{600}, 700)), Delivery::kNew);
  EXPECT_EQ(deliver(row_of_incremental_load()), Delivery::kNew);
  EXPECT_EQ(deliver(row_of_load(650)), Delivery::kNew);
  EXPECT_EQ(applied.last_commit, Lsn{600});
  EXPECT_EQ(applied.lsn, Lsn{700});
  EXPECT_EQ(deliver(change(Lsn{500}, 690)), Delivery::kAgain);
}

TEST_F(Redelivery, ALoadBelowWhatWasAppliedIsAnotherHistory) {
  EXPECT_EQ(deliver(change(Lsn{600}, 700)), Delivery::kNew);
  EXPECT_EQ(delivery_of(applied, row_of_load(599)), Delivery::kNewHistory);
  EXPECT_EQ(delivery_of(applied, row_of_load(600)), Delivery::kNew);
  envelope::Place incremental = row_of_load(599);
  incremental.incremental = true;
  EXPECT_EQ(delivery_of(applied, incremental), Delivery::kNew);
}

TEST_F(Redelivery, ARecordThatSaysNoPlaceIsNew) {
  EXPECT_EQ(deliver(change(Lsn{600}, 700)), Delivery::kNew);
  EXPECT_EQ(deliver({}), Delivery::kNew);
  EXPECT_EQ(applied.lsn, Lsn{700});
}

TEST(ComesAfter, GoesByTheCommitBeforeAndThenByTheChange) {
  EXPECT_TRUE(comes_after(change(Lsn{300}, 310), change(Lsn{100}, 400)));
  EXPECT_FALSE(comes_after(change(Lsn{100}, 400), change(Lsn{300}, 310)));
  EXPECT_TRUE(comes_after(change(Lsn{300}, 320), change(Lsn{300}, 310)));
  EXPECT_FALSE(comes_after(change(Lsn{300}, 310), change(Lsn{300}, 310)));
}

TEST(ComesAfter, GoesByTheChangeWhereNoCommitIsKnown) {
  EXPECT_TRUE(comes_after(change(std::nullopt, 310), change(Lsn{100}, 300)));
  EXPECT_FALSE(comes_after(change(Lsn{100}, 300), change(std::nullopt, 310)));
  EXPECT_TRUE(comes_after(row_of_load(310), change(Lsn{100}, 300)));
  EXPECT_FALSE(comes_after(row_of_load(290), change(Lsn{100}, 300)));
}

TEST(ComesAfter, ARowOfAnIncrementalLoadGoesByTheCommitThatItKnows) {
  envelope::Place row = row_of_incremental_load();
  EXPECT_FALSE(comes_after(row, change(Lsn{100}, 300)));
  row.last_commit = Lsn{301};
  EXPECT_TRUE(comes_after(row, change(Lsn{100}, 300)));
  EXPECT_FALSE(comes_after(change(Lsn{100}, 300), row));  // nothing says so
}

}  // namespace
}  // namespace penstock::backbone
