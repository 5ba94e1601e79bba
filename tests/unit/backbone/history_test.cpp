#include <gtest/gtest.h>

#include "backbone/history/hidden_nulls.h"
#include "backbone/history/history_plan.h"

namespace penstock::backbone {
namespace {

using envelope::Operation;
using envelope::RecordHead;

RecordHead change(std::optional<Lsn> after, Lsn lsn, std::uint32_t transaction, std::int64_t micros = 0,
                  Operation operation = Operation::kUpdate) {
  RecordHead head;
  head.operation = operation;
  head.place.last_commit = after;
  head.place.lsn = lsn;
  head.transaction = transaction;
  head.commit_micros = micros;
  return head;
}

RecordHead row(Lsn lsn, bool first = false, bool last = false) {
  RecordHead head = change(std::nullopt, lsn, 0, 1000, Operation::kRead);
  head.place.snapshot = true;
  head.place.begins_load = first;
  head.place.ends_load = last;
  return head;
}

TEST(Cut, ATransactionHadCommittedByWhatALaterOneComesAfter) {
  Cut cut(Lsn{100});
  cut.observe(Lsn{50}, Lsn{60}, 1);
  cut.observe(Lsn{70}, Lsn{55}, 2);  // it wrote before the first one committed
  EXPECT_TRUE(cut.had_committed(Lsn{50}));
  EXPECT_EQ(cut.newest(), Cut::Newest::kUnknown);
  EXPECT_FALSE(cut.had_committed(Lsn{70}));
  cut.observe(Lsn{100}, Lsn{110}, 3);
  EXPECT_EQ(cut.newest(), Cut::Newest::kCommitted);
  EXPECT_TRUE(cut.had_committed(Lsn{70}));
  EXPECT_FALSE(cut.had_committed(Lsn{100}));
}

TEST(Cut, ATransactionThatWroteBehindItHadNotCommitted) {
  Cut cut(Lsn{100});
  cut.observe(Lsn{70}, Lsn{80}, 2);
  cut.observe(Lsn{70}, Lsn{120}, 2);
  EXPECT_EQ(cut.newest(), Cut::Newest::kOpen);
  EXPECT_FALSE(cut.had_committed(Lsn{70}));
}

class History : public testing::Test {
 protected:
  void begin(HistoryEnd end = {}) {
    facts_.end = end;
    scan_ = std::make_unique<HistoryScan>(end, facts_.cuts());
  }
  void take(const RecordHead& head, int partition = 0) {
    scan_->take("public.t", {"p.public.t", partition}, head);
  }
  Result<HistoryPlan> plan() {
    scan_->finish();
    return HistoryPlan::make({{{"public", "t"}, {"p.public.t"}, {}, nullptr}}, facts_, *scan_);
  }
  std::string refusal() {
    auto made = plan();
    return made ? "" : made.error().message + " -> " + made.error().remedy;
  }

  HistoryFacts facts_{
      {}, {{{"p.public.t", 0}, {0, 100}}, {{"p.public.t", 1}, {0, 100}}}, {}, {}, false, false, false};
  std::unique_ptr<HistoryScan> scan_;
};

TEST_F(History, ALoadIsWholeOnceItsLastRowIsMarkedOrTheStreamFollows) {
  begin();
  take(row(Lsn{50}, true));
  take(row(Lsn{50}));
  EXPECT_NE(refusal().find("nothing says that it is whole"), std::string::npos);
  take(row(Lsn{50}, false, true));
  EXPECT_TRUE(plan());
  begin();
  take(row(Lsn{50}, true));
  take(change(std::nullopt, Lsn{60}, 1));
  EXPECT_TRUE(plan());
}

TEST_F(History, ALoadMustStandWhollyInWhatIsKept) {
  facts_.ends[{"p.public.t", 1}] = {7, 100};
  begin();
  take(row(Lsn{50}, true));
  take(row(Lsn{50}, false, true), 1);
  EXPECT_NE(refusal().find("p.public.t[1] begins at offset 7"), std::string::npos);
  begin();
  take(row(Lsn{50}, true));
  take(change(Lsn{30}, Lsn{40}, 1), 1);
  take(row(Lsn{50}, false, true), 1);
  EXPECT_TRUE(plan());
}

TEST_F(History, AnEarlierMomentSaysSinceWhenThereIsALoad) {
  begin({Lsn{40}, {}});
  take(row(Lsn{50}, true, true));
  take(change(std::nullopt, Lsn{60}, 1));
  EXPECT_NE(refusal().find("complete since 0/32"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("use --as-of 0/32 or later"), std::string::npos);
}

TEST_F(History, AMomentBehindTheTopicsEndIsKnownOnlyWhereSomebodySaysSo) {
  begin({Lsn{100}, {}});
  take(row(Lsn{50}, true, true));
  take(change(Lsn{60}, Lsn{70}, 1));
  EXPECT_NE(refusal().find("newest change stands at 0/46, before 0/64"), std::string::npos) << refusal();
  facts_.written = true;
  facts_.captured_position = Position{Lsn{75}, 0, Lsn{140}};
  EXPECT_TRUE(plan());
}

TEST_F(History, WhatTheTopicsDoNotTellOfTheNewestTransactionIsAsked) {
  begin({Lsn{100}, {}});
  take(row(Lsn{50}, true, true));
  take(change(Lsn{60}, Lsn{70}, 1));
  take(change(Lsn{80}, Lsn{90}, 2));
  take(change(Lsn{130}, Lsn{120}, 3));
  EXPECT_NE(refusal().find("transaction 2 wrote before 0/64"), std::string::npos);
  EXPECT_NE(refusal().find("--as-of 0/50 to leave it out, --as-of 0/82 to have it in"), std::string::npos)
      << refusal();
  facts_.captured_position = Position{Lsn{95}, 0, Lsn{140}};
  auto made = plan();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->belongs("public.t", {"p.public.t", 0}, change(Lsn{80}, Lsn{90}, 2)));
  EXPECT_FALSE(made->belongs("public.t", {"p.public.t", 0}, change(Lsn{130}, Lsn{120}, 3)));
}

TEST_F(History, ATimeEndsBeforeTheFirstTransactionThatCommittedLater) {
  begin({{}, 5000});
  take(row(Lsn{50}, true, true));
  take(change(Lsn{60}, Lsn{70}, 1, 4000));
  take(change(Lsn{80}, Lsn{90}, 2, 6000));
  take(change(Lsn{95}, Lsn{85}, 3, 4500));  // the clock went back
  auto made = plan();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->belongs("public.t", {"p.public.t", 0}, change(Lsn{60}, Lsn{70}, 1)));
  EXPECT_FALSE(made->belongs("public.t", {"p.public.t", 0}, change(Lsn{80}, Lsn{90}, 2)));
  EXPECT_FALSE(made->belongs("public.t", {"p.public.t", 0}, change(Lsn{95}, Lsn{85}, 3)));
}

TEST_F(History, ASecondLoadLeavesOutWhatCameBeforeIt) {
  begin();
  take(row(Lsn{50}, true, true));
  take(change(std::nullopt, Lsn{60}, 1));
  take(row(Lsn{200}, true, true));
  take(change(std::nullopt, Lsn{210}, 2));
  auto made = plan();
  ASSERT_TRUE(made);
  const PartitionId partition{"p.public.t", 0};
  EXPECT_FALSE(made->belongs("public.t", partition, row(Lsn{50})));
  EXPECT_FALSE(made->belongs("public.t", partition, change(std::nullopt, Lsn{60}, 1)));
  EXPECT_FALSE(made->belongs("public.t", partition, change(Lsn{70}, Lsn{65}, 1)));
  EXPECT_TRUE(made->belongs("public.t", partition, row(Lsn{200})));
  EXPECT_TRUE(made->belongs("public.t", partition, change(std::nullopt, Lsn{210}, 2)));
}

TEST_F(History, ATruncateEndsWhatCameBeforeItInEveryPartition) {
  begin();
  take(row(Lsn{50}, true, true));
  take(change(Lsn{60}, Lsn{70}, 1, 0, Operation::kTruncate));
  auto made = plan();
  ASSERT_TRUE(made);
  const PartitionId other{"p.public.t", 1};
  EXPECT_FALSE(made->belongs("public.t", other, row(Lsn{50})));
  EXPECT_FALSE(made->belongs("public.t", other, change(Lsn{60}, Lsn{65}, 1)));
  EXPECT_TRUE(made->belongs("public.t", other, change(Lsn{60}, Lsn{75}, 1)));
  EXPECT_TRUE(made->belongs("public.t", other, change(Lsn{80}, Lsn{55}, 2)));
}

TEST_F(History, ALoadOfACaptureStandsAmongTheChanges) {
  facts_.captured["public.t"] = {Lsn{100}, true, {}};
  begin();
  take(change(Lsn{60}, Lsn{70}, 1));
  take(change(Lsn{80}, Lsn{90}, 2));  // may have committed behind the load's beginning
  take(row(Lsn{120}));
  take(change(Lsn{120}, Lsn{130}, 3));
  auto made = plan();
  ASSERT_TRUE(made);
  const PartitionId partition{"p.public.t", 0};
  EXPECT_FALSE(made->belongs("public.t", partition, change(Lsn{60}, Lsn{70}, 1)));
  EXPECT_TRUE(made->belongs("public.t", partition, change(Lsn{80}, Lsn{90}, 2)));
  EXPECT_TRUE(made->belongs("public.t", partition, row(Lsn{120})));
  facts_.captured["public.t"].problem = "was renamed";
  EXPECT_NE(refusal().find("was renamed"), std::string::npos);
}

TEST(HiddenNulls, ANullBehindALargeValueIsDoubtfulUntilAnotherValueComes) {
  TableSchema schema;
  schema.table = {"public", "t"};
  schema.columns.resize(2);
  schema.columns[0].name = "id";
  schema.columns[1].name = "n";
  schema.columns[1].type_oid = 1700;
  schema.columns[1].out_of_line = true;
  schema.key = {0};
  const std::string digits(9000, '7');
  HiddenNulls nulls(envelope::BinaryMode::kBytes);
  const auto take = [&](EventKind kind, Value n, bool leaves_out) {
    const Value values[] = {std::int32_t{1}, n};
    Event event;
    event.kind = kind;
    event.schema = &schema;
    event.after = values;
    nulls.take(event, leaves_out);
  };
  take(EventKind::kInsert, Decimal{"12.5"}, false);
  take(EventKind::kUpdate, Null{}, true);
  EXPECT_FALSE(nulls.doubtful());
  take(EventKind::kUpdate, Decimal{digits}, true);
  take(EventKind::kUpdate, Null{}, true);
  EXPECT_EQ(nulls.doubtful(), "column n of the row (1) of public.t");
  take(EventKind::kUpdate, Decimal{"1"}, true);
  EXPECT_FALSE(nulls.doubtful());
}

}  // namespace
}  // namespace penstock::backbone
