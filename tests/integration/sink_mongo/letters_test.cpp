// Letters: parked with their group, read again, renewed or removed with what answers them.
#include <gmock/gmock.h>

#include "integration/sink_mongo/sink_fixture.h"
#include "sink/mongo/letters/letter_box.h"

namespace penstock::mongo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LettersTest : public testing::SinkFixture {
 protected:
  void SetUp() override {
    SinkFixture::SetUp();
    auto box = LetterBox::open(uri_, database_, "shop");
    ASSERT_TRUE(box);
    box_ = std::move(*box);
  }

  Options parking() const {
    Options parking = options();
    parking.dead_letters = true;
    parking.made_from = {{"public.things", {"things"}}};
    return parking;
  }

  std::vector<Letter> letters(const std::string& collection = "") {
    auto found = box_->list(collection, 0);
    EXPECT_TRUE(found) << found.error().text();
    return found.value_or(std::vector<Letter>());
  }

  static RejectedRecord record(std::int64_t offset, const std::string& table = "public.things") {
    RejectedRecord record;
    record.topic = "shop.public.things";
    record.partition = 2;
    record.offset = offset;
    record.key = R"({"id":7})";
    record.value = std::string("\xff\x00{", 3);
    record.headers = {{"trace", "abc"}};
    record.table = table;
    record.row_columns = {"id"};
    record.row_key = {"7"};
    record.error = make_error(ErrorKind::kBadValue, "the value is no JSON", "do something");
    return record;
  }

  static Reread asks_for(const Letter& letter, const std::string& token) {
    Reread row;
    row.table = letter.table;
    row.columns = letter.columns;
    row.key = letter.key;
    row.token = token;
    return row;
  }

  // The chunk that answers the stored requests which a start of the pipeline would find.
  ChunkResult answer() {
    ChunkResult chunk;
    chunk.table = "public.things";
    chunk.by_key = true;
    const auto checkpoint = open_reader()->read_checkpoint();
    EXPECT_TRUE(checkpoint);
    if (checkpoint) chunk.answered = checkpoint->rereads;
    return chunk;
  }

  // What a chunk writes has no position.
  WriteGroup answering(WriteGroup group, ChunkResult chunk) {
    for (DocumentWrite& write : group.writes) write.position = {};
    group.chunk = std::move(chunk);
    return group;
  }

  std::unique_ptr<LetterBox> box_;
};

TEST_F(LettersTest, records_are_parked_once_however_often_they_come) {
  const auto sink = open_sink(parking());
  for (int i = 0; i < 2; ++i) {
    WriteGroup group = group_.take(100 + static_cast<std::uint64_t>(i));
    group.rejected_records = {record(4711), record(4712, "")};
    EXPECT_EQ(commit(*sink, std::move(group)).dead_letters, 2U);
  }
  const auto of_things = letters("things");
  ASSERT_THAT(of_things, SizeIs(1));
  const Letter& letter = of_things.front();
  EXPECT_EQ(letter.record->topic, "shop.public.things");
  EXPECT_EQ(letter.record->partition, 2);
  EXPECT_EQ(letter.record->offset, 4711);
  EXPECT_EQ(letter.table, "public.things");
  EXPECT_TRUE(letter.has_row());
  EXPECT_EQ(letter.error, "the value is no JSON");
  EXPECT_EQ(letter.remedy, "do something");
  EXPECT_THAT(letters(), SizeIs(2)) << "also the one of no collection";
  const auto whole = box_->contents(letter);
  ASSERT_TRUE(whole) << whole.error().text();
  EXPECT_TRUE(whole->key->text);
  EXPECT_EQ(whole->key->shown, R"({"id":7})");
  EXPECT_FALSE(whole->value->text);
  EXPECT_EQ(whole->value->shown, "/wB7");
  ASSERT_THAT(whole->headers, SizeIs(1));
  EXPECT_EQ(whole->headers[0].value->shown, "abc");
}

TEST_F(LettersTest, letters_without_a_position_are_something_to_write) {
  const auto sink = open_sink(parking());
  WriteGroup group = group_.take();
  group.rejected_records = {record(1)};
  commit(*sink, std::move(group));
  EXPECT_THAT(letters("things"), SizeIs(1));
}

TEST_F(LettersTest, a_row_that_is_written_takes_its_marked_letters_with_it) {
  const auto sink = open_sink(parking());
  json_command(database_, R"({"collMod": "things", "validator": {"note": {"$ne": "bad"}}})");
  commit(*sink, group_.insert(7, "a", "bad").insert(8, "b", "bad").take(100));
  commit(*sink, group_.at(200).replace(7, "a", "bad").take(200));
  auto parked = letters();
  ASSERT_THAT(parked, SizeIs(3));
  std::erase_if(parked, [](const Letter& one) { return one.key != KeyText{"7"}; });
  ASSERT_TRUE(box_->mark(parked, "one"));
  ASSERT_TRUE(open_reader()->request_repair({asks_for(parked.front(), "one")}));
  EXPECT_EQ(box_->any_waits(parked, "one"), true);
  EXPECT_EQ(box_->any_waits(parked, "two"), false);
  commit(*sink, answering(group_.replace(7, "a", "good").take(), answer()), 1);
  EXPECT_EQ(box_->any_waits(parked, "one"), false);
  const auto left = letters();
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left.front().key, KeyText{"8"});
  EXPECT_EQ(*box_->has_document(parked.front()), true);
  EXPECT_EQ(*box_->has_document(left.front()), false);
  EXPECT_THAT(answer().answered, IsEmpty());
}

TEST_F(LettersTest, a_row_that_fails_again_keeps_its_letter_with_the_new_reason) {
  const auto sink = open_sink(parking());
  commit(*sink, group_.insert(8, "b", "x").take(50));
  json_command(database_, R"({"collMod": "things", "validator": {"note": {"$ne": "bad"}}})");
  commit(*sink, group_.insert(7, "a", "bad").take(100));
  const auto before = letters();
  ASSERT_THAT(before, SizeIs(1));
  ASSERT_TRUE(box_->mark(before, "one"));
  ASSERT_TRUE(open_reader()->request_repair({asks_for(before.front(), "one")}));
  EXPECT_TRUE(letters().front().waiting);
  commit(*sink, answering(group_.replace(7, "again", "bad").take(), answer()), 1);
  const auto after = letters();
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_EQ(after.front().id, before.front().id);
  EXPECT_FALSE(after.front().waiting);
  EXPECT_EQ(after.front().commit_lsn, Lsn{100});
  EXPECT_THAT(box_->contents(after.front())->row_json, ::testing::HasSubstr("again"));
  EXPECT_THAT(answer().answered, IsEmpty());
}

TEST_F(LettersTest, a_record_whose_row_is_written_is_done_with_too) {
  const auto sink = open_sink(parking());
  WriteGroup group = group_.take(100);
  group.rejected_records = {record(4711)};
  commit(*sink, std::move(group));
  const auto parked = letters();
  ASSERT_TRUE(box_->mark(parked, "one"));
  ASSERT_TRUE(open_reader()->request_repair({asks_for(parked.front(), "one")}));
  commit(*sink, answering(group_.replace(7, "a", "good").take(), answer()), 1);
  EXPECT_THAT(letters(), IsEmpty());
}

TEST_F(LettersTest, an_answer_to_an_earlier_request_leaves_the_new_one_and_its_letters) {
  const auto sink = open_sink(parking());
  json_command(database_, R"({"collMod": "things", "validator": {"note": {"$ne": "bad"}}})");
  commit(*sink, group_.insert(7, "a", "bad").take(100));
  const auto parked = letters();
  ASSERT_TRUE(box_->mark(parked, "one"));
  ASSERT_TRUE(open_reader()->request_repair({asks_for(parked.front(), "one")}));
  const ChunkResult earlier = answer();
  ASSERT_TRUE(box_->mark(parked, "two"));
  ASSERT_TRUE(open_reader()->request_repair({asks_for(parked.front(), "two")}));
  commit(*sink, answering(group_.take(), earlier), 1);
  EXPECT_THAT(letters(), SizeIs(1));
  ASSERT_THAT(answer().answered, SizeIs(1));
  EXPECT_EQ(answer().answered.front().token, "two");
  commit(*sink, answering(group_.take(), answer()), 1);
  EXPECT_THAT(letters(), IsEmpty());
}

TEST_F(LettersTest, a_repair_asked_for_twice_in_a_row_is_taken_up_twice) {
  const auto sink = open_sink(parking());
  Letter of_row;
  of_row.table = "public.things";
  of_row.columns = {"id"};
  of_row.key = {"7"};
  ASSERT_TRUE(open_reader()->request_repair({asks_for(of_row, "one")}));
  EXPECT_THAT(sink->requests()->repairs, SizeIs(1));
  EXPECT_THAT(sink->requests()->repairs, IsEmpty());
  commit(*sink, answering(group_.take(), answer()), 1);
  ASSERT_TRUE(open_reader()->request_repair({asks_for(of_row, "two")}));
  EXPECT_THAT(sink->requests()->repairs, SizeIs(1)) << "nobody looked while none was stored";
}

TEST_F(LettersTest, are_counted_by_collection_and_reason_and_removed_by_name) {
  const auto sink = open_sink(parking());
  WriteGroup group = group_.take(100);
  group.rejected_records = {record(1), record(2), record(3, "public.unknown")};
  group.rejected_records[1].error.remedy = "something else";
  commit(*sink, std::move(group));
  const auto counts = box_->count("");
  ASSERT_TRUE(counts) << counts.error().text();
  ASSERT_THAT(*counts, SizeIs(3));
  EXPECT_THAT(*box_->count("things"), SizeIs(2));
  EXPECT_EQ(counts->front().letters, 1U);
  EXPECT_EQ(counts->front().example, "the value is no JSON");
  EXPECT_THAT(*box_->list("", 2), SizeIs(2));
  const auto of_things = letters("things");
  EXPECT_EQ(box_->remove({of_things.front()}), 1U);
  EXPECT_EQ(box_->remove({of_things.front()}), 0U);
  EXPECT_THAT(letters("things"), SizeIs(1));
  EXPECT_THAT(letters(), SizeIs(2));
}

TEST_F(LettersTest, those_of_another_pipeline_are_not_touched) {
  Options other = parking();
  other.pipeline = "other";
  const auto theirs = open_sink(other);
  WriteGroup group = group_.take(100);
  group.rejected_records = {record(1)};
  commit(*theirs, std::move(group));
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_THAT(*box_->count(""), IsEmpty());
}

TEST_F(LettersTest, of_an_earlier_version_are_shown_too) {
  const auto sink = open_sink(parking());
  json_command(database_, R"({"insert": "things_dead_letters", "documents": [{"_id": {"pipeline": "shop",
      "table": "public.things", "key": ["7"], "commit_lsn": 100, "ordinal": 1}, "collection": "things",
      "reason": "it is bad\n  -> mend it", "kind": "bad_value", "row": {"id": "7"}}]})");
  const auto found = letters();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().error, "it is bad");
  EXPECT_FALSE(found.front().has_row());
  EXPECT_FALSE(box_->has_document(found.front())->has_value());
  EXPECT_EQ(box_->count("things")->front().example, "it is bad");
}

}  // namespace
}  // namespace penstock::mongo
