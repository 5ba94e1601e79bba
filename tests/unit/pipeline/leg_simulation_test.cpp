// The leg under faults that no real server produces on demand, with seeds that are printed.
#include <gtest/gtest.h>

#include "pipeline/leg.h"
#include "support/cpp/bank.h"

namespace penstock {
namespace {

LegOptions small_groups() {
  LegOptions options;
  options.limits = {20, 1U << 20, 40, 1U << 20};
  options.queue_bytes = 64U << 10;
  options.until_current = true;
  return options;
}

class LegSimulation : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(LegSimulation, EndsEqualAndNeverShowsHalfATransactionWhileTheSinkFails) {
  test::BankStore store;
  test::BankSource source(GetParam(), 200);
  test::BankProjector projector;
  test::BankSink sink(store, GetParam(), 20);
  const auto outcome = run_leg(source, projector, sink, small_groups(), {});
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(store.documents, source.balances);
  EXPECT_EQ(store.half_seen, 0U);
  EXPECT_EQ(store.out_of_order, 0U);
  EXPECT_EQ(source.acknowledged.through_lsn, source.end_at_start());
}

TEST_P(LegSimulation, StopsAndStartsAnywhereWithoutLossOrDoubling) {
  test::BankStore store;
  std::mt19937_64 random(GetParam());
  std::map<std::int64_t, std::int64_t> expected;
  for (int life = 0; life < 8; ++life) {
    test::BankSource source(GetParam(), 300);
    expected = source.balances;
    test::BankProjector projector;
    test::BankSink sink(store, random(), 5);
    std::stop_source stop;
    const auto after = std::chrono::microseconds(random() % 20000);
    std::jthread stopper([&stop, after] {
      std::this_thread::sleep_for(after);
      stop.request_stop();
    });
    const auto outcome = run_leg(source, projector, sink, small_groups(), stop.get_token());
    // A stop during an outage gives the outage as the reason.
    if (!outcome) {
      EXPECT_EQ(outcome.error().kind, ErrorKind::kMongoUnavailable);
    }
    EXPECT_EQ(store.half_seen, 0U);
  }
  test::BankSource source(GetParam(), 300);
  test::BankProjector projector;
  test::BankSink sink(store, random(), 0);
  ASSERT_TRUE(run_leg(source, projector, sink, small_groups(), {}));
  EXPECT_EQ(store.documents, expected);
  EXPECT_EQ(store.out_of_order, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LegSimulation, ::testing::Range<std::uint64_t>(1, 13));

TEST(Leg, AnErrorThatCannotBeRetriedEndsItAndIsTheOutcome) {
  class Fenced final : public DocumentSink, public DocumentLane {
   public:
    explicit Fenced(DocumentSink& inner) : inner_(inner) {}
    Status lead(std::stop_token stop) override { return inner_.lead(stop); }
    Result<Checkpoint> take_over() override { return inner_.take_over(); }
    Status store_source(const SourceIdentity& s, const Position& p) override {
      return inner_.store_source(s, p);
    }
    Result<Requests> requests() override { return inner_.requests(); }
    Status rebuild_begun(const std::string& name) override { return inner_.rebuild_begun(name); }
    Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
      return inner_.stage(std::move(group));
    }
    DocumentLane& lane(std::size_t) override { return *this; }
    std::size_t lanes() const override { return 1; }
    Result<SweepPage> sweep(const DocumentShape& s, const std::string& a, std::size_t n) override {
      return inner_.sweep(s, a, n);
    }
    Result<CommitResult> commit(StagedGroup&) override {
      return fail(ErrorKind::kFenced, "another writer took over");
    }

   private:
    DocumentSink& inner_;
  };
  test::BankStore store;
  test::BankSource source(1, 100);
  test::BankProjector projector;
  test::BankSink inner(store, 1, 0);
  Fenced sink(inner);
  const auto outcome = run_leg(source, projector, sink, small_groups(), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kFenced);
  EXPECT_TRUE(store.documents.empty());
  EXPECT_FALSE(source.acknowledged.through_lsn.is_set());
}

}  // namespace
}  // namespace penstock
