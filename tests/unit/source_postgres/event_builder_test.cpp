#include "source/postgres/event_builder.h"

#include <gtest/gtest.h>

#include "support/cpp/pgoutput_encoder.h"

namespace penstock::postgres {
namespace {

using Encode = test::PgOutputEncoder;
constexpr std::uint32_t kInt4 = 23;
constexpr std::uint32_t kText = 25;
constexpr std::uint32_t kOid = 100;

class NoLookup final : public RelationLookup {
 public:
  Result<std::vector<TableName>> partition_ancestors(std::uint32_t oid) override {
    if (oid == 201) return std::vector<TableName>{{"public", "orders"}};
    return std::vector<TableName>{};
  }
  Result<std::string> format_type(std::uint32_t, std::int32_t) override { return std::string("text"); }
  Result<pgtype::TypeInfo> type(std::uint32_t) override { return fail(ErrorKind::kBadValue, "no such type"); }
  Result<std::map<std::string, ColumnDetails>> column_details(std::uint32_t) override {
    return std::map<std::string, ColumnDetails>{};
  }
};

class EventBuilderTest : public ::testing::Test {
 protected:
  EventBuilderTest() {
    auto schema = std::make_shared<TableSchema>();
    schema->table = {"public", "orders"};
    schema->oid = kOid;
    schema->columns = {{"id", kInt4, -1, "integer"}, {"note", kText, -1, "text"}};
    schema->key = {0};
    TableDescription description;
    description.schema = schema;
    tables_["public.orders"] = description;
    make(Position{});
  }

  void make(Position start) {
    EventBuilder::Listener listener{[this](const Event&) { ++changes_; },
                                    [this](std::uint32_t xid) { xids_.push_back(xid); },
                                    [this](std::string_view content) { markers_.emplace_back(content); },
                                    [this](const std::string& table) { reloads_.push_back(table); }};
    relations_ = std::make_unique<RelationCache>(lookup_);
    builder_ = std::make_unique<EventBuilder>(*relations_, tables_, std::move(listener), start);
  }

  void feed(const std::string& payload, Lsn lsn = {}) {
    const auto outcome = builder_->handle(payload, lsn);
    ASSERT_TRUE(outcome) << outcome.error().message;
  }
  void announce() {
    feed(Encode::relation(kOid, "public", "orders", 'd', {{"id", kInt4, true}, {"note", kText}}));
  }
  void transaction(std::uint64_t commit_lsn, std::uint64_t end_lsn, int rows) {
    feed(Encode::begin(commit_lsn, static_cast<std::uint32_t>(commit_lsn)));
    announce();
    for (int i = 0; i < rows; ++i)
      feed(Encode::insert(kOid, {test::text(std::to_string(i)), test::text("x")}));
    feed(Encode::commit(commit_lsn, end_lsn));
  }
  std::vector<Event> take() {
    batch_ = builder_->cut();
    return batch_ ? batch_->events : std::vector<Event>{};
  }

  NoLookup lookup_;
  TableBook tables_;
  std::unique_ptr<RelationCache> relations_;
  std::unique_ptr<EventBuilder> builder_;
  EventBatchPtr batch_;
  int changes_ = 0;
  std::vector<std::uint32_t> xids_;
  std::vector<std::string> markers_, reloads_;
};

TEST_F(EventBuilderTest, NumbersRowsWithinTheirTransaction) {
  transaction(100, 110, 2);
  const auto events = take();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].position, (Position{Lsn{100}, 1, Lsn{0}}));
  EXPECT_EQ(events[1].position, (Position{Lsn{100}, 2, Lsn{0}}));
  EXPECT_EQ(events[2].kind, EventKind::kCommit);
  EXPECT_EQ(events[2].position, (Position{Lsn{100}, 2, Lsn{110}}));
  EXPECT_EQ(changes_, 2);
}

// On PostgreSQL 17 and later a COMMIT's end LSN can equal the LSN of the next transaction's first change.
// Debezium compared LSNs of changes and lost the next transaction (dbz#76, dbz#51, dbz#1554).
TEST_F(EventBuilderTest, dbz76_TransactionThatStartsWhereTheLastEndedIsNotSkipped) {
  make(Position{Lsn{100}, 2, Lsn{110}});
  transaction(110, 120, 1);
  const auto events = take();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].position.commit_lsn, Lsn{110});
}

TEST_F(EventBuilderTest, dbz51_AppliedTransactionsAreSkippedAfterARestart) {
  make(Position{Lsn{100}, 2, Lsn{110}});
  transaction(90, 95, 3);
  transaction(100, 110, 2);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(xids_, (std::vector<std::uint32_t>{90, 100}));  // but their xids are known to the snapshot rule
}

TEST_F(EventBuilderTest, dbz1554_SplitTransactionGoesOnAfterItsLastAppliedRow) {
  make(Position{Lsn{100}, 2, Lsn{90}});
  transaction(100, 110, 4);
  const auto events = take();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].position.ordinal, 3U);
  EXPECT_EQ(*events[0].after[0].get<std::int32_t>(), 2);
  EXPECT_EQ(events[2].kind, EventKind::kCommit);
}

TEST_F(EventBuilderTest, SplitTransactionAppliedToItsLastRowStillEndsWithACommit) {
  make(Position{Lsn{100}, 2, Lsn{90}});
  transaction(100, 110, 2);
  const auto events = take();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, EventKind::kCommit);
}

TEST_F(EventBuilderTest, ReconnectInsideATransactionRepeatsNothing) {
  feed(Encode::begin(100, 1));
  announce();
  feed(Encode::insert(kOid, {test::text("0"), test::text("x")}));
  builder_->restart();
  transaction(100, 110, 3);
  const auto events = take();
  ASSERT_EQ(events.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(*events[i].after[0].get<std::int32_t>(), static_cast<int>(i));
}

TEST_F(EventBuilderTest, TransactionWithoutWantedRowsIsMereProgress) {
  feed(Encode::begin(100, 1));
  feed(Encode::relation(999, "public", "test", 'd', {{"number", 21}}));
  feed(Encode::insert(999, {test::text("1")}));
  feed(Encode::commit(100, 110));
  const auto events = take();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, EventKind::kProgress);
  EXPECT_EQ(events[0].position.through_lsn, Lsn{110});
}

TEST_F(EventBuilderTest, KeepaliveAdvancesOnlyBetweenTransactions) {
  builder_->keepalive(Lsn{50});
  EXPECT_EQ(builder_->handled().through_lsn, Lsn{50});
  feed(Encode::begin(100, 1));
  builder_->keepalive(Lsn{99});
  EXPECT_EQ(builder_->handled().through_lsn, Lsn{50});
}

TEST_F(EventBuilderTest, MarkersAreReportedAfterTheirCommit) {
  feed(Encode::begin(100, 7));
  feed(Encode::message("penstock", "low 1"));
  feed(Encode::message("somebody", "else"));
  EXPECT_TRUE(markers_.empty());
  feed(Encode::commit(100, 110));
  EXPECT_EQ(markers_, std::vector<std::string>{"low 1"});
  EXPECT_TRUE(builder_->take_marker_reached());
  EXPECT_FALSE(builder_->take_marker_reached());
}

// PostgreSQL gives a message the LSN of its record's end, where the COMMIT of its transaction begins.
TEST_F(EventBuilderTest, AMessageOutsideOfTransactionsHidesNoTransactionThatCommitsThere) {
  builder_->pass_messages();
  feed(Encode::message("shop", "now", false, 100), Lsn{100});
  feed(Encode::message("shop", "now", false, 100), Lsn{100});  // once more, after a reconnect
  transaction(100, 110, 1);
  const auto events = take();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].kind, EventKind::kMessage);
  EXPECT_EQ(events[2].kind, EventKind::kInsert);
}

class WrittenBeforeTest : public EventBuilderTest {
 protected:
  // Keys of the rows that are left: two updates and a COPY of three rows, all of transaction 7.
  std::vector<int> rows_left(const WrittenBefore& written) {
    make(Position{{}, 0, Lsn{50}});
    builder_->leave_out(written);
    feed(Encode::begin(100, 7), Lsn{40});
    announce();
    feed(Encode::update(kOid, {test::text("1"), test::text("x")}), Lsn{40});
    feed(Encode::update(kOid, {test::text("2"), test::text("x")}), Lsn{60});
    for (const char* key : {"3", "4", "5"})
      feed(Encode::insert(kOid, {test::text(key), test::text("x")}), Lsn{70});
    feed(Encode::commit(100, 110));
    std::vector<int> keys;
    for (const Event& event : take())
      if (event.after != nullptr) keys.push_back(*event.after[0].get<std::int32_t>());
    return keys;
  }
};

TEST_F(WrittenBeforeTest, LeavesOutUpToTheNewest) {
  EXPECT_EQ(rows_left({7, Lsn{60}, {}, false, {}}), (std::vector<int>{3, 4, 5}));
  EXPECT_EQ(rows_left({7, Lsn{70}, {}, false, {}}), std::vector<int>{});
  EXPECT_EQ(rows_left({7, Lsn{70}, 2, false, {}}), std::vector<int>{5});
  EXPECT_EQ(rows_left({7, Lsn{70}, 0, false, {}}), (std::vector<int>{3, 4, 5}));
}

TEST_F(WrittenBeforeTest, LeavesOutNothingOfAnotherTransaction) {
  EXPECT_EQ(rows_left({6, Lsn{60}, {}, false, {}}).size(), 5U);
  EXPECT_EQ(rows_left({}).size(), 5U);
}

TEST_F(WrittenBeforeTest, AMessageStandsBeforeTheChangeAtItsLsn) {
  EXPECT_EQ(rows_left({7, Lsn{60}, {}, true, {}}), (std::vector<int>{2, 3, 4, 5}));
}

TEST_F(WrittenBeforeTest, ThePositionGoesOnBehindWhatIsLeftOut) {
  rows_left({7, Lsn{60}, {}, false, {}});
  EXPECT_EQ(builder_->handled(), (Position{Lsn{100}, 5, Lsn{110}}));
}

TEST_F(EventBuilderTest, KeyOnlyOldRowsHoldNothingButTheIdentity) {
  feed(Encode::begin(100, 7));
  announce();
  feed(Encode::update(kOid, 'K', {test::text("1"), test::null_cell()}, {test::text("2"), test::unchanged()}));
  feed(Encode::commit(100, 110));
  const auto events = take();
  EXPECT_EQ(*events[0].before[0].get<std::int32_t>(), 1);
  EXPECT_TRUE(events[0].before[1].is_unchanged());
  EXPECT_TRUE(events[0].after[1].is_unchanged());
}

TEST_F(EventBuilderTest, RowsOfALeafArriveUnderTheirRoot) {
  feed(Encode::begin(100, 7));
  feed(Encode::relation(201, "public", "orders_2024", 'd', {{"note", kText}, {"id", kInt4, true}}));
  feed(Encode::insert(201, {test::text("x"), test::text("5")}));
  feed(Encode::commit(100, 110));
  const auto events = take();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(to_string(events[0].schema->table), "public.orders");
  EXPECT_EQ(events[0].schema->key, std::vector<std::uint16_t>{1});
}

TEST_F(EventBuilderTest, TruncateOfALeafAloneReloadsTheTable) {
  feed(Encode::begin(100, 7));
  feed(Encode::relation(201, "public", "orders_2024", 'd', {{"id", kInt4, true}, {"note", kText}}));
  feed(Encode::truncate({201}));
  feed(Encode::commit(100, 110));
  EXPECT_EQ(reloads_, std::vector<std::string>{"public.orders"});
  for (const auto& event : take()) EXPECT_NE(event.kind, EventKind::kTruncate);
}

TEST_F(EventBuilderTest, TruncateOfTheRootCountsOnceWithItsLeaves) {
  feed(Encode::begin(100, 7));
  announce();
  feed(Encode::relation(201, "public", "orders_2024", 'd', {{"id", kInt4, true}, {"note", kText}}));
  feed(Encode::truncate({201, kOid}));
  feed(Encode::commit(100, 110));
  const auto events = take();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].kind, EventKind::kTruncate);
  EXPECT_TRUE(reloads_.empty());
}

TEST_F(EventBuilderTest, ABadValueNamesTableColumnTypeAndLsn) {
  feed(Encode::begin(0x1600000010, 7));
  announce();
  const auto outcome = builder_->handle(Encode::insert(kOid, {test::text("twelve"), test::text("x")}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kBadValue);
  EXPECT_NE(outcome.error().message.find("public.orders.id (integer) at LSN 16/10"), std::string::npos)
      << outcome.error().message;
}

TEST_F(EventBuilderTest, ARowBeforeItsRelationIsAProtocolError) {
  feed(Encode::begin(100, 7));
  const auto outcome = builder_->handle(Encode::insert(55, {test::text("1")}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kPostgresProtocol);
}

}  // namespace
}  // namespace penstock::postgres
