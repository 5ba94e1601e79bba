// Collections built beside the one that readers see, and what waits to be written.
#include <gmock/gmock.h>

#include "integration/sink_mongo/sink_fixture.h"

namespace penstock::mongo {
namespace {

using testing::GroupMaker;
using testing::things_shape;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* kNext = "penstock_next_things";

class GenerationsTest : public testing::SinkFixture {
 protected:
  GenerationsTest() { next_shape_.collection = kNext; }

  // A group whose documents go to the new generation.
  WriteGroup built(GroupMaker& maker, std::optional<Publish> prepare, std::optional<Publish> publish) {
    WriteGroup group = maker.take(0);
    group.position.reset();
    group.prepare = std::move(prepare);
    group.publish = std::move(publish);
    return group;
  }

  const Publish generation_{kNext, "things"};
  DocumentShape next_shape_ = things_shape();
  GroupMaker next_{next_shape_};
};

TEST_F(GenerationsTest, a_published_collection_replaces_the_old_one_with_its_indexes) {
  Options with_index = options();
  with_index.collections.front().indexes.push_back({"by_name", {{"name", "1"}}, ""});
  const auto sink = open_sink(with_index);
  commit(*sink, group_.insert(1, "old", "x").insert(2, "gone", "y").take(100));
  commit(*sink, built(next_.insert(1, "new", "x"), generation_, std::nullopt));
  EXPECT_THAT(documents(), SizeIs(2)) << "readers see the old one until it is published";
  commit(*sink, built(next_.insert(3, "third", "z"), std::nullopt, generation_));
  EXPECT_THAT(notes(), ElementsAre(::testing::Pair(1, "new/x"), ::testing::Pair(3, "third/z")));
  EXPECT_THAT(documents(kNext), IsEmpty());
  Bson list;
  list.put_text("listIndexes", "things");
  const auto indexes = connection_->read(database_, list, nullptr, "listing indexes");
  ASSERT_TRUE(indexes);
  EXPECT_THAT(indexes->json(), HasSubstr("by_name"));
}

TEST_F(GenerationsTest, an_abandoned_build_leaves_nothing_behind) {
  const auto sink = open_sink();
  commit(*sink, built(next_.insert(7, "abandoned", "x"), generation_, std::nullopt));
  commit(*sink, built(next_.insert(1, "a", "x"), generation_, std::nullopt));
  EXPECT_THAT(documents(kNext), SizeIs(1));
}

TEST_F(GenerationsTest, publishing_again_after_a_crash_changes_nothing) {
  const auto sink = open_sink();
  commit(*sink, built(next_.insert(1, "a", "x"), generation_, generation_));
  commit(*sink, built(next_, std::nullopt, generation_));
  EXPECT_THAT(notes(), ElementsAre(::testing::Pair(1, "a/x")));
}

TEST_F(GenerationsTest, a_copy_of_the_former_collection_is_kept_when_asked_for) {
  Options keeping = options();
  keeping.collections.front().keep_previous = true;
  const auto sink = open_sink(keeping);
  commit(*sink, group_.insert(1, "old", "x").take(100));
  commit(*sink, built(next_.insert(1, "new", "x"), generation_, generation_));
  EXPECT_THAT(notes(), ElementsAre(::testing::Pair(1, "new/x")));
  EXPECT_THAT(documents(previous_name("things")), ElementsAre(HasSubstr("old")));
}

TEST_F(GenerationsTest, softly_deleted_documents_outlive_a_rebuild) {
  const auto sink = open_sink();
  commit(*sink, group_.insert(1, "old", "x").insert(2, "gone", "y").take(100));
  Publish soft = generation_;
  soft.soft_change = "note";
  commit(*sink, built(next_.insert(1, "new", "x"), generation_, soft));
  EXPECT_THAT(documents(), UnorderedElementsAre(HasSubstr("new"), HasSubstr("\"deleted\"")));
  commit(*sink, built(next_, std::nullopt, soft));
  EXPECT_THAT(documents(), SizeIs(2)) << "published again, nothing comes into being again";
}

TEST_F(GenerationsTest, a_writer_that_was_taken_over_publishes_nothing) {
  const auto first = open_sink();
  commit(*first, group_.insert(1, "old", "x").take(100));
  commit(*first, built(next_.insert(1, "new", "x"), generation_, std::nullopt));
  auto staged = first->stage(built(next_, std::nullopt, generation_));
  ASSERT_TRUE(staged);
  const auto second = make_sink(options());
  ASSERT_TRUE(second);
  ASSERT_TRUE((*second)->take_over());
  const auto outcome = first->lane(0).commit(**staged);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kFenced);
  EXPECT_THAT(notes(), ElementsAre(::testing::Pair(1, "old/x")));
}

TEST_F(GenerationsTest, wait_does_not_answer_for_what_a_fan_out_still_has_to_write) {
  const auto sink = open_sink();
  const auto reader = open_reader();
  WriteGroup group = group_.insert(1, "a", "x").take(300);
  group.pending = PendingDocuments{Lsn{200}, {"things"}};
  commit(*sink, std::move(group));
  EXPECT_TRUE(*reader->includes(Lsn{199}));
  EXPECT_FALSE(*reader->includes(Lsn{200}));
  const auto checkpoint = reader->read_checkpoint();
  EXPECT_THAT(checkpoint->pending.building, ElementsAre("things"));
  WriteGroup done = group_.take(310);
  done.pending = PendingDocuments{};
  commit(*sink, std::move(done));
  EXPECT_TRUE(*reader->includes(Lsn{200}));
}

TEST_F(GenerationsTest, requests_for_rebuild_and_repair_are_said_once_and_kept_until_begun) {
  const auto sink = open_sink();
  const auto reader = open_reader();
  ASSERT_TRUE(reader->request_rebuild("things"));
  ASSERT_TRUE(reader->request_repair({{"public.things", {"id"}, {"7"}, Lsn{1}, "", "", false}}));
  const auto asked = sink->requests();
  ASSERT_TRUE(asked);
  EXPECT_THAT(asked->rebuilds, ElementsAre("things"));
  ASSERT_THAT(asked->repairs, SizeIs(1));
  EXPECT_EQ(asked->repairs.front().key, KeyText{"7"});
  EXPECT_THAT(sink->requests()->rebuilds, IsEmpty());
  ASSERT_TRUE(sink->rebuild_begun("things"));
  // Before the next look: it was once taken for the first one, and forgotten.
  ASSERT_TRUE(reader->request_rebuild("things"));
  EXPECT_THAT(sink->requests()->rebuilds, ElementsAre("things")) << "a second request is a new one";
}

TEST_F(GenerationsTest, a_rejected_document_is_parked_or_ends_the_pipeline_as_chosen) {
  const Error error = make_error(ErrorKind::kBadValue, "collection things, total: division by zero");
  const auto with_rejected = [&] {
    WriteGroup group = group_.insert(5, "bad", "x").take(400);
    group.rejected.push_back({group.writes.back(), error});
    group.writes.clear();
    return group;
  };
  const auto stopping = open_sink();
  const auto refused = stopping->stage(with_rejected());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("division by zero"));
  Options parking = options();
  parking.dead_letters = true;
  const auto sink = open_sink(parking);
  EXPECT_EQ(commit(*sink, with_rejected()).dead_letters, 1U);
  EXPECT_THAT(documents(dead_letter_collection("things")), ElementsAre(HasSubstr("division by zero")));
}

}  // namespace
}  // namespace penstock::mongo
