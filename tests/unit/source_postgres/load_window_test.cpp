// What the stream's changes between two markers do to the rows read between them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "source/postgres/load/change_log.h"
#include "source/postgres/load/value_copy.h"
#include "source/postgres/load/window_merge.h"

namespace penstock::postgres {
namespace {

using Rows = std::map<std::int32_t, std::string>;  // id -> "note/page"

constexpr std::uint32_t kSeen = 10;    // committed before the snapshot
constexpr std::uint32_t kUnseen = 50;  // committed after it

// Table (id, note, page); "~" stands for Unchanged.
class Window : public ::testing::Test {
 protected:
  Window() {
    auto made = std::make_shared<TableSchema>();
    made->table = {"public", "t"};
    made->columns = {{"id", 23, -1, "integer"}, {"note", 25, -1, "text"}, {"page", 25, -1, "text"}};
    made->key = {0};
    schema_ = made;
    log_.emplace(*schema_);
    rows_.batch = std::make_shared<EventBatch>();
    rows_.snapshot = *parse_snapshot("20:50:30");
  }

  const Value* row(Arena& arena, std::int32_t id, const std::string& note, const std::string& page) {
    Value* values = arena.array<Value>(3);
    values[0] = id;
    values[1] = note == "~" ? Value(Unchanged{}) : Value(Text{arena.copy(note)});
    values[2] = page == "~" ? Value(Unchanged{}) : Value(Text{arena.copy(page)});
    return values;
  }
  const Value* key_only(Arena& arena, std::int32_t id) { return row(arena, id, "~", "~"); }

  void read(std::int32_t id, const std::string& note, const std::string& page) {
    Event event;
    event.kind = EventKind::kLoad;
    event.schema = schema_.get();
    event.after = row(rows_.batch->arena, id, note, page);
    rows_.batch->events.push_back(event);
    rows_.key_hashes.push_back(hash_key(key_of(*schema_, event.after)));
    ++rows_.rows;
  }

  void change(EventKind kind, std::uint32_t xid, const Value* after, const Value* before) {
    Event event;
    event.kind = kind;
    event.schema = schema_.get();
    event.after = after;
    event.before = before;
    ASSERT_TRUE(log_->note(event));
    log_->commit(xid);
    stream_.emplace();  // the batch is gone: the log must not borrow from it
  }
  void insert(std::uint32_t xid, std::int32_t id, const std::string& note, const std::string& page) {
    change(EventKind::kInsert, xid, row(*stream_, id, note, page), nullptr);
  }
  void update(std::uint32_t xid, std::int32_t id, const std::string& note, const std::string& page) {
    change(EventKind::kUpdate, xid, row(*stream_, id, note, page), nullptr);
  }
  void move(std::uint32_t xid, std::int32_t from, std::int32_t to, const std::string& note,
            const std::string& page) {
    change(EventKind::kUpdate, xid, row(*stream_, to, note, page), key_only(*stream_, from));
  }
  void remove(std::uint32_t xid, std::int32_t id) {
    change(EventKind::kDelete, xid, nullptr, key_only(*stream_, id));
  }
  void truncate(std::uint32_t xid) { change(EventKind::kTruncate, xid, nullptr, nullptr); }

  Rows merged() {
    again_ = merge_window(*schema_, rows_, *log_, 0, log_->end());
    Rows result;
    for (const Event& event : rows_.batch->events) {
      if (event.kind != EventKind::kLoad) continue;
      const auto id = *event.after[0].get<std::int32_t>();
      EXPECT_FALSE(result.contains(id)) << "row " << id << " twice";
      result[id] =
          std::string(event.after[1].get<Text>()->text) + "/" + std::string(event.after[2].get<Text>()->text);
    }
    return result;
  }

  // By key: asks for these ids; those that were read() before are found.
  void ask(const std::vector<std::int32_t>& ids, bool only_absent = false) {
    rows_.request_columns = {0};
    log_->keep_values(true);
    for (const std::int32_t id : ids) {
      ChunkRows::Request& request = rows_.requests.emplace_back();
      append_key(Value(id), request.wanted);
      request.only_absent = only_absent;
      const auto number = static_cast<std::uint32_t>(rows_.requests.size() - 1);
      bool found = false;
      for (const Event& event : rows_.batch->events)
        found = found || *event.after[0].get<std::int32_t>() == id;
      if (found) rows_.request_of.push_back(number);
      if (!found) missing_.push_back({number, id});
    }
    for (const auto& [number, id] : missing_) {
      Event event;
      event.kind = EventKind::kAbsent;
      event.schema = schema_.get();
      event.before = key_only(rows_.batch->arena, id);
      rows_.batch->events.push_back(event);
      rows_.key_hashes.push_back(0);
      rows_.request_of.push_back(number);
    }
  }
  std::vector<std::int32_t> absent() const {
    std::vector<std::int32_t> ids;
    for (const Event& event : rows_.batch->events)
      if (event.kind == EventKind::kAbsent) ids.push_back(*event.before[0].get<std::int32_t>());
    return ids;
  }

  std::shared_ptr<const TableSchema> schema_;
  std::optional<ChangeLog> log_;
  std::optional<Arena> stream_{std::in_place};
  ChunkRows rows_;
  std::vector<std::pair<std::uint32_t, std::int32_t>> missing_;
  std::vector<std::uint32_t> again_;
};

TEST_F(Window, AnEmptyOneLeavesTheRows) {
  read(1, "a", "p");
  EXPECT_EQ(merged(), (Rows{{1, "a/p"}}));
}

TEST_F(Window, WholeWritesAndDeletesOfTheStreamStandOnTheirOwn) {
  for (int id = 1; id <= 4; ++id) read(id, "old", "p");
  update(kUnseen, 1, "new", "q");
  remove(kUnseen, 2);
  insert(kUnseen, 9, "new", "q");
  update(kSeen, 3, "old", "p");
  EXPECT_EQ(merged(), (Rows{{4, "old/p"}}));
}

TEST_F(Window, TheChunkFillsUnchangedColumns) {
  read(1, "old", "page");
  update(kUnseen, 1, "new", "~");
  update(kUnseen, 1, "newer", "~");
  EXPECT_EQ(merged(), (Rows{{1, "newer/page"}}));
}

TEST_F(Window, WhatTheSnapshotSeesIsNotLaidOverNewerValues) {
  read(1, "newest", "page");
  update(kSeen, 1, "older", "~");
  EXPECT_EQ(merged(), (Rows{{1, "newest/page"}}));
}

TEST_F(Window, UnchangedFollowsKeyChanges) {
  read(1, "a", "page of 1");
  read(5, "e", "page of 5");
  move(kUnseen, 1, 2, "b", "~");
  move(kUnseen, 2, 3, "~", "~");
  update(kUnseen, 3, "c", "~");
  EXPECT_EQ(merged(), (Rows{{3, "c/page of 1"}, {5, "e/page of 5"}}));
}

TEST_F(Window, TheSnapshotMaySeeTheNewKeyAlready) {
  read(2, "b", "page");
  move(kSeen, 1, 2, "b", "~");
  update(kUnseen, 2, "c", "~");
  EXPECT_EQ(merged(), (Rows{{2, "c/page"}}));
}

TEST_F(Window, ANewRowUnderTheOldKeyIsNotTakenForTheMovedOne) {
  read(1, "new row", "new page");
  move(kSeen, 1, 2, "moved", "~");
  insert(kSeen, 1, "new row", "new page");
  EXPECT_EQ(merged(), (Rows{}));
}

TEST_F(Window, ADeletedKeyThatIsInsertedAnewIsTheStreams) {
  read(1, "old", "p");
  remove(kUnseen, 1);
  insert(kUnseen, 1, "new", "q");
  update(kUnseen, 1, "newer", "~");
  EXPECT_EQ(merged(), (Rows{}));
}

TEST_F(Window, SwappedKeysSwapTheirUnchangedColumns) {
  read(1, "a", "page of 1");
  read(2, "b", "page of 2");
  move(kUnseen, 1, 9, "a", "~");
  move(kUnseen, 2, 1, "b", "~");
  move(kUnseen, 9, 2, "a", "~");
  EXPECT_EQ(merged(), (Rows{{1, "b/page of 2"}, {2, "a/page of 1"}}));
}

TEST_F(Window, TruncateEmptiesChunkAndWindow) {
  read(1, "a", "p");
  read(2, "b", "q");
  update(kUnseen, 1, "c", "~");
  truncate(kUnseen);
  insert(kUnseen, 2, "d", "r");
  EXPECT_EQ(merged(), (Rows{}));
}

TEST_F(Window, ATruncateThatTheSnapshotSeesLeavesWhatCameAfterIt) {
  insert(kSeen, 1, "before", "p");
  truncate(kSeen);
  read(1, "after", "q");
  EXPECT_EQ(merged(), (Rows{{1, "after/q"}}));
}

TEST_F(Window, AMoveOutOfWhatTheStreamWroteWholeStaysTheStreams) {
  read(1, "a", "p");
  update(kSeen, 1, "a", "p");
  move(kUnseen, 1, 2, "b", "~");
  EXPECT_EQ(merged(), (Rows{}));
}

TEST_F(Window, ChangesOfOtherKeysDoNotMatter) {
  read(1, "a", "p");
  update(kUnseen, 7, "x", "~");
  move(kUnseen, 7, 8, "y", "~");
  remove(kUnseen, 9);
  EXPECT_EQ(merged(), (Rows{{1, "a/p"}}));
}

TEST_F(Window, FindsColumnsByName) {
  TableSchema sent = *schema_;
  std::swap(sent.columns[1], sent.columns[2]);
  sent.columns.push_back({"added", 23, -1, "integer"});
  read(1, "old", "page");
  Value after[4] = {Value(1), Value(Unchanged{}), Value(Text{"new"}), Value(3)};
  Event event;
  event.kind = EventKind::kUpdate;
  event.schema = &sent;
  event.after = after;
  ASSERT_TRUE(log_->note(event));
  EXPECT_EQ(merged(), (Rows{{1, "new/page"}}));
  sent.columns[1].type_oid = 17;
  EXPECT_FALSE(log_->note(event));
  sent.columns.erase(sent.columns.begin() + 1);
  EXPECT_FALSE(log_->note(event));
}

TEST_F(Window, ARequestedRowIsAnsweredOnceByWhoKnowsIt) {
  read(1, "a", "p");
  read(2, "b", "q");
  read(3, "c", "r");
  ask({1, 2, 3, 4, 5, 6, 7});
  update(kUnseen, 1, "new", "~");    // laid over
  remove(kUnseen, 2);                // the stream's
  update(kUnseen, 3, "new", "new");  // the stream's
  insert(kUnseen, 4, "n", "n");      // the stream's, so not absent
  move(kUnseen, 9, 5, "x", "~");     // there now, but its page was never seen
  insert(kSeen, 6, "n", "n");        // gone again before the snapshot
  EXPECT_EQ(merged(), (Rows{{1, "new/p"}}));
  EXPECT_EQ(absent(), (std::vector<std::int32_t>{6, 7}));
  EXPECT_EQ(again_, (std::vector<std::uint32_t>{4}));
}

TEST_F(Window, TheSweepAsksOnlyWhetherTheRowIsThere) {
  ask({1, 2}, true);
  move(kUnseen, 9, 1, "x", "~");
  merged();
  EXPECT_EQ(absent(), (std::vector<std::int32_t>{2}));
  EXPECT_TRUE(again_.empty());
}

TEST_F(Window, UnansweredRequestsAreMadeAgain) {
  read(1, "a", "p");
  ask({1});
  rows_.requests.emplace_back();
  rows_.unanswered = {1};
  EXPECT_EQ(merged(), (Rows{{1, "a/p"}}));
  EXPECT_EQ(again_, (std::vector<std::uint32_t>{1}));
  update(kUnseen, 1, "b", "~");
  rows_.key_hashes = {hash_key(key_of(*schema_, rows_.batch->events[0].after))};
  EXPECT_EQ(merged(), (Rows{{1, "b/p"}}));
  EXPECT_EQ(again_, (std::vector<std::uint32_t>{1}));
}

TEST_F(Window, TheLogForgetsWhatNoWindowNeeds) {
  for (int id = 0; id < 10000; ++id) remove(kUnseen, id);
  const std::size_t before = log_->bytes();
  log_->trim(9000);
  EXPECT_LT(log_->bytes(), before / 2);
  EXPECT_EQ(log_->end(), 10000U);
  std::size_t visited = 0;
  log_->visit(9000, 10000, [&](const RowChange& change) {
    EXPECT_EQ(change.xid, kUnseen);
    ++visited;
  });
  EXPECT_EQ(visited, 1000U);
  log_->trim(10000);
  remove(kUnseen, 1);
  EXPECT_EQ(log_->end(), 10001U);
}

std::string key(const Value& value) {
  std::string bytes;
  append_key(value, bytes);
  return bytes;
}

TEST(KeyBytes, AreEqualWhereTheDatabaseHoldsValuesEqual) {
  EXPECT_EQ(key(Decimal{"1.50"}), key(Decimal{"1.5"}));
  EXPECT_EQ(key(Decimal{"-0.00"}), key(Decimal{"0"}));
  EXPECT_EQ(key(Decimal{"100"}), key(Decimal{"100.0"}));
  EXPECT_NE(key(Decimal{"100"}), key(Decimal{"1"}));
  EXPECT_EQ(key(-0.0), key(0.0));
  EXPECT_EQ(key(std::nan("1")), key(-std::nan("2")));
  EXPECT_NE(key(Text{"a "}), key(Text{"a"}));
  EXPECT_NE(key(Null{}), key(Text{""}));
}

TEST(KeyBytes, CannotRunTogether) {
  EXPECT_NE(key(Text{"ab"}) + key(Text{"c"}), key(Text{"a"}) + key(Text{"bc"}));
}

TEST(ValueCopy, OwnsAllThatItShows) {
  Arena kept;
  Value copy;
  {
    Arena lost;
    Value* items = lost.array<Value>(2);
    items[0] = Text{lost.copy("item")};
    items[1] = Null{};
    StructField* fields = lost.array<StructField>(1);
    fields[0] = {lost.copy("list"), Array{items, 2, lost.copy("{item,NULL}")}};
    Value* lower = lost.array<Value>(1);
    *lower = Struct{fields, 1, lost.copy("(\"{item,NULL}\")")};
    copy = copy_value(Range{lower, nullptr, true, false, false}, kept);
    std::memset(lost.allocate(1), 0, 1);
  }
  const auto* list = copy.get<Range>()->lower->get<Struct>()->fields[0].value.get<Array>();
  EXPECT_EQ(copy.get<Range>()->lower->get<Struct>()->fields[0].name, "list");
  EXPECT_EQ(copy.get<Range>()->lower->get<Struct>()->text, "(\"{item,NULL}\")");
  EXPECT_EQ(list->text, "{item,NULL}");
  EXPECT_EQ(list->items[0].get<Text>()->text, "item");
  EXPECT_TRUE(list->items[1].is_null());
  EXPECT_EQ(copy.get<Range>()->upper, nullptr);
}

}  // namespace
}  // namespace penstock::postgres
