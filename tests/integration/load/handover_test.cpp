// The hand-over between chunk and stream under eight writers: the rule loses nothing, each simpler form does.
#include <gtest/gtest.h>

#include "integration/load/replica.h"
#include "integration/load/writers.h"

namespace penstock::test {
namespace {

constexpr int kRows = 2000;

struct Outcome {
  std::size_t chunks = 0;
  std::size_t wrong = 0;  // rows that differ after a load
  int loads = 0;
};

std::size_t differences(const Table& expected, const Table& actual) {
  std::size_t wrong = 0;
  for (const auto& [key, row] : expected) {
    const auto found = actual.find(key);
    if (found == actual.end() || found->second != row) ++wrong;
  }
  for (const auto& [key, row] : actual)
    if (!expected.contains(key)) ++wrong;
  return wrong;
}

// Loads the table again and again while it is written, and compares after each load. Until `chunks` were
// read, or for a form that is expected to lose, until it has lost.
Outcome load_repeatedly(postgres::UnsafeForTest form, std::size_t chunks, bool stop_when_wrong) {
  Playground place;
  create_ledger(place, kRows);
  place.publish("ledger");
  postgres::LoaderOptions options;
  options.chunk_rows = 25;
  options.readers = 4;
  options.chunks_in_flight = 8;
  options.unsafe_for_test = form;
  Replica replica(place, options);
  Writers writers(place, kRows);
  const std::string name = place.name() + ".ledger";
  Outcome outcome;
  while (outcome.chunks < chunks && !(stop_when_wrong && outcome.wrong > 0)) {
    replica.load("ledger");
    writers.resume();
    EXPECT_TRUE(replica.pump([&] { return replica.loads_done(); }));
    writers.pause();
    EXPECT_TRUE(replica.catch_up());
    if (::testing::Test::HasFailure()) break;
    outcome.wrong += differences(place.rows("ledger"), replica.table(name));
    outcome.chunks = replica.chunks();
    ++outcome.loads;
  }
  std::cout << outcome.chunks << " chunks in " << outcome.loads << " loads beside " << writers.transactions()
            << " transactions, " << replica.rereads() << " re-reads: " << outcome.wrong << " wrong rows\n";
  return outcome;
}

std::size_t chunk_budget() {
  const char* wanted = std::getenv("PENSTOCK_TEST_CHUNKS");
  return wanted == nullptr ? 2000 : std::stoul(wanted);
}

TEST(HandOver, LosesNothingUnderEightWriters) {
  const Outcome outcome = load_repeatedly({}, chunk_budget(), false);
  EXPECT_EQ(outcome.wrong, 0U);
  EXPECT_GE(outcome.chunks, chunk_budget());
}

TEST(HandOver, LosesWhenTheSnapshotMayLackCommitsBeforeTheLowMarker) {
  postgres::UnsafeForTest form;
  form.any_snapshot = true;
  EXPECT_GT(load_repeatedly(form, 20 * chunk_budget(), true).wrong, 0U);
}

TEST(HandOver, LosesWhenTheLowMarkerIsNotAwaited) {
  postgres::UnsafeForTest form;
  form.low_not_awaited = true;
  EXPECT_GT(load_repeatedly(form, 20 * chunk_budget(), true).wrong, 0U);
}

TEST(HandOver, LosesWhenTheWindowIsNotMerged) {
  postgres::UnsafeForTest form;
  form.window_not_merged = true;
  EXPECT_GT(load_repeatedly(form, chunk_budget(), true).wrong, 0U);
}

}  // namespace
}  // namespace penstock::test
