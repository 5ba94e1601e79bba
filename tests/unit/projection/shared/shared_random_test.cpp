// Random definitions over random transactions whose tables come in any order among each other, settled by
// twins at any moment, who read, sleep and commit late: in the end the documents are those that nested loops
// over the tables give.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <map>
#include <optional>

#include "projection/shared/settlement.h"
#include "projection/shared/shared_views.h"
#include "projection/view/definition.h"
#include "unit/projection/shared/kept_store.h"
#include "unit/projection/shared/shared_start.h"
#include "unit/projection/view/random_views.h"

namespace penstock {
namespace {

using test::KeptStore;
using test::Naive;
using test::RandomViews;

class SharedViewsTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  SharedViewsTest() : random(GetParam()) {}

  struct Twin {
    std::unique_ptr<Settlement> settlement;
    // Between its reading and its commit.
    std::string lane;
    std::uint64_t sequence = 0;
    std::unique_ptr<WriteGroup> group;
  };

  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().text(); }

  void start(const std::vector<CollectionSpec>& specs) {
    const SharedOptions options = test::shared_options();
    auto made = SharedViews::make(specs, random.world.schemas(), options, kept);
    ASSERT_TRUE(made) << made.error().text();
    views = std::move(*made);
    for (Twin& twin : twins) {
      auto settlement = Settlement::make(specs, random.world.schemas(), options, kept);
      ASSERT_TRUE(settlement) << settlement.error().text();
      twin.settlement = std::move(*settlement);
    }
    test::make_collections(specs, documents);
  }

  void load() { test::load_all(random.world, *views, kept, documents, chunks); }

  // Each table's changes keep their order; tables do not.
  void stream() {
    const EventBatchPtr batch = random.transaction();
    for (std::size_t i = 0; i < batch->events.size(); ++i)
      if (batch->events[i].schema != nullptr)
        waiting[to_string(batch->events[i].schema->table)].emplace_back(batch, i);
  }
  bool deliver() {
    std::vector<std::string> tables;
    for (const auto& [name, events] : waiting)
      if (!events.empty()) tables.push_back(name);
    if (tables.empty()) return false;
    auto& events = waiting[tables[random.below(tables.size())]];
    const auto [batch, number] = events.front();
    events.pop_front();
    // A truncate empties the documents beside the lanes (ADR 4).
    if (batch->events[number].kind == EventKind::kTruncate) give_up();
    WriteGroup group;
    ok(views->change(*batch, number, number + 1, group));
    kept.apply(group, documents);
    return true;
  }

  // From one document a step to all at once.
  StepLimits limits() {
    constexpr std::array<std::size_t, 4> kRows{1, 2, 7, 2000};
    constexpr std::array<std::size_t, 4> kBytes{0, 60, 400, 4U << 20U};
    StepLimits limits;
    limits.rows = kRows.at(random.below(kRows.size()));
    limits.bytes = kBytes.at(random.below(kBytes.size()));
    return limits;
  }
  void read(Twin& twin) {
    const auto lanes = kept.lanes();
    if (twin.group || lanes.empty()) return;
    twin.lane = lanes[random.below(lanes.size())];
    twin.sequence = sequences[twin.lane];
    twin.group = std::make_unique<WriteGroup>();
    const auto step = twin.settlement->step(twin.lane, limits(), *twin.group);
    ASSERT_TRUE(step) << step.error().text();
  }
  void commit(Twin& twin) {
    if (!twin.group) return;
    if (sequences[twin.lane] == twin.sequence) {
      kept.apply(*twin.group, documents);
      ++sequences[twin.lane];
    } else {
      ++lost;
    }
    twin.settlement->forget();
    twin.group.reset();
  }
  void give_up() {
    for (Twin& twin : twins) twin.group.reset();
  }
  void settle() {
    for (int i = 0; i < 100000 && !kept.lanes().empty(); ++i) {
      read(twins[0]);
      commit(twins[0]);
    }
  }

  void disturb() {
    for (std::size_t i = random.below(4); i > 0; --i) {
      Twin& twin = twins[random.below(twins.size())];
      twin.group ? commit(twin) : read(twin);
    }
  }

  RandomViews random;
  KeptStore kept;
  test::DocumentStore documents;
  std::unique_ptr<SharedViews> views;
  std::array<Twin, 3> twins;
  std::map<std::string, std::uint64_t> sequences;
  std::map<std::string, std::deque<std::pair<EventBatchPtr, std::size_t>>> waiting;
  std::vector<EventBatchPtr> chunks;
  std::size_t lost = 0;
};

TEST_P(SharedViewsTest, DocumentsAreWhatTheTablesSayInWhateverOrderTheyCome) {
  const std::vector<CollectionSpec> specs{random.collection("first"), random.collection("second")};
  const Naive naive(random.world, random.expressions);
  start(specs);
  load();
  for (int round = 0; round < 10 && !HasFailure(); ++round) {
    for (int i = 0; i < 6; ++i) {
      stream();
      disturb();
      while (random.once_in(2) && deliver()) disturb();
    }
    while (deliver()) disturb();
    for (Twin& twin : twins) commit(twin);
    settle();
    for (const CollectionSpec& spec : specs)
      EXPECT_EQ(documents.documents(spec.name), naive.documents(spec))
          << "seed " << GetParam() << ": " << fingerprint(spec);
    EXPECT_TRUE(documents.rejected.empty()) << documents.rejected.front();
    EXPECT_TRUE(documents.rereads.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SharedViewsTest, testing::Range<std::uint64_t>(1, 61));

TEST(KeptMaps, ScansSeeWhatIsStoredAndWhatWasChangedInTheOrderOfTheKeysBytes) {
  KeptStore kept;
  KeptMaps maps(kept, KeptStore::kPipeline);
  std::map<std::string, std::string> expected;
  std::mt19937 chance(3);
  auto opened = maps.open_map("sales.index");
  ASSERT_TRUE(opened);
  OrderedMap& map = **opened;
  const auto key = [&] {
    std::string bytes;
    for (unsigned i = 0; i < 1 + chance() % 3; ++i)
      bytes += static_cast<char>(chance() % 4 == 0 ? 255 : chance() % 3);
    return bytes;
  };
  const auto scanned = [&](const std::string& prefix, OrderedMap::Direction direction,
                           const std::string* after) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto visit = [&](std::string_view name, std::string_view value) {
      found.emplace_back(name, value);
      return Result<bool>(true);
    };
    EXPECT_TRUE(map.scan(prefix, direction, visit,
                         after != nullptr ? std::optional<std::string_view>(*after) : std::nullopt));
    return found;
  };
  for (int round = 0; round < 400; ++round) {
    const std::string one = key();
    if (chance() % 3 == 0) {
      EXPECT_EQ(map.erase(one).value(), expected.erase(one) > 0);
    } else {
      ASSERT_TRUE(map.put(one, std::to_string(round)));
      expected[one] = std::to_string(round);
    }
    if (round % 7 == 0) {  // stored by a group
      WriteGroup group;
      KeptWrites writes(KeptStore::kPipeline);
      test::DocumentStore none;
      maps.flush(writes, group);
      kept.apply(group, none);
      if (chance() % 2 == 0) maps.forget();
    }
    const std::string prefix = chance() % 2 == 0 ? std::string() : key().substr(0, 1);
    const std::string after = prefix + key();
    const bool is_given = chance() % 2 == 0;
    std::vector<std::pair<std::string, std::string>> forward, backward;
    for (const auto& entry : expected) {
      if (!entry.first.starts_with(prefix)) continue;
      if (!is_given || entry.first > after) forward.push_back(entry);
      if (!is_given || entry.first < after) backward.insert(backward.begin(), entry);
    }
    EXPECT_EQ(scanned(prefix, OrderedMap::Direction::kForward, is_given ? &after : nullptr), forward);
    EXPECT_EQ(scanned(prefix, OrderedMap::Direction::kBackward, is_given ? &after : nullptr), backward);
  }
}

}  // namespace
}  // namespace penstock
