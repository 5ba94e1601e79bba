#include "source/postgres/continuity.h"

#include <gtest/gtest.h>

namespace penstock::postgres {
namespace {

class Continuity : public ::testing::Test {
 protected:
  Continuity() {
    checkpoint_.exists = true;
    checkpoint_.position = Position{Lsn{900}, 2, Lsn{1000}};
    checkpoint_.source = {42, 1, "shop_slot", "p"};
    server_.system_identifier = 42;
    server_.timeline = 1;
    server_.wal_end = Lsn{5000};
    server_.database = "shop";
    server_.wal_level = "logical";
    slot_.exists = true;
    slot_.plugin = "pgoutput";
    slot_.database = "shop";
    slot_.wal_status = "reserved";
    slot_.confirmed_flush_lsn = Lsn{1000};
  }
  Status check() { return check_continuity(checkpoint_, server_, slot_, "shop_slot"); }
  void expect(ErrorKind kind, const char* words) {
    const auto outcome = check();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, kind);
    EXPECT_NE(outcome.error().message.find(words), std::string::npos) << outcome.error().message;
    EXPECT_NE(outcome.error().remedy, "");
  }

  Checkpoint checkpoint_;
  ServerDescription server_;
  SlotDescription slot_;
};

TEST_F(Continuity, HoldsWhereTheSlotStandsAtOrBeforeThePosition) {
  EXPECT_TRUE(check());
  slot_.confirmed_flush_lsn = Lsn{10};
  EXPECT_TRUE(check());
}
TEST_F(Continuity, ASlotThatMovedOnIsAGap) {
  slot_.confirmed_flush_lsn = Lsn{1001};
  expect(ErrorKind::kGap, "moved on");
}
TEST_F(Continuity, ALostSlotIsAGap) {
  slot_ = SlotDescription{};
  expect(ErrorKind::kGap, "is gone");
}
TEST_F(Continuity, AnInvalidatedSlotIsNamedAsSuch) {
  slot_.wal_status = "lost";
  expect(ErrorKind::kGap, "invalidated");
  slot_.wal_status = "reserved";
  slot_.invalidation_reason = "idle_timeout";
  expect(ErrorKind::kGap, "idle_timeout");
}
TEST_F(Continuity, AnotherClusterIsDivergence) {
  server_.system_identifier = 43;
  expect(ErrorKind::kDivergence, "another PostgreSQL cluster");
}
TEST_F(Continuity, AServerBehindThePositionIsDivergence) {
  server_.wal_end = Lsn{999};
  expect(ErrorKind::kDivergence, "beyond the server's WAL");
}
TEST_F(Continuity, ANewTimelineIsAcceptedForASyncedFailoverSlotOnly) {
  server_.timeline = 2;
  expect(ErrorKind::kDivergence, "timeline 2");
  slot_.synced = true;
  EXPECT_TRUE(check());
  slot_.confirmed_flush_lsn = Lsn{1001};
  expect(ErrorKind::kGap, "moved on");
}
TEST_F(Continuity, ASlotOfAnotherPluginIsRefused) {
  slot_.plugin = "wal2json";
  expect(ErrorKind::kConfiguration, "wal2json");
}
TEST_F(Continuity, AStandbyCannotBeASource) {
  server_.in_recovery = true;
  EXPECT_FALSE(check_server(server_));
  server_.in_recovery = false;
  EXPECT_TRUE(check_server(server_));
  server_.wal_level = "replica";
  EXPECT_FALSE(check_server(server_));
}

}  // namespace
}  // namespace penstock::postgres
