#include "projection_support.h"

namespace penstock {
namespace {

class Events : public ProjectionTest {
 protected:
  static CollectionSpec soft_spec() {
    CollectionSpec spec = orders_spec();
    spec.soft_deletes = true;
    spec.change_field = "changed";
    spec.time_field = "time";
    return spec;
  }
  static CollectionSpec names_only() {
    CollectionSpec spec = orders_spec();
    spec.all_columns = false;
    spec.fields = {field_spec("name", "name")};
    return spec;
  }
  const Value* full(std::int32_t id, const char* name = "a", const char* note = "b") {
    return row({id, Text{name}, Text{note}, at_});
  }
  const Value* without_note(std::int32_t id) { return row({id, Text{"a"}, kUnsent, at_}); }
  const Value* key_of(std::int32_t id) { return row({id, kUnsent, kUnsent, kUnsent}); }
};

TEST_F(Events, AnInsertIsAnInsert) {
  event(EventKind::kInsert, nullptr, full(7));
  const auto& made = writes(orders_spec());
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].kind, WriteKind::kInsert);
  EXPECT_EQ(id(made[0]), Texts{"7"});
  EXPECT_EQ(fields(made[0]), (Texts{"7", "a", "b", "1970-01-01 00:00:00"}));
  EXPECT_EQ(made[0].schema, schema_.get());
  EXPECT_EQ(made[0].row, batch_.events[0].after);
  EXPECT_EQ(made[0].position, batch_.events[0].position);
}

TEST_F(Events, WholeRowsAreBorrowedNotCopied) {
  event(EventKind::kInsert, nullptr, full(7));
  const auto& made = writes(orders_spec());
  EXPECT_EQ(made[0].fields, batch_.events[0].after);
  EXPECT_EQ(made[0].id, batch_.events[0].after);
  EXPECT_EQ(group_.arena.bytes(), 0U);
}

TEST_F(Events, AnInsertWithoutItsToastIsAPatch) {
  event(EventKind::kInsert, nullptr, without_note(7));
  EXPECT_EQ(writes(orders_spec())[0].kind, WriteKind::kPatch);
}

TEST_F(Events, AnUpdateReplacesOrPatches) {
  event(EventKind::kUpdate, nullptr, full(7));
  event(EventKind::kUpdate, nullptr, without_note(7));
  const auto& made = writes(orders_spec());
  EXPECT_EQ(made[0].kind, WriteKind::kReplace);
  EXPECT_EQ(made[1].kind, WriteKind::kPatch);
  EXPECT_EQ(fields(made[1])[2], "<unsent>");
}

TEST_F(Events, OnlyUnsentColumnsThatTheCollectionShowsCount) {
  event(EventKind::kUpdate, nullptr, without_note(7));
  EXPECT_EQ(writes(names_only())[0].kind, WriteKind::kReplace);
}

TEST_F(Events, AFullOldRowFillsWhatWasNotSent) {
  event(EventKind::kUpdate, full(7, "old", "the note"), without_note(7));
  event(EventKind::kUpdate, full(8, "old", "the note"), without_note(9));
  const auto& made = writes(orders_spec());
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made[0].kind, WriteKind::kReplace);
  EXPECT_EQ(fields(made[0]), (Texts{"7", "a", "the note", "1970-01-01 00:00:00"}));
  EXPECT_EQ(texts(made[0].row, 4), fields(made[0]));
  EXPECT_EQ(made[1].kind, WriteKind::kDelete);
  EXPECT_EQ(made[2].kind, WriteKind::kInsert);
  EXPECT_EQ(fields(made[2])[2], "the note");
}

TEST_F(Events, AKeyChangeIsADeleteAndAnInsert) {
  event(EventKind::kUpdate, key_of(7), full(8));
  const auto& made = writes(orders_spec());
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].kind, WriteKind::kDelete);
  EXPECT_EQ(id(made[0]), Texts{"7"});
  EXPECT_EQ(made[1].kind, WriteKind::kInsert);
  EXPECT_EQ(id(made[1]), Texts{"8"});
}

TEST_F(Events, AKeyChangeWithoutItsToastCarries) {
  event(EventKind::kUpdate, key_of(7), without_note(8));
  const auto& made = writes(orders_spec());
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].kind, WriteKind::kCarry);
  EXPECT_FALSE(made[0].soft);
  EXPECT_EQ(id(made[0]), Texts{"8"});
  EXPECT_EQ(texts(made[0].previous_id, 1), Texts{"7"});
  EXPECT_EQ(fields(made[0])[2], "<unsent>");
}

TEST_F(Events, AKeyChangeOfShownColumnsAloneNeedsNoCarry) {
  event(EventKind::kUpdate, key_of(7), without_note(8));
  const auto& made = writes(names_only());
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].kind, WriteKind::kDelete);
  EXPECT_EQ(made[1].kind, WriteKind::kInsert);
}

TEST_F(Events, AnOldKeyEqualByValueIsNoChange) {
  auto schema = orders_schema();
  schema->columns[0].type_name = "numeric";
  use(schema);
  event(EventKind::kUpdate, row({Decimal{"1.0"}, kUnsent, kUnsent, kUnsent}),
        row({Decimal{"1.00"}, Text{"a"}, Text{"b"}, at_}));
  EXPECT_EQ(writes(orders_spec())[0].kind, WriteKind::kReplace);
  EXPECT_EQ(group_.writes.size(), 1U);
}

TEST_F(Events, AnUnsentKeyIsTakenFromTheOldRow) {
  event(EventKind::kUpdate, row({Text{"long key"}, kUnsent, kUnsent, kUnsent}),
        row({kUnsent, Text{"a"}, Text{"b"}, at_}));
  const auto& made = writes(orders_spec());
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].kind, WriteKind::kReplace);
  EXPECT_EQ(id(made[0]), Texts{"long key"});
}

TEST_F(Events, DeletesTakeTheIdFromTheOldRow) {
  event(EventKind::kDelete, key_of(7), nullptr);
  const auto& made = writes(orders_spec());
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].kind, WriteKind::kDelete);
  EXPECT_EQ(id(made[0]), Texts{"7"});
  EXPECT_EQ(made[0].row, batch_.events[0].before);
}

TEST_F(Events, SoftDeletesSetTheMetadataAlone) {
  event(EventKind::kDelete, key_of(7), nullptr);
  const auto& made = writes(soft_spec());
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].kind, WriteKind::kSoftDelete);
  EXPECT_EQ(fields(made[0]),
            (Texts{"<unsent>", "<unsent>", "<unsent>", "<unsent>", "deleted", "2024-01-01 00:00:00+00"}));
}

TEST_F(Events, MetadataSaysWhatHappenedAndWhen) {
  event(EventKind::kInsert, nullptr, full(7));
  event(EventKind::kUpdate, nullptr, full(7));
  event(EventKind::kUpdate, key_of(7), full(8));
  event(EventKind::kUpdate, key_of(8), without_note(9));
  const auto& made = writes(soft_spec());
  ASSERT_EQ(made.size(), 5U);
  const auto change = [&](std::size_t i) { return fields(made[i])[4] + " " + fields(made[i])[5]; };
  const std::string time = " 2024-01-01 00:00:00+00";
  EXPECT_EQ(change(0), "inserted" + time);
  EXPECT_EQ(change(1), "updated" + time);
  EXPECT_EQ(made[2].kind, WriteKind::kSoftDelete);
  EXPECT_EQ(change(2), "deleted" + time);
  EXPECT_EQ(change(3), "updated" + time);
  EXPECT_EQ(made[4].kind, WriteKind::kCarry);
  EXPECT_TRUE(made[4].soft);
}

TEST_F(Events, ATruncateClears) {
  event(EventKind::kTruncate, nullptr, nullptr);
  const auto hard = writes(orders_spec());
  ASSERT_EQ(hard.size(), 1U);
  EXPECT_EQ(hard[0].kind, WriteKind::kClear);
  EXPECT_FALSE(hard[0].soft);
  const auto& soft = writes(soft_spec());
  EXPECT_TRUE(soft[0].soft);
  EXPECT_EQ(fields(soft[0])[4], "deleted");
}

TEST_F(Events, LoadedRowsAreInsertsInARangeAndReplacesByKey) {
  batch_.chunk.emplace();
  event(EventKind::kLoad, nullptr, full(7));
  EXPECT_EQ(writes(orders_spec())[0].kind, WriteKind::kInsert);
  EXPECT_EQ(fields(writes(soft_spec())[0])[4], "inserted");
  batch_.chunk->by_key = true;
  EXPECT_EQ(writes(orders_spec())[0].kind, WriteKind::kReplace);
}

TEST_F(Events, AnAbsentKeyDeletesOnlyWhereItIsTheId) {
  event(EventKind::kAbsent, key_of(7), nullptr);
  EXPECT_EQ(writes(orders_spec())[0].kind, WriteKind::kDelete);
  EXPECT_EQ(writes(soft_spec())[0].kind, WriteKind::kSoftDelete);
  CollectionSpec by_name = orders_spec();
  by_name.id = {field_spec("name", "name")};
  EXPECT_TRUE(writes(by_name).empty());
}

TEST_F(Events, AKeyThatTheReplicaIdentityLeavesOutIsAnErrorWithItsRemedy) {
  CollectionSpec by_name = orders_spec();
  by_name.id = {field_spec("name", "name"), field_spec("id", "id")};
  event(EventKind::kDelete, key_of(7), nullptr);
  const Error deleted = error(by_name);
  EXPECT_EQ(deleted.kind, ErrorKind::kConfiguration);
  EXPECT_NE(deleted.message.find("shop.orders"), std::string::npos);
  EXPECT_NE(deleted.message.find("16/B374D848"), std::string::npos);
  EXPECT_NE(deleted.remedy.find("ALTER TABLE \"shop\".\"orders\" REPLICA IDENTITY"), std::string::npos);
  batch_.events.clear();
  event(EventKind::kUpdate, key_of(7), full(8));
  EXPECT_EQ(error(by_name).kind, ErrorKind::kConfiguration);
  batch_.events.clear();
  event(EventKind::kUpdate, nullptr, row({7, kUnsent, Text{"b"}, at_}));
  EXPECT_EQ(error(by_name).kind, ErrorKind::kConfiguration);
}

TEST_F(Events, SeveralCollectionsOfOneTableAndNoneOfOthers) {
  CollectionSpec elsewhere = orders_spec("elsewhere");
  elsewhere.from = {"shop", "other"};
  RowProjector projector({orders_spec("first"), elsewhere, names_only()});
  event(EventKind::kInsert, nullptr, full(7));
  event(EventKind::kInsert, nullptr, full(8));
  batch_.events.push_back(Event{});  // a commit
  ASSERT_TRUE(project(projector));
  ASSERT_EQ(group_.writes.size(), 4U);
  EXPECT_EQ(group_.writes[0].shape->collection, "first");
  EXPECT_EQ(group_.writes[1].shape->collection, "orders");
  EXPECT_EQ(fields(group_.writes[3]), Texts{"a"});
  EXPECT_EQ(projector.shapes(*schema_).size(), 2U);
}

TEST_F(Events, OnlyTheAskedEventsAreProjected) {
  for (int i = 0; i < 5; ++i) event(EventKind::kInsert, nullptr, full(i));
  RowProjector projector({orders_spec()});
  ASSERT_TRUE(projector.project(batch_, 1, 3, group_));
  ASSERT_EQ(group_.writes.size(), 2U);
  EXPECT_EQ(id(group_.writes[0]), Texts{"1"});
}

TEST_F(Events, AChangedTableGetsANewShapeAndTheOldOneStays) {
  RowProjector projector({orders_spec()});
  event(EventKind::kInsert, nullptr, full(7));
  ASSERT_TRUE(project(projector));
  const DocumentShape* old_shape = group_.writes[0].shape;
  auto wider = orders_schema();
  wider->columns.push_back({"more", 23, -1, "integer"});
  use(wider);
  batch_.events.clear();
  event(EventKind::kInsert, nullptr, row({7, Text{"a"}, Text{"b"}, at_, 9}));
  ASSERT_TRUE(project(projector));
  EXPECT_EQ(fields(group_.writes[0]).size(), 5U);
  EXPECT_EQ(names(*old_shape).size(), 4U);
  use(orders_schema());
  EXPECT_EQ(projector.shapes(*schema_)[0], old_shape);
}

TEST_F(Events, AShapeIsNotTakenForAnotherAtTheSameAddress) {
  RowProjector projector({orders_spec()});
  for (int i = 0; i < 1000; ++i) {
    EventBatch batch;
    auto schema = orders_schema();
    schema->columns.resize(i % 2 == 0 ? 4 : 3);
    batch.schemas.push_back(schema);
    Event event;
    event.kind = EventKind::kInsert;
    event.schema = schema.get();
    const Value values[] = {i, Text{"a"}, Text{"b"}, at_};
    event.after = values;
    batch.events.push_back(event);
    WriteGroup group;
    ASSERT_TRUE(projector.project(batch, 0, 1, group));
    ASSERT_EQ(group.writes[0].shape->fields.size(), schema->columns.size());
  }
}

TEST_F(Events, ADefinitionThatDoesNotFitStopsAtItsFirstRow) {
  CollectionSpec spec = orders_spec();
  spec.fields = {field_spec("title", "nmae")};
  event(EventKind::kInsert, nullptr, full(7));
  EXPECT_NE(error(spec).message.find("nmae"), std::string::npos);
  EXPECT_TRUE(projector_->shapes(*schema_).empty());
}

}  // namespace
}  // namespace penstock
