// Markers and the rule by which snapshots are accepted.
#include <gtest/gtest.h>

#include "source/postgres/load/marker.h"
#include "source/postgres/load/snapshot_rule.h"

namespace penstock::postgres {
namespace {

TEST(Marker, ComesBackAsItWasWritten) {
  for (const MarkerKind kind : {MarkerKind::kLow, MarkerKind::kHigh}) {
    const auto marker = parse_marker(encode({"0/16B3748-77 x", 18446744073709551615U, kind}));
    ASSERT_TRUE(marker);
    EXPECT_EQ(marker->run, "0/16B3748-77 x");
    EXPECT_EQ(marker->attempt, 18446744073709551615U);
    EXPECT_EQ(marker->kind, kind);
  }
}

TEST(Marker, ForeignContentIsNone) {
  for (const char* content :
       {"", "low", "low ", "low 1", "low x run", "middle 1 run", "low 99999999999999999999 r", "LOW 1 r"})
    EXPECT_FALSE(parse_marker(content)) << content;
}

TEST(Snapshot, SeesWhatHadEnded) {
  const auto snapshot = parse_snapshot("100:105:100,103");
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->sees(99));
  EXPECT_FALSE(snapshot->sees(100));
  EXPECT_TRUE(snapshot->sees(101));
  EXPECT_FALSE(snapshot->sees(103));
  EXPECT_TRUE(snapshot->sees(104));
  EXPECT_FALSE(snapshot->sees(105));
  EXPECT_FALSE(snapshot->sees(2000));
  EXPECT_TRUE(snapshot->sees_all({1, 99, 101}));
  EXPECT_FALSE(snapshot->sees_all({1, 103}));
}

TEST(Snapshot, ComparesAcrossTheWrapOfTransactionIds) {
  const auto snapshot = parse_snapshot("8589934590:8589934595:8589934591,8589934593");  // around 2^33
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->sees(4294967290U));   // a little older
  EXPECT_TRUE(snapshot->sees(4294967294U));   // = xmin
  EXPECT_FALSE(snapshot->sees(4294967295U));  // 8589934591 runs
  EXPECT_TRUE(snapshot->sees(0));
  EXPECT_FALSE(snapshot->sees(1));  // 8589934593 runs
  EXPECT_TRUE(snapshot->sees(2));
  EXPECT_FALSE(snapshot->sees(3));  // = xmax
}

TEST(Snapshot, RefusesOtherText) {
  for (const char* text : {"", "1", "1:2", "a:2:", "1:2:3,", "1:2:,3", "1:2:3x", "1:2:3:4"})
    EXPECT_FALSE(parse_snapshot(text)) << text;
  EXPECT_TRUE(parse_snapshot("1:1:"));
}

TEST(CommittedXids, KeepsWhatNoSnapshotWasSeenToInclude) {
  CommittedXids committed;
  for (const std::uint32_t xid : {5U, 9U, 7U, 12U}) committed.add(xid);
  committed.prune(*parse_snapshot("7:10:7"));
  EXPECT_EQ(committed.unproven(), (std::vector<std::uint32_t>{7, 12}));
}

TEST(SnapshotMailbox, KeepsTheLatest) {
  SnapshotMailbox mailbox;
  mailbox.post(*parse_snapshot("5:9:5"));
  mailbox.post(*parse_snapshot("4:7:"));
  ASSERT_TRUE(mailbox.has_mail());
  EXPECT_EQ(mailbox.take()->xmax, 9U);
  EXPECT_FALSE(mailbox.has_mail());
  EXPECT_FALSE(mailbox.take());
}

}  // namespace
}  // namespace penstock::postgres
