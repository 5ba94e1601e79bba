// What becomes of documents that exist already, are missing, move, or cannot be.
#include <gmock/gmock.h>

#include "integration/sink_mongo/sink_fixture.h"

namespace penstock::mongo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class DocumentsTest : public testing::SinkFixture {
 protected:
  Result<CommitResult> try_commit(DocumentSink& sink, WriteGroup group) {
    auto staged = sink.stage(std::move(group));
    if (!staged) return fail(staged.error());
    return sink.lane(0).commit(**staged);
  }
};

TEST_F(DocumentsTest, inserts_that_meet_documents_replace_them) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "x").insert(2, "b", "y").take(100));
  const CommitResult again = commit(*sink, group_.insert(2, "B", "Y").insert(3, "c", "z").take(200));
  EXPECT_TRUE(again.duplicates);
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(2, "B/Y"), Pair(3, "c/z")));
}

TEST_F(DocumentsTest, a_reload_over_existing_documents_soon_looks_before_it_inserts) {
  const auto sink = open_sink();
  for (int i = 0; i < 40; ++i) group_.insert(i, "old", "x");
  commit(*sink, group_.take(100));
  int duplicates = 0;
  for (int i = 0; i < 40; ++i) {
    const auto at = 200 + static_cast<std::uint64_t>(i) * 10;
    duplicates += commit(*sink, group_.insert(i, "new", "y").take(at)).duplicates ? 1 : 0;
  }
  EXPECT_GT(duplicates, 1);
  EXPECT_LT(duplicates, 10);
  EXPECT_EQ(notes().size(), 40U);
  for (const auto& [id, note] : notes()) EXPECT_EQ(note, "new/y") << id;
}

TEST_F(DocumentsTest, equal_numerics_of_another_form_are_the_same_document) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(Decimal{"1.0"}, "a", "x").take(100));
  commit(*sink, group_.insert(Decimal{"1.00"}, "b", "y").take(200));
  ASSERT_EQ(documents().size(), 1U);
  commit(*sink, group_.remove(Decimal{"1.00"}).insert(Decimal{"1.000"}, "c", "z").take(300));
  EXPECT_THAT(documents(), ElementsAre(HasSubstr(R"("_id" : { "$numberDecimal" : "1.000" })")));
  commit(*sink, group_.carry(Decimal{"1.000"}, Decimal{"1"}, "d", {}).take(400));
  EXPECT_THAT(documents(), ElementsAre(HasSubstr(R"("_id" : { "$numberDecimal" : "1" }, )")));
  EXPECT_THAT(documents(), ElementsAre(HasSubstr(R"("name" : "d", "note" : "z")")));
  EXPECT_THAT(commit(*sink, group_.patch(Decimal{"1.0"}, "e", {}).take(500)).rereads, IsEmpty());
}

TEST_F(DocumentsTest, a_key_change_carries_over_what_was_not_sent) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "long").insert(5, "e", "x").take(100));
  commit(*sink, group_.carry(1, 2, "b", {}).take(200));
  EXPECT_THAT(notes(), ElementsAre(Pair(2, "b/long"), Pair(5, "e/x")));
  commit(*sink, group_.carry(2, 3, "c", {}).carry(3, 4, {}, {}).insert(2, "n", "m").take(300));
  EXPECT_THAT(notes(), ElementsAre(Pair(2, "n/m"), Pair(4, "c/long"), Pair(5, "e/x")));
}

TEST_F(DocumentsTest, carried_fields_keep_their_order) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "long").take(100));
  commit(*sink, group_.carry(1, 2, {}, "short").take(200));
  EXPECT_THAT(documents(), ElementsAre(R"({ "_id" : 2, "id" : 2, "name" : "a", "note" : "short" })"));
}

TEST_F(DocumentsTest, a_missing_document_is_asked_for_again_and_answered) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "x").take(50));
  const CommitResult result =
      commit(*sink, group_.at(60).patch(1, "A", {}).patch(7, "g", {}).carry(8, 9, "i", {}).take(100));
  ASSERT_EQ(result.rereads.size(), 2U);
  for (const Reread& reread : result.rereads) {
    EXPECT_EQ(reread.table, "public.things");
    EXPECT_EQ(reread.columns, std::vector<std::string>{"id"});
    EXPECT_EQ(reread.since, Lsn{60});
    EXPECT_FALSE(reread.id.empty());
  }
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "A/x")));
  const auto reader = open_reader();
  const auto checkpoint = reader->read_checkpoint();
  ASSERT_TRUE(checkpoint);
  ASSERT_EQ(checkpoint->rereads.size(), 2U);
  EXPECT_EQ(checkpoint->rereads[0].id.empty(), false);

  // Asked again later, the request keeps its first LSN.
  commit(*sink, group_.at(110).patch(7, "g", {}).take(120));
  WriteGroup answer = group_.replace(7, "g", "read").take();
  answer.chunk = ChunkResult{"public.things", 1, {}, true, checkpoint->rereads};
  EXPECT_EQ(*reader->includes(Lsn{60}), false);
  commit(*sink, std::move(answer), 1);
  EXPECT_THAT(documents(kRereads), IsEmpty());
  EXPECT_EQ(*reader->includes(Lsn{60}), true);
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "A/x"), Pair(7, "g/read")));
}

TEST_F(DocumentsTest, a_truncate_clears_and_what_follows_stays) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "x").insert(2, "b", "y").take(100));
  commit(*sink, group_.insert(3, "c", "z").clear().insert(1, "A", "X").take(200));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "A/X")));
}

TEST_F(DocumentsTest, a_truncate_of_many_documents_goes_in_steps) {
  Options small = options();
  small.clear_in_group = 100;
  const auto sink = open_sink(small);
  for (int i = 0; i < 5000; ++i) group_.insert(i, "a", "x");
  commit(*sink, group_.take(100));
  commit(*sink, group_.clear().insert(1, "A", "X").take(200));
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "A/X")));
}

TEST_F(DocumentsTest, a_repeated_truncate_does_not_touch_what_followed_it) {
  Options small = options();
  small.clear_in_group = 10;
  const auto sink = open_sink(small);
  group_.clear();
  for (int i = 0; i < 500; ++i) group_.insert(i, "a", "x");
  auto staged = sink->stage(group_.take(100));
  ASSERT_TRUE(staged);
  fail_command(
      R"({"times": 20})",
      R"({"failCommands": ["commitTransaction"], "writeConcernError": {"code": 64, "errmsg": "timed out"}})");
  ASSERT_FALSE(sink->lane(0).commit(**staged));
  no_fail_command();
  ASSERT_EQ(notes().size(), 500U);
  ASSERT_TRUE(sink->lane(0).commit(**staged));
  EXPECT_EQ(notes().size(), 500U);
}

TEST_F(DocumentsTest, soft_deletes_and_soft_truncates_mark) {
  shape_ = testing::things_shape(true);
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "a", "x").insert(2, "b", "y").insert(3, "c", "z").take(100));
  commit(*sink, group_.mark(1).mark(9).take(200));
  const std::string marked_first = documents()[0];
  EXPECT_THAT(marked_first, HasSubstr(R"("name" : "a", "note" : "x", "cdc_changed" : "deleted")"));
  commit(*sink, group_.clear(true).insert(4, "d", "w").take(300));
  const auto all = documents();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0], marked_first) << "deleted before: the time of its deletion stays";
  EXPECT_THAT(all[1], HasSubstr(R"("cdc_changed" : "deleted")"));
  EXPECT_THAT(all[3], HasSubstr(R"("cdc_changed" : "inserted")"));
  commit(*sink, group_.carry(4, 5, "e", {}, true).take(400));
  EXPECT_THAT(documents()[3], HasSubstr(R"("name" : "d", "note" : "w", "cdc_changed" : "deleted")"));
  EXPECT_THAT(documents()[4], HasSubstr(R"("name" : "e", "note" : "w", "cdc_changed" : "updated")"));
}

TEST_F(DocumentsTest, names_with_dots_and_dollars_are_fields_like_others) {
  shape_ = testing::things_shape(true);
  shape_.fields[1].name = "a.b";
  shape_.fields[2].name = "$c";
  shape_.fields[3].name = "meta.change";
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "v", "$w").insert(2, "k", "k").take(100));
  commit(*sink, group_.patch(1, "$v.x", {}).take(200));
  EXPECT_THAT(documents()[0], HasSubstr(R"("a.b" : "$v.x", "$c" : "$w", "meta.change" : "updated")"));
  commit(*sink, group_.mark(1).take(300));
  commit(*sink, group_.clear(true).take(400));
  for (const std::string& document : documents())
    EXPECT_THAT(document, HasSubstr(R"("meta.change" : "deleted")"));
}

TEST_F(DocumentsTest, a_document_that_the_server_refuses_stops_the_pipeline_by_name) {
  const auto sink = open_sink();
  json_command(database_, R"({"collMod": "things", "validator": {"note": {"$ne": "bad"}}})");
  const auto done = try_commit(*sink, group_.insert(1, "a", "x").insert(2, "b", "bad").take(100));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kRejectedDocument);
  EXPECT_THAT(done.error().message, HasSubstr("public.things"));
  EXPECT_THAT(done.error().message, HasSubstr(R"("_id" : 2)"));
  EXPECT_THAT(notes(), IsEmpty());
}

TEST_F(DocumentsTest, or_is_parked_while_the_rest_goes_on) {
  Options parking = options();
  parking.dead_letters = true;
  const auto sink = open_sink(parking);
  commit(*sink, group_.insert(5, "e", "x").insert(6, "f", "x").take(50));
  json_command(database_, R"({"collMod": "things", "validator": {"note": {"$ne": "bad"}}})");
  group_.insert(1, "a", "x")
      .insert(2, "b", "bad")
      .insert(3, "c", "bad")
      .replace(4, "d", "bad")
      .patch(5, {}, "bad");
  const CommitResult result = commit(*sink, group_.insert(Null{}, "n", "y").patch(6, "F", {}).take(100));
  EXPECT_EQ(result.dead_letters, 5U);
  EXPECT_THAT(notes(), ElementsAre(Pair(1, "a/x"), Pair(5, "e/x"), Pair(6, "F/x")));
  const auto letters = documents("things_dead_letters");
  ASSERT_EQ(letters.size(), 5U);
  const Bson letter = one("things_dead_letters", Bson().put_texts("_id.key", {"2"}));
  EXPECT_EQ(text_at(letter.get(), "row.note"), "bad");
  EXPECT_EQ(text_at(letter.get(), "kind").has_value(), true);
  EXPECT_EQ(long_at(letter.get(), "_id.commit_lsn"), 100);
  EXPECT_EQ(text_at(letter.get(), "_id.pipeline"), "shop");
  // Going over it again parks it in the same place.
  commit(*sink, group_.insert(7, "g", "x").take(200));
  EXPECT_EQ(documents("things_dead_letters").size(), 5U);
}

TEST_F(DocumentsTest, a_document_over_sixteen_megabytes_is_one_of_those) {
  Options parking = options();
  parking.dead_letters = true;
  std::string huge;
  huge.resize(17'000'000, 'x');
  {
    const auto sink = open_sink();
    const auto done = try_commit(*sink, group_.insert(1, "a", huge).take(100));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::kRejectedDocument);
  }
  const auto sink = open_sink(parking);
  EXPECT_EQ(commit(*sink, group_.insert(1, "a", huge).insert(2, "b", "y").take(100)).dead_letters, 1U);
  EXPECT_THAT(notes(), ElementsAre(Pair(2, "b/y")));
  // A patch that makes the stored document too large is found out by the server only.
  std::string half;
  half.resize(9'000'000, 'x');
  commit(*sink, group_.insert(3, half, "c").take(200));
  EXPECT_EQ(commit(*sink, group_.patch(3, {}, half).patch(2, "B", {}).take(300)).dead_letters, 1U);
  EXPECT_EQ(text_at(one("things", Bson().put_int("_id", 2)).get(), "name"), "B");
}

TEST_F(DocumentsTest, a_unique_index_made_later_is_named) {
  const auto sink = open_sink();
  json_command(
      database_,
      R"({"createIndexes": "things", "indexes": [{"key": {"name": 1}, "name": "by_name", "unique": true}]})");
  const auto done = try_commit(*sink, group_.insert(1, "a", "x").insert(2, "a", "y").take(100));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kConfiguration);
  EXPECT_THAT(done.error().message, HasSubstr("by_name"));
}

}  // namespace
}  // namespace penstock::mongo
