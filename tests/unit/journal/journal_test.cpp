// A journal written, broken, pruned and read.
#include <gmock/gmock.h>

#include <fstream>
#include <limits>

#include "journal_fixture.h"
#include "model/row_codec.h"

namespace penstock::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(JournalTest, GivesWhatItWasGiven) {
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  add(*writer, {stream({{100, {3}}, {200, {4, 5}}})});
  EXPECT_THAT(replayed(), ElementsAre("load 1", "row 1", "row 2", "sweep", "insert 3", "commit 100",
                                      "insert 4", "insert 5", "commit 200", "loaded"));
  EXPECT_THAT(replayed({}, Loads::kInPlace), ElementsAre("load 1", "row 1", "row 2", "loaded", "insert 3",
                                                         "commit 100", "insert 4", "insert 5", "commit 200"));
}

TEST_F(JournalTest, KeepsEveryKindOfValueAndWhereItStood) {
  const Value items[] = {std::int32_t{1}, Null{}, Text{"x"}};
  const StructField fields[] = {{"a", std::int32_t{1}}, {"b", Null{}}};
  const Value one = std::int32_t{1};
  const Value nine = std::int32_t{9};
  const std::vector<Value> values = {std::int32_t{1},
                                     Null{},
                                     Unchanged{},
                                     true,
                                     std::numeric_limits<std::int64_t>::min(),
                                     -0.0,
                                     Decimal{"-12.50"},
                                     Text{"grün"},
                                     Bytes{std::string_view("\0\xFF", 2)},
                                     Date{19753, "2024-01-31"},
                                     Date{kPlusInfinity, "infinity"},
                                     Timestamp{1706745599500000, "2024-01-31 23:59:59.5", false},
                                     Timestamp{kMinusInfinity, "-infinity", true},
                                     Time{"10:00:00"},
                                     Interval{"1 mon"},
                                     Uuid{},
                                     Json{"{\"a\": 1}"},
                                     Array{items, 3, "{1,NULL,x}"},
                                     Struct{fields, 2, "(1,)"},
                                     Range{&one, &nine, true, false, false},
                                     Range{nullptr, nullptr, false, false, true}};
  std::vector<Column> columns;
  for (std::size_t i = 1; i < values.size(); ++i)
    columns.push_back({"c" + std::to_string(i), static_cast<std::uint32_t>(i), 5, "type", 7, i % 2 == 0});
  table_ = table_of("t", columns);
  auto batch = std::make_shared<EventBatch>();
  batch->schemas.push_back(table_);
  Event update;
  update.kind = EventKind::kUpdate;
  update.schema = table_.get();
  update.after = update.before = values.data();
  update.position = {Lsn{100}, 1, Lsn{50}};
  update.commit_micros = -7;
  update.lsn = Lsn{90};
  update.last_commit = Lsn{40};
  update.transaction = 4'000'000'000U;
  Event truncate = update;
  truncate.kind = EventKind::kTruncate;
  truncate.after = truncate.before = nullptr;
  truncate.position.ordinal = 2;
  truncate.lsn = Lsn{80};
  Event commit = truncate;
  commit.kind = EventKind::kCommit;
  commit.schema = nullptr;
  commit.position.through_lsn = Lsn{108};
  batch->events = {update, truncate, commit};
  auto writer = open();
  begin(*writer);
  add(*writer, {step(LoadState::kLoading), step(LoadState::kLoaded), batch});

  auto made = plan();
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(made->tables[0].schema->fingerprint(), table_->fingerprint());
  EXPECT_EQ(made->tables[0].schema->key, table_->key);
  EXPECT_EQ(made->tables[0].schema->columns[2].not_null, table_->columns[2].not_null);
  std::vector<EventBatchPtr> given;
  auto source = make_journal_source(std::move(*made), Loads::kAtEnd);
  ASSERT_TRUE(source->open(Checkpoint{}));
  ASSERT_TRUE(source->run({}, [&](EventBatchPtr& one_batch) {
    if (one_batch->events.size() == 3) given.push_back(one_batch);
    return true;
  }));
  ASSERT_EQ(given.size(), 1U);
  for (std::size_t i = 0; i < 3; ++i) {
    const Event& event = given[0]->events[i];
    const Event& wanted = batch->events[i];
    EXPECT_EQ(event.kind, wanted.kind);
    EXPECT_EQ(event.position, wanted.position);
    EXPECT_EQ(event.commit_micros, wanted.commit_micros);
    EXPECT_EQ(event.lsn, wanted.lsn);
    EXPECT_EQ(event.last_commit, wanted.last_commit);
    EXPECT_EQ(event.transaction, wanted.transaction);
    ASSERT_EQ(event.after == nullptr, wanted.after == nullptr);
  }
  const Event& event = given[0]->events[0];
  for (const Value* row : {event.after, event.before}) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(row[i].v.index(), values[i].v.index()) << i;
      EXPECT_EQ(to_text(row[i]), to_text(values[i])) << i;
      std::string was;
      std::string is;
      encode_value(was, values[i]);
      encode_value(is, row[i]);
      EXPECT_EQ(is, was) << i;
    }
  }
}

TEST_F(JournalTest, IsNotToldTwice) {
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  const auto first = stream({{100, {3}}, {200, {4, 5}, 0, false}});
  add(*writer, {first});
  writer = open();
  EXPECT_EQ(writer->position(), (Position{Lsn{200}, 2, Lsn{108}}));
  begin(*writer);
  through_ = 50;
  add(*writer, {stream({{100, {3}}, {200, {4, 5, 6}}})});
  EXPECT_THAT(replayed(), ElementsAre("load 1", "row 1", "row 2", "sweep", "insert 3", "commit 100",
                                      "insert 4", "insert 5", "insert 6", "commit 200", "loaded"));
}

TEST_F(JournalTest, ATransactionWithoutItsEndIsLeftOut) {
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  add(*writer, {stream({{100, {3}}, {200, {4, 5}, 0, false}})});
  EXPECT_THAT(replayed(),
              ElementsAre("load 1", "row 1", "row 2", "sweep", "insert 3", "commit 100", "loaded"));
}

// Whatever was cut off by a crash: what is whole before it stays, and the journal goes on behind it.
TEST_F(JournalTest, ATornEndIsCutOff) {
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  add(*writer, {stream({{100, {3}}})});
  const auto before = std::filesystem::file_size(last_segment());
  const auto lost = stream({{200, {4}}});
  add(*writer, {lost});
  writer.reset();
  const std::string torn = last_segment();
  const auto whole = std::filesystem::file_size(torn);
  std::string bytes(whole, '\0');
  std::ifstream(torn, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(whole));
  for (auto size = before; size < whole; ++size) {
    std::filesystem::resize_file(torn, size);
    ASSERT_EQ(open()->position().through_lsn, Lsn{108}) << size;
  }
  for (auto place = before; place < whole; ++place) {
    std::string damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x01);
    std::ofstream(torn, std::ios::binary | std::ios::trunc) << damaged;
    ASSERT_EQ(open()->position().through_lsn, Lsn{108}) << place;
  }
  writer = open();
  begin(*writer);
  add(*writer, {lost});
  EXPECT_THAT(replayed(), ElementsAre("load 1", "row 1", "row 2", "sweep", "insert 3", "commit 100",
                                      "insert 4", "commit 200", "loaded"));
}

// A paused process that goes on after another one took over: what it writes is nobody's.
TEST_F(JournalTest, AWriterThatLostItsPlaceWritesToNobody) {
  auto paused = open();
  begin(*paused);
  write_load(*paused);
  auto writer = open();
  begin(*writer);
  const auto next = stream({{100, {3}}});
  add(*paused, {stream({{300, {666}}})});
  add(*writer, {next});
  EXPECT_THAT(replayed(),
              ElementsAre("load 1", "row 1", "row 2", "sweep", "insert 3", "commit 100", "loaded"));
}

TEST_F(JournalTest, ReplaysUpToAPlaceOrATime) {
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  add(*writer, {stream({{100, {3}, 1000}, {200, {4}, 3000}, {300, {5}, 2000}})});
  const auto up_to = [](std::uint64_t lsn) { return AsOf{Lsn{lsn}, std::nullopt}; };
  EXPECT_EQ(replayed(up_to(108)).size(), 7U);
  EXPECT_EQ(replayed(up_to(207)), replayed(up_to(208))) << "a COMMIT is one record";
  EXPECT_EQ(replayed(up_to(208)).size(), 9U);
  EXPECT_EQ(replayed(up_to(308)).size(), 11U);
  EXPECT_THAT(replayed(up_to(309))[0], HasSubstr("ends at 0/134, before 0/135"));
  EXPECT_EQ(replayed({std::nullopt, 999}).size(), 5U);
  EXPECT_EQ(replayed({std::nullopt, 1000}).size(), 7U);
  EXPECT_EQ(replayed({std::nullopt, 2500}).size(), 7U) << "the order of commits, not that of their clocks";
  EXPECT_EQ(replayed({std::nullopt, 3000}).size(), 11U);
}

TEST_F(JournalTest, RefusesWhatItCannotProve) {
  auto writer = open();
  begin(*writer);
  add(*writer, {stream({{100, {3}}})});
  EXPECT_THAT(replayed()[0], HasSubstr("has no load of the table"));
  write_load(*writer);
  EXPECT_EQ(replayed().size(), 5U) << "what came before the load is in it";
  EXPECT_THAT(replayed({Lsn{60}, std::nullopt})[0], HasSubstr("complete since 0/6C ("));
  add(*writer, {stream({{200, {4}}})});

  writer = open();
  begin(*writer, "the stream was begun anew");
  add(*writer, {stream({{300, {5}}})});
  EXPECT_THAT(replayed()[0], HasSubstr("it is not complete for that table at any later time"));
  write_load(*writer, 2);
  EXPECT_EQ(replayed().size(), 5U);
  EXPECT_THAT(replayed({Lsn{250}, std::nullopt})[0], HasSubstr("--as-of 0/134 or later"));
  ASSERT_TRUE(writer->broken("public.t", "chunks were written without it"));
  EXPECT_THAT(replayed()[0], HasSubstr("has no load of the table"));
}

TEST_F(JournalTest, ALoadUnderWayIsNotSeenAndAFinishedOneSweeps) {
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  add(*writer, {step(LoadState::kLoading, 2), chunk({2}, 2)});
  EXPECT_THAT(replayed(), ElementsAre("load 1", "row 1", "row 2", "sweep", "row 2", "loaded"));
  add(*writer, {step(LoadState::kSweeping, 2), step(LoadState::kLoaded, 2)});
  EXPECT_THAT(replayed(),
              ElementsAre("load 1", "row 1", "row 2", "sweep", "load 2", "row 2", "sweep", "loaded"));
}

TEST_F(JournalTest, ForgetsWholeSegmentsAndSaysSo) {
  options_.segment_bytes = 4096;
  options_.keep_bytes = 40960;
  auto writer = open();
  begin(*writer);
  write_load(*writer);
  std::uint64_t commit = 100;
  const auto fill = [&] {
    for (int i = 0; i < 200; ++i, commit += 100) {
      std::vector<int> ids;
      for (int n = 0; n < 50; ++n)
        ids.push_back(static_cast<int>((commit * 7919 + static_cast<unsigned>(n) * 104729U) % 1000003U));
      add(*writer, {stream({{commit, ids}})});
    }
  };
  fill();
  auto found = outline(options_.folder, Tail::kVerified);
  ASSERT_TRUE(found);
  EXPECT_LE(found->bytes, 40960U + 4096U);
  EXPECT_GT(found->segments.size(), 5U);
  EXPECT_GT(found->segments.front().number, 1U);
  EXPECT_THAT(replayed()[0], HasSubstr("it is not complete for that table at any later time either"));
  write_load(*writer, 2);
  EXPECT_EQ(replayed().size(), 5U);
  writer = open();
  EXPECT_EQ(writer->position().through_lsn, Lsn{through_});
}

TEST_F(JournalTest, KnowsWhatALoadLacks) {
  auto writer = open();
  begin(*writer);
  TableCheckpoint stored;
  stored.table = "public.t";
  stored.load_id = 1;
  stored.state = LoadState::kLoaded;
  EXPECT_TRUE(writer->loads().missing(stored));
  add(*writer, {step(LoadState::kLoading), chunk({1, 2})});
  writer = open();  // from the file
  EXPECT_THAT(writer->loads().missing(stored).value_or(""), HasSubstr("the end of load 1"));
  stored.state = LoadState::kLoading;
  EXPECT_FALSE(writer->loads().missing(stored));
  stored.done.push_back({0, std::nullopt, {"2"}, 2});
  EXPECT_FALSE(writer->loads().missing(stored));
  stored.done.push_back({1, KeyText{"2"}, {"9"}, 2});
  EXPECT_THAT(writer->loads().missing(stored).value_or(""), HasSubstr("chunks of load 1"));
}

TEST_F(JournalTest, ColumnsThatAreNoMoreAreTakenAway) {
  auto writer = open();
  begin(*writer);
  table_ = table_of("t", {{"gone", 25, -1, "text", 25, false}});
  write_load(*writer);
  table_ = table_of("t", {{"come", 25, -1, "text", 25, false}});
  write_load(*writer, 2);
  auto made = plan();
  ASSERT_TRUE(made);
  auto source = make_journal_source(std::move(*made), Loads::kAtEnd);
  ASSERT_TRUE(source->open(Checkpoint{}));
  std::vector<std::size_t> columns;
  ASSERT_TRUE(source->run({}, [&](EventBatchPtr& batch) {
    if (batch->chunk) columns.push_back(batch->events.front().schema->columns.size());
    return true;
  }));
  EXPECT_THAT(columns, ElementsAre(1U, 2U));
}

TEST_F(JournalTest, AFolderOfAnotherPipelineIsRefused) {
  auto writer = open();
  begin(*writer);
  options_.pipeline = "another";
  const auto refused = Writer::open(options_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("is that of pipeline \"p\""));
}

}  // namespace
}  // namespace penstock::journal
