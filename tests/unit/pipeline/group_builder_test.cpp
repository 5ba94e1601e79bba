#include "pipeline/group_builder.h"

#include <gtest/gtest.h>

#include "support/cpp/bank.h"

namespace penstock {
namespace {

// Transactions of the given sizes, one batch; transaction n commits at 100 n.
EventBatchPtr transactions(const std::vector<std::size_t>& sizes, std::size_t first = 1) {
  auto batch = std::make_shared<EventBatch>();
  batch->schemas = {test::bank_schema()};
  for (std::size_t n = 0; n < sizes.size(); ++n) {
    const std::size_t number = first + n;
    for (std::size_t i = 0; i < sizes[n]; ++i) {
      Value* values = batch->arena.array<Value>(2);
      values[0] = static_cast<std::int64_t>(i);
      values[1] = static_cast<std::int64_t>(number);
      Event event;
      event.kind = EventKind::kUpdate;
      event.after = values;
      event.position = {Lsn{100 * number}, i + 1, Lsn{100 * number - 90}};
      batch->events.push_back(event);
    }
    Event commit;
    commit.position = {Lsn{100 * number}, sizes[n], Lsn{100 * number + 10}};
    batch->events.push_back(commit);
  }
  return batch;
}

std::vector<WriteGroup> build(GroupLimits limits, const EventBatchPtr& batch) {
  test::BankProjector projector;
  GroupBuilder builder(projector, limits);
  std::vector<WriteGroup> groups;
  std::size_t next = 0;
  while (next < batch->events.size()) {
    next = *builder.add(batch, next);
    if (builder.full()) groups.push_back(builder.take());
  }
  if (!builder.empty()) groups.push_back(builder.take());
  return groups;
}

TEST(GroupBuilder, ClosesAGroupAtTheEndOfTheTransactionThatReachesTheLimit) {
  const auto groups = build({5, 1U << 20, 100, 1U << 20}, transactions({2, 2, 2, 2, 2}));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].rows, 6U);
  EXPECT_EQ(groups[0].transactions, 3U);
  EXPECT_EQ(*groups[0].position, (Position{Lsn{300}, 2, Lsn{310}}));
  EXPECT_FALSE(groups[0].splits_transaction);
  EXPECT_EQ(groups[1].transactions, 2U);
}

TEST(GroupBuilder, SplitsALargeTransactionWithExactPositions) {
  const auto groups = build({5, 1U << 20, 10, 1U << 20}, transactions({25}));
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_TRUE(groups[0].splits_transaction);
  EXPECT_EQ(*groups[0].position, (Position{Lsn{100}, 10, Lsn{10}}));
  EXPECT_TRUE(groups[0].position->inside_transaction());
  EXPECT_EQ(*groups[1].position, (Position{Lsn{100}, 20, Lsn{10}}));
  EXPECT_FALSE(groups[2].splits_transaction);
  EXPECT_EQ(*groups[2].position, (Position{Lsn{100}, 25, Lsn{110}}));
  EXPECT_FALSE(groups[2].position->inside_transaction());
}

TEST(GroupBuilder, ALargeTransactionDoesNotShareAGroupWithTheOnesBefore) {
  const auto groups = build({50, 1U << 20, 10, 1U << 20}, transactions({4, 8, 3}));
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].rows, 4U);
  EXPECT_EQ(groups[1].rows, 8U);
  EXPECT_EQ(groups[2].rows, 3U);
  for (const auto& group : groups) EXPECT_FALSE(group.splits_transaction);
}

TEST(GroupBuilder, AnOpenTransactionStaysOutOfTheGroup) {
  test::BankProjector projector;
  GroupBuilder builder(projector, {50, 1U << 20, 100, 1U << 20});
  auto batch = transactions({2, 3});
  batch->events.pop_back();  // the second COMMIT has not arrived
  ASSERT_EQ(*builder.add(batch, 0), batch->events.size());
  const auto group = builder.take();
  EXPECT_EQ(group.rows, 2U);
  EXPECT_EQ(group.position->commit_lsn, Lsn{100});
  EXPECT_TRUE(builder.empty());
}

RejectedRecord rejected(std::int64_t offset, std::size_t value_bytes = 1) {
  RejectedRecord record;
  record.topic = "shop.public.things";
  record.offset = offset;
  record.value = std::string(value_bytes, '?');
  return record;
}

TEST(GroupBuilder, RejectedRecordsGoIntoTheGroupOfTheirBatch) {
  auto batch = transactions({2, 2});
  batch->rejected = {rejected(7), rejected(8)};
  const auto groups = build({50, 1U << 20, 100, 1U << 20}, batch);
  ASSERT_EQ(groups.size(), 1U);
  ASSERT_EQ(groups[0].rejected_records.size(), 2U);
  EXPECT_EQ(groups[0].rejected_records[1].offset, 8);
  EXPECT_TRUE(batch->rejected.empty());
}

TEST(GroupBuilder, NoGroupWithALaterPositionLeavesARejectedRecordBehind) {
  auto batch = transactions({25});  // several groups
  batch->rejected = {rejected(7)};
  const auto groups = build({5, 1U << 20, 10, 1U << 20}, batch);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].rejected_records.size(), 1U);
}

TEST(GroupBuilder, ABatchOfRejectedRecordsAloneIsSomethingToWrite) {
  test::BankProjector projector;
  GroupBuilder builder(projector, {});
  auto batch = std::make_shared<EventBatch>();
  batch->rejected = {rejected(7)};
  ASSERT_EQ(*builder.add(batch, 0), 0U);
  EXPECT_FALSE(builder.empty());
  EXPECT_FALSE(builder.position_only());
  EXPECT_EQ(builder.take().rejected_records.size(), 1U);
  EXPECT_TRUE(builder.empty());
}

TEST(GroupBuilder, RejectedRecordsCountTowardsTheBytesOfAGroup) {
  test::BankProjector projector;
  GroupBuilder builder(projector, {50, 1000, 100, 1U << 20});
  auto batch = transactions({2});
  batch->rejected = {rejected(7, 2000)};
  EXPECT_GT(batch->bytes(), 2000U);
  ASSERT_EQ(*builder.add(batch, 0), 0U);
  EXPECT_TRUE(builder.full());
  EXPECT_EQ(builder.take().rejected_records.size(), 1U);
  EXPECT_EQ(*builder.add(batch, 0), batch->events.size());
}

TEST(GroupBuilder, ProgressAloneIsAPositionWithoutWrites) {
  test::BankProjector projector;
  GroupBuilder builder(projector, {});
  auto batch = std::make_shared<EventBatch>();
  Event progress;
  progress.kind = EventKind::kProgress;
  progress.position.through_lsn = Lsn{500};
  batch->events.push_back(progress);
  ASSERT_EQ(*builder.add(batch, 0), 1U);
  EXPECT_TRUE(builder.position_only());
  EXPECT_EQ(builder.take().position->through_lsn, Lsn{500});
}

}  // namespace
}  // namespace penstock
