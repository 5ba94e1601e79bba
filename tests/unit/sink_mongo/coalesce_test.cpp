// What several writes of one document within a group become.
#include "sink/mongo/stage/coalesce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sink_mongo/thing_rows.h"

namespace penstock::mongo {
namespace {

using testing::GroupMaker;

std::string cell_text(const Value& value) { return value.is_unchanged() ? "~" : to_text(value); }

// "patch 1 a ~": kind, id, name and note.
std::string described(const Pending& pending) {
  static constexpr const char* kNames[] = {"insert", "replace", "patch", "carry", "delete", "mark", "clear"};
  std::string line = kNames[static_cast<std::size_t>(pending.write.kind)];
  line += " " + to_text(pending.write.id[0]);
  if (pending.write.kind != WriteKind::kDelete) {
    line += " " + cell_text(pending.write.fields[1]) + " " + cell_text(pending.write.fields[2]);
  }
  if (pending.delete_first) line += " anew";
  return line;
}

// The writes that are left; segments are parted by "|".
std::vector<std::string> coalesced(GroupMaker& maker, std::size_t* merged = nullptr) {
  WriteGroup group = maker.take();
  EncodeCounts counts;
  Coalescer coalescer(group.arena, counts, group.writes.size());
  for (const DocumentWrite& write : group.writes) EXPECT_TRUE(coalescer.add(write));
  std::vector<std::string> result;
  for (const Segment& segment : coalescer.segments()) {
    if (&segment != &coalescer.segments().front()) result.emplace_back("|");
    for (const DocumentWrite& clear : segment.clears) result.push_back(clear.soft ? "clear softly" : "clear");
    for (const Pending& pending : segment.writes) {
      if (!pending.dropped) result.push_back(described(pending));
    }
  }
  if (merged != nullptr) *merged = coalescer.merged();
  return result;
}

class CoalesceTest : public ::testing::Test {
 protected:
  DocumentShape shape_ = testing::things_shape();
  GroupMaker group_{shape_};
};

using ::testing::ElementsAre;

TEST_F(CoalesceTest, leaves_different_documents_alone_and_in_order) {
  group_.insert(1, "a", "x").patch(2, "b", {}).remove(3).insert(4, "c", "y");
  EXPECT_THAT(coalesced(group_), ElementsAre("insert 1 a x", "patch 2 b ~", "delete 3", "insert 4 c y"));
}

TEST_F(CoalesceTest, a_patch_joins_the_insert_before_it) {
  std::size_t merged = 0;
  group_.insert(1, "a", "x").patch(1, "b", {}).patch(1, {}, "y");
  EXPECT_THAT(coalesced(group_, &merged), ElementsAre("insert 1 b y"));
  EXPECT_EQ(merged, 2U);
}

TEST_F(CoalesceTest, patches_of_one_document_become_one_with_the_later_values) {
  group_.patch(1, "a", {}).patch(1, "b", {}).patch(1, {}, "y");
  EXPECT_THAT(coalesced(group_), ElementsAre("patch 1 b y"));
}

TEST_F(CoalesceTest, a_delete_ends_whatever_was_before) {
  group_.insert(1, "a", "x").remove(1).patch(2, "b", {}).remove(2).replace(3, "c", "z").remove(3);
  EXPECT_THAT(coalesced(group_), ElementsAre("delete 1", "delete 2", "delete 3"));
}

TEST_F(CoalesceTest, an_insert_after_a_delete_replaces) {
  group_.remove(1).insert(1, "a", "x");
  EXPECT_THAT(coalesced(group_), ElementsAre("replace 1 a x"));
}

TEST_F(CoalesceTest, a_row_inserted_deleted_and_inserted_again_replaces) {
  group_.insert(1, "a", "x").remove(1).insert(1, "b", "y");
  EXPECT_THAT(coalesced(group_), ElementsAre("replace 1 b y"));
}

TEST_F(CoalesceTest, a_patch_after_a_delete_waits_for_it) {
  group_.remove(1).patch(1, "a", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("delete 1", "|", "patch 1 a ~"));
}

TEST_F(CoalesceTest, numerics_that_mongodb_takes_as_equal_are_one_document_written_anew) {
  group_.remove(Decimal{"1.0"}).insert(Decimal{"1.00"}, "a", "x");
  EXPECT_THAT(coalesced(group_), ElementsAre("replace 1.00 a x anew"));
}

TEST_F(CoalesceTest, a_clear_makes_writes_before_it_pointless_and_holds_back_those_after) {
  std::size_t merged = 0;
  group_.insert(1, "a", "x").patch(2, "b", {}).clear().insert(1, "c", "z");
  EXPECT_THAT(coalesced(group_, &merged), ElementsAre("|", "clear", "insert 1 c z"));
  EXPECT_EQ(merged, 2U);
}

TEST_F(CoalesceTest, a_clear_leaves_other_collections_alone) {
  DocumentShape other = testing::things_shape();
  other.collection = "others";
  group_.shaped(other).insert(1, "a", "x").shaped(shape_).insert(1, "b", "y").clear();
  EXPECT_THAT(coalesced(group_), ElementsAre("insert 1 a x", "|", "clear"));
}

TEST_F(CoalesceTest, a_soft_clear_marks_what_was_written_before_it) {
  group_.insert(1, "a", "x").clear(true).insert(2, "b", "y");
  EXPECT_THAT(coalesced(group_), ElementsAre("insert 1 a x", "|", "clear softly", "insert 2 b y"));
}

TEST_F(CoalesceTest, a_carry_takes_its_fields_from_a_pending_insert) {
  group_.insert(1, "a", "long").carry(1, 2, "b", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("delete 1", "insert 2 b long"));
}

TEST_F(CoalesceTest, a_carry_takes_what_a_pending_patch_has_and_reads_the_rest) {
  group_.patch(1, {}, "fresh").carry(1, 2, "b", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("delete 1", "replace 2 b fresh"));
  group_.patch(1, "a", {}).carry(1, 2, "b", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("delete 1", "carry 2 b ~"));
}

TEST_F(CoalesceTest, a_patch_after_a_carry_joins_it) {
  group_.carry(1, 2, "b", {}).patch(2, "c", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("carry 2 c ~", "delete 1"));
}

TEST_F(CoalesceTest, a_carry_of_a_carry_waits_for_the_first) {
  group_.carry(1, 2, "b", {}).carry(2, 3, "c", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("carry 2 b ~", "delete 1", "|", "carry 3 c ~", "delete 2"));
}

TEST_F(CoalesceTest, an_old_key_that_a_carry_left_can_be_inserted_again) {
  group_.carry(1, 2, "b", {}).insert(1, "c", "z");
  EXPECT_THAT(coalesced(group_), ElementsAre("carry 2 b ~", "replace 1 c z"));
}

TEST_F(CoalesceTest, a_carry_onto_an_equal_key_writes_the_document_anew) {
  group_.carry(Decimal{"1.0"}, Decimal{"1.00"}, "b", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("carry 1.00 b ~ anew"));
}

TEST_F(CoalesceTest, a_soft_carry_marks_the_document_it_leaves) {
  DocumentShape soft = testing::things_shape(true);
  group_.shaped(soft).carry(1, 2, "b", {}, true);
  WriteGroup group = group_.take();
  EncodeCounts counts;
  Coalescer coalescer(group.arena, counts, 1);
  ASSERT_TRUE(coalescer.add(group.writes.front()));
  const std::vector<Pending>& writes = coalescer.segments().front().writes;
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[1].write.kind, WriteKind::kSoftDelete);
  EXPECT_EQ(to_text(writes[1].write.fields[3]), "deleted");
  EXPECT_TRUE(writes[1].write.fields[1].is_unchanged());
}

TEST_F(CoalesceTest, writes_of_different_shapes_of_one_collection_are_not_mixed) {
  DocumentShape wider = testing::things_shape();
  wider.fields.push_back({"extra", BsonType::kDefault, "public.things.extra text"});
  group_.insert(1, "a", "x");
  group_.shaped(wider).patch(1, "b", {});
  EXPECT_THAT(coalesced(group_), ElementsAre("insert 1 a x", "|", "patch 1 b ~"));
}

TEST_F(CoalesceTest, keeps_the_oldest_commit_for_a_re_read) {
  group_.at(50).patch(1, "a", {}).at(70).patch(1, "b", {});
  WriteGroup group = group_.take();
  EncodeCounts counts;
  Coalescer coalescer(group.arena, counts, 2);
  for (const DocumentWrite& write : group.writes) ASSERT_TRUE(coalescer.add(write));
  EXPECT_EQ(coalescer.segments().front().writes.front().since, Lsn{50});
}

TEST_F(CoalesceTest, an_id_that_cannot_be_is_refused_and_left_out) {
  group_.insert(Null{}, "a", "x").insert(1, "b", "y");
  WriteGroup group = group_.take();
  EncodeCounts counts;
  Coalescer coalescer(group.arena, counts, 2);
  const Status refused = coalescer.add(group.writes[0]);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kBadValue);
  EXPECT_TRUE(coalescer.add(group.writes[1]));
  EXPECT_EQ(coalescer.segments().front().writes.size(), 1U);
}

TEST_F(CoalesceTest, thousands_of_keys_stay_apart) {
  for (int i = 0; i < 20000; ++i) group_.insert(i, "a", "x");
  for (int i = 0; i < 20000; i += 2) group_.remove(i);
  WriteGroup group = group_.take();
  EncodeCounts counts;
  Coalescer coalescer(group.arena, counts, 10);  // grows
  for (const DocumentWrite& write : group.writes) ASSERT_TRUE(coalescer.add(write));
  const std::vector<Pending>& writes = coalescer.segments().front().writes;
  ASSERT_EQ(writes.size(), 20000U);
  for (int i = 0; i < 20000; ++i) {
    const auto wanted = i % 2 == 0 ? WriteKind::kDelete : WriteKind::kInsert;
    ASSERT_EQ(writes[static_cast<std::size_t>(i)].write.kind, wanted) << i;
  }
}

}  // namespace
}  // namespace penstock::mongo
