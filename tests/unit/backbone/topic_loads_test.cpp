// When a table counts as loaded, and with what it is begun.
#include "backbone/topic_loads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const PartitionId kOrders0{"shop.public.orders", 0};
const PartitionId kOrders1{"shop.public.orders", 1};
const PartitionId kLines{"shop.public.lines", 0};

class Loads : public testing::Test {
 protected:
  Loads() {
    tables.push_back({{"public", "orders"}, {kOrders0.topic}, "orders v1", nullptr});
    tables.push_back({{"public", "lines"}, {kLines.topic}, "", [this] { return state; }});
  }
  static std::vector<std::string> words(const std::vector<TableCheckpoint>& steps) {
    std::vector<std::string> words;
    for (const TableCheckpoint& step : steps)
      words.push_back(step.table + (step.state == LoadState::kLoaded ? " loaded " : " begins ") +
                      std::to_string(step.load_id));
    return words;
  }
  // What a run that loaded both has stored.
  Checkpoint after_loading() {
    TopicLoads loads(tables);
    loads.begin({});
    Checkpoint checkpoint;
    checkpoint.exists = true;
    for (const TableCheckpoint& step : loads.take_steps(true)) checkpoint.tables[step.table] = step;
    return checkpoint;
  }

  std::string state = "rows v1";
  std::vector<ReadTable> tables;
};

TEST_F(Loads, ATableIsLoadedOnceAllItsPartitionsAreReadUpToTheirEnds) {
  TopicLoads loads(tables);
  const auto beginnings = loads.begin({});
  EXPECT_EQ(beginnings.at("public.orders"), Beginning::kAnew);
  EXPECT_EQ(beginnings.at("public.lines"), Beginning::kAnew);
  EXPECT_THAT(words(loads.take_steps(false)), ElementsAre("public.orders begins 1", "public.lines begins 1"));
  loads.expect({{kOrders0, {0, 10}}, {kOrders1, {5, 8}}, {kLines, {0, 4}}});
  loads.reached(kOrders0, 10);
  loads.reached(kLines, 3);
  EXPECT_THAT(words(loads.take_steps(true)), IsEmpty());
  EXPECT_FALSE(loads.done());
  loads.reached(kOrders1, 8);
  EXPECT_THAT(words(loads.take_steps(true)), ElementsAre("public.orders loaded 1"));
  EXPECT_FALSE(loads.all_reached());
  loads.reached_end(kLines);  // the last offset is a transaction's own record
  EXPECT_TRUE(loads.all_reached());
  EXPECT_THAT(words(loads.take_steps(true)), ElementsAre("public.lines loaded 1"));
  EXPECT_TRUE(loads.done());
  EXPECT_THAT(words(loads.take_steps(true)), IsEmpty());
}

TEST_F(Loads, TopicsThatAreEmptyOrMissingHaveNothingToRead) {
  TopicLoads loads(tables);
  loads.begin({});
  loads.expect({{kOrders0, {7, 7}}});
  EXPECT_TRUE(loads.all_reached());
  EXPECT_THAT(words(loads.take_steps(true)), ElementsAre("public.orders begins 1", "public.orders loaded 1",
                                                         "public.lines begins 1", "public.lines loaded 1"));
}

TEST_F(Loads, EndsAreNotSaidBeforeTheyAreAskedFor) {
  TopicLoads loads(tables);
  loads.begin({});
  EXPECT_THAT(words(loads.take_steps(false)), ElementsAre("public.orders begins 1", "public.lines begins 1"));
  EXPECT_FALSE(loads.done());
}

TEST_F(Loads, WhatIsStoredGoesOn) {
  const Checkpoint stored = after_loading();
  TopicLoads loads(tables);
  for (const auto& [table, beginning] : loads.begin(stored))
    EXPECT_EQ(beginning, Beginning::kGoesOn) << table;
  EXPECT_TRUE(loads.done());
  EXPECT_THAT(words(loads.take_steps(true)), IsEmpty());
}

TEST_F(Loads, ALoadThatWasInterruptedGoesOnButForItsState) {
  Checkpoint stored = after_loading();
  for (auto& [name, table] : stored.tables) table.state = LoadState::kLoading;
  TopicLoads loads(tables);
  const auto beginnings = loads.begin(stored);
  EXPECT_EQ(beginnings.at("public.orders"), Beginning::kGoesOn);
  EXPECT_EQ(beginnings.at("public.lines"), Beginning::kRefills);
  EXPECT_FALSE(loads.done());
  EXPECT_THAT(words(loads.take_steps(true)), ElementsAre("public.orders loaded 1", "public.lines loaded 1"));
}

TEST_F(Loads, OtherDefinitionsBeginAnewAndAnotherStateIsRefilled) {
  const Checkpoint stored = after_loading();
  tables[0].definition = "orders v2";
  state = "rows v2";
  TopicLoads loads(tables);
  const auto beginnings = loads.begin(stored);
  EXPECT_EQ(beginnings.at("public.orders"), Beginning::kAnew);
  EXPECT_EQ(beginnings.at("public.lines"), Beginning::kRefills);
  EXPECT_THAT(words(loads.take_steps(false)), ElementsAre("public.orders begins 2", "public.lines begins 2"));
}

TEST_F(Loads, AResyncThatWasAskedForBeginsAnew) {
  Checkpoint stored = after_loading();
  stored.tables.at("public.orders").state = LoadState::kPending;
  TopicLoads loads(tables);
  EXPECT_EQ(loads.begin(stored).at("public.orders"), Beginning::kAnew);
  stored = after_loading();
  stored.restart = true;
  TopicLoads all(tables);
  for (const auto& [table, beginning] : all.begin(stored)) EXPECT_EQ(beginning, Beginning::kAnew) << table;
}

TEST_F(Loads, ATableIsBegunAnewWhileItRuns) {
  TopicLoads loads(tables);
  loads.begin(after_loading());
  loads.begin_anew("public.orders");
  loads.begin_anew("public.unknown");
  loads.expect({{kOrders0, {0, 2}}});
  EXPECT_THAT(words(loads.take_steps(true)), ElementsAre("public.orders begins 2"));
  EXPECT_FALSE(loads.done());
  loads.reached(kOrders0, 2);
  EXPECT_THAT(words(loads.take_steps(true)), ElementsAre("public.orders loaded 2"));
}

TEST_F(Loads, ProgressCountsRecordsOfReadPartitions) {
  TopicLoads loads(tables);
  loads.begin({});
  loads.expect({{kOrders0, {0, 10}}, {kOrders1, {5, 8}}});
  loads.reached(kOrders1, 9);
  for (const LoadProgress& one : loads.progress()) {
    if (one.table != "public.orders") continue;
    EXPECT_EQ(one.rows, 3U);
    EXPECT_EQ(one.estimated_rows, 13U);
    EXPECT_FALSE(one.done);
  }
}

}  // namespace
}  // namespace penstock::backbone
