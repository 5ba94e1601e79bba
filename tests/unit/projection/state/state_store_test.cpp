// The state file: durable at save(), begun anew when it is of no use.
#include "projection/state/state_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "projection/state/key_code.h"

namespace penstock {
namespace {

class StateStoreTest : public testing::Test {
 protected:
  StateStoreTest() {
    options_.path =
        (std::filesystem::temp_directory_path() / ("penstock_store_" + std::to_string(::getpid()))).string();
    options_.cache_bytes = 1U << 20;
    remove_database(options_.path);
  }
  ~StateStoreTest() override { remove_database(options_.path); }

  std::unique_ptr<StateStore> open() {
    auto store = StateStore::open(options_);
    EXPECT_TRUE(store) << store.error().text();
    return std::move(*store);
  }
  static std::string key(std::int64_t number) {
    std::string out;
    append_integer_key(out, number);
    return out;
  }

  DatabaseOptions options_;
};

TEST_F(StateStoreTest, HoldsWhatWasSavedAndNothingElse) {
  std::string identity;
  {
    const auto store = open();
    identity = store->identity();
    EXPECT_FALSE(store->position());
    auto map = *store->open_map("a");
    ASSERT_TRUE(map->put("1", "saved"));
    ASSERT_TRUE(store->save({Lsn{5}, 2, Lsn{7}}));
    ASSERT_TRUE(map->put("2", "lost"));
    ASSERT_TRUE(map->erase("1"));
  }
  const auto store = open();
  EXPECT_EQ(store->identity(), identity);
  EXPECT_EQ(store->position(), (Position{Lsn{5}, 2, Lsn{7}}));
  auto map = *store->open_map("a");
  EXPECT_EQ(**map->get("1"), "saved");
  EXPECT_FALSE(*map->get("2"));
}

TEST_F(StateStoreTest, AFileThatIsNoDatabaseIsBegunAnew) {
  std::ofstream(options_.path) << std::string(10000, 'x');
  const auto store = open();
  EXPECT_EQ(store->identity().size(), 32U);
  ASSERT_TRUE(store->save({Lsn{5}, 0, Lsn{7}}));
}

TEST_F(StateStoreTest, ADamagedFileIsBegunAnewAndHasAnotherIdentity) {
  std::string identity;
  {
    const auto store = open();
    identity = store->identity();
    auto map = *store->open_map("a");
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE(map->put(key(i), std::string(100, 'v')));
    ASSERT_TRUE(store->save({Lsn{5}, 0, Lsn{7}}));
  }
  {
    std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(40960, '\xEE');
  }
  {
    // Noticed at the start, or when the damaged page is read; then it is removed, and the next start begins
    // anew.
    auto store = StateStore::open(options_);
    ASSERT_TRUE(store) << store.error().text();
    auto map = (*store)->open_map("a");
    if (map) {
      for (int i = 0; i < 5000; ++i) static_cast<void>((*map)->get(key(i)));
    }
  }
  EXPECT_NE(open()->identity(), identity);
}

TEST_F(StateStoreTest, BeginningAnewForgetsEverything) {
  const auto store = open();
  const std::string identity = store->identity();
  ASSERT_TRUE((*store->open_map("a"))->put("1", "x"));
  ASSERT_TRUE(store->save({Lsn{5}, 2, Lsn{7}}));
  ASSERT_TRUE(store->begin_anew());
  EXPECT_NE(store->identity(), identity);
  EXPECT_FALSE(store->position());
  EXPECT_FALSE(*(*store->open_map("a"))->get("1"));
}

TEST_F(StateStoreTest, MapsScanBothWaysWithinAPrefix) {
  const auto store = open();
  auto map = *store->open_map("a");
  for (const char* each : {"a1", "a2", "a3", "b1"}) ASSERT_TRUE(map->put(each, each));
  const auto scan = [&](std::string_view prefix, OrderedMap::Direction direction,
                        std::optional<std::string_view> after = std::nullopt) {
    std::string seen;
    EXPECT_TRUE(map->scan(
        prefix, direction,
        [&](std::string_view name, std::string_view) {
          seen += std::string(name) + " ";
          return Result<bool>(true);
        },
        after));
    return seen;
  };
  using enum OrderedMap::Direction;
  EXPECT_EQ(scan("a", kForward), "a1 a2 a3 ");
  EXPECT_EQ(scan("a", kBackward), "a3 a2 a1 ");
  EXPECT_EQ(scan("", kBackward), "b1 a3 a2 a1 ");
  EXPECT_EQ(scan("a", kForward, "a1"), "a2 a3 ");
  EXPECT_EQ(scan("a", kBackward, "a3"), "a2 a1 ");
  EXPECT_EQ(scan("", kForward, "a3"), "b1 ");
  ASSERT_TRUE(map->erase_prefix("a"));
  EXPECT_EQ(scan("", kForward), "b1 ");
  ASSERT_TRUE(map->erase_prefix(""));
  EXPECT_EQ(scan("", kForward), "");
}

class RowTables : public StateStoreTest, public testing::WithParamInterface<int> {
 protected:
  RowForm form() const {
    RowForm form;
    form.integer_key = GetParam() % 2 == 0;
    form.indexes = {{"owner", true}, {"kind", false}};
    if (GetParam() >= 2) form.clustered = 0;
    return form;
  }
};

TEST_P(RowTables, FindRowsByKeyAndByJoin) {
  const auto store = open();
  auto table = *RowTable::open(store->database(), 1, form());
  EXPECT_TRUE(*table->empty());
  EXPECT_TRUE(*table->insert(key(2), {key(9), "x"}, "two", 1));
  EXPECT_TRUE(*table->insert(key(1), {key(9), ""}, "one", 1));
  EXPECT_TRUE(*table->insert(key(3), {"", "x"}, "three", 1));
  EXPECT_FALSE(*table->insert(key(3), {key(9), "y"}, "again", 1));
  const auto keys = [&](std::size_t index, const std::string& value) {
    Arena arena;
    std::vector<std::string_view> found;
    EXPECT_TRUE(table->list_keys(index, value, std::nullopt, 100, arena, found));
    std::vector<std::int64_t> numbers;
    for (const std::string_view each : found) numbers.push_back(integer_of_key(each));
    return numbers;
  };
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(keys(0, key(9)), (Numbers{1, 2}));
  EXPECT_EQ(keys(1, "x"), (Numbers{2, 3}));
  Arena arena;
  EXPECT_EQ((*table->find(key(2), arena))->payload, "two");
  ASSERT_TRUE(table->replace(key(2), {key(9), "x"}, {key(8), "y"}, "moved", 4));
  EXPECT_EQ(keys(0, key(9)), (Numbers{1}));
  EXPECT_EQ(keys(0, key(8)), (Numbers{2}));
  EXPECT_EQ(keys(1, "y"), (Numbers{2}));
  EXPECT_EQ((*table->find(key(2), arena))->payload, "moved");
  EXPECT_EQ((*table->find(key(2), arena))->mark, 4);
  ASSERT_TRUE(table->erase(key(1), {key(9), ""}));
  EXPECT_FALSE(*table->find(key(1), arena));
  EXPECT_EQ(keys(0, key(9)), Numbers());
  std::vector<StoredRow> rows;
  ASSERT_TRUE(table->scan(std::nullopt, 10, arena, rows));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].payload, "moved");
  EXPECT_EQ(rows[1].payload, "three");
  ASSERT_TRUE(table->clear());
  EXPECT_TRUE(*table->empty());
  EXPECT_EQ(keys(1, "x"), Numbers());
}

TEST_P(RowTables, ManyRowsAtOnce) {
  const auto store = open();
  auto table = *RowTable::open(store->database(), 1, form());
  RowTable::NewRows rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    rows[i] = {key(number), {number % 3 == 0 ? "" : key(number / 4), "x"}, "row " + std::to_string(i)};
  }
  EXPECT_TRUE(*table->insert_many(rows, 1));
  // One is there, with another value to join on; the others come in all the same.
  for (std::size_t i = 1; i < rows.size(); ++i) rows[i].key = key(static_cast<std::int64_t>(100 + i));
  rows[0].joins = {key(77), "y"};
  EXPECT_FALSE(*table->insert_many(rows, 2));
  Arena arena;
  EXPECT_EQ((*table->find(key(0), arena))->mark, 1);
  EXPECT_EQ((*table->find(key(115), arena))->payload, "row 15");
  std::vector<std::string_view> found;
  ASSERT_TRUE(table->list_keys(1, "x", std::nullopt, 100, arena, found));
  EXPECT_EQ(found.size(), 31U);
}

// An index that is made late finds what one that was there from the beginning finds.
TEST_P(RowTables, IndexesMadeOnceTheRowsAreThere) {
  for (const bool late : {false, true}) {
    const auto store = open();
    auto table = *RowTable::open(store->database(), late ? 2 : 1, form());
    const auto make = [&] { ASSERT_TRUE(table->make_indexes()); };
    if (!late) make();
    for (std::int64_t i = 0; i < 50; ++i)
      EXPECT_TRUE(*table->insert(key(i), {key(i % 5), i % 2 == 0 ? "even" : ""}, "row", 1));
    if (late) make();
    ASSERT_TRUE(table->replace(key(2), {key(2), "even"}, {key(2), ""}, "row", 1));
    ASSERT_TRUE(table->erase(key(4), {key(4), "even"}));
    table = *RowTable::open(store->database(), late ? 2 : 1, form());
    Arena arena;
    std::vector<std::string_view> found;
    ASSERT_TRUE(table->list_keys(1, "even", key(6), 3, arena, found));
    EXPECT_EQ(found,
              (std::vector<std::string_view>{arena.copy(key(8)), arena.copy(key(10)), arena.copy(key(12))}));
    found.clear();
    ASSERT_TRUE(table->list_keys(1, "even", std::nullopt, 100, arena, found));
    EXPECT_EQ(found.size(), 23U);
  }
}

TEST_P(RowTables, ThatLieByAValueAreReadFromItOn) {
  if (!form().clustered) return;
  const auto store = open();
  auto table = *RowTable::open(store->database(), 1, form());
  for (std::int64_t i = 0; i < 20; ++i)
    EXPECT_TRUE(*table->insert(key(i), {i == 7 ? "" : key(i / 4 - 2), "x"}, "row", 1));
  Arena arena;
  std::vector<JoinedRow> rows;
  ASSERT_TRUE(table->list_from(key(-1), 6, arena, rows));
  std::string seen;
  for (const JoinedRow& row : rows)
    seen +=
        std::to_string(integer_of_key(row.join)) + ":" + std::to_string(integer_of_key(row.row.key)) + " ";
  EXPECT_EQ(seen, "-1:4 -1:5 -1:6 0:8 0:9 0:10 ");
  rows.clear();
  ASSERT_TRUE(table->list_from(key(2), 100, arena, rows));
  EXPECT_EQ(rows.size(), 4U);  // not the row joined with nothing
}

INSTANTIATE_TEST_SUITE_P(Forms, RowTables, testing::Range(0, 4));

}  // namespace
}  // namespace penstock
