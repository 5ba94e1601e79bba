// Random definitions over random transactions, with crashes anywhere: after each round the documents are
// those that nested loops over the tables give. The seed is the test's number.
#include <gtest/gtest.h>

#include "unit/projection/view/random_views.h"
#include "unit/projection/view/view_leg.h"

namespace penstock {
namespace {

using test::Naive;
using test::RandomViews;
using test::ViewLeg;

// Small bounds, so that groups overflow, changes fan out as tasks, and builds take many steps.
void bound(ViewOptions& options, RandomViews& random) {
  options.fan_out.walk = 1 + random.below(6);
  options.fan_out.marks = 1 + random.below(20);
  options.group_documents = 1 + random.below(20);
  options.step_documents = 1 + random.below(4);
  options.build_documents = 1 + random.below(4);
}

class RandomViewsTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  RandomViewsTest() : random(GetParam()) {}

  // Whatever may come between two groups.
  void disturb(ViewLeg& leg) {
    while (random.once_in(2)) leg.step();
    if (random.once_in(4)) leg.save();
    if (random.once_in(8)) leg.crash();
  }
  void stream(ViewLeg& leg) {
    if (random.once_in(10)) {
      leg.take_and_crash(random.transaction());
    } else {
      leg.take(random.transaction());
    }
    disturb(leg);
  }
  void load(ViewLeg& leg, const std::string& table, std::uint64_t load_id) {
    leg.load_step(table, LoadState::kLoading, load_id);
    for (std::size_t part = 0; part < 2; ++part) {
      disturb(leg);
      stream(leg);
      // Rows may change parts meanwhile, which real chunks exclude: the last one reads them all.
      leg.load_chunk(random.world.chunk(table, load_id, 0, part == 0 ? 2 : 1));
      if (random.once_in(4)) leg.crash();
    }
    leg.load_step(table, LoadState::kLoaded, load_id);
  }
  void compare(ViewLeg& leg, const Naive& naive) {
    for (const CollectionSpec& spec : leg.specs()) {
      EXPECT_EQ(leg.store.documents(spec.name), naive.documents(spec))
          << "seed " << GetParam() << ": " << fingerprint(spec);
    }
    EXPECT_TRUE(leg.store.rejected.empty()) << leg.store.rejected.front();
    EXPECT_FALSE(leg.projector().pending().since);
  }

  RandomViews random;
};

TEST_P(RandomViewsTest, DocumentsAreWhatTheTablesSay) {
  std::vector<CollectionSpec> specs{random.collection("first"), random.collection("second")};
  const Naive naive(random.world, random.expressions);
  ViewLeg leg(random.world, specs, test::state_path("random_" + std::to_string(GetParam())));
  bound(leg.options, random);
  leg.start();
  for (const auto& [name, table] : random.world.tables()) load(leg, name, 1);
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (int i = 0; i < 6; ++i) stream(leg);
    leg.settle();
    compare(leg, naive);
    if (round % 4 == 3)
      load(leg, "public.t" + std::to_string(random.below(4)), static_cast<std::uint64_t>(round));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomViewsTest, testing::Range<std::uint64_t>(1, 61));

}  // namespace
}  // namespace penstock
