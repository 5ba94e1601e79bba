#include "projection/row_projector.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::shared_ptr<const TableSchema> orders() {
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", "orders"};
  schema->columns = {{"id", 23, -1, "integer"}, {"customer", 25, -1, "text"}, {"phone", 25, -1, "text"}};
  schema->key = {0};
  return schema;
}

CollectionSpec collection(const std::string& name = "orders") {
  CollectionSpec spec;
  spec.name = name;
  spec.from = {"public", "orders"};
  return spec;
}

// A batch with one event and the writes that a projector makes of it.
class RowProjectorTest : public ::testing::Test {
 protected:
  const Value* row(Value id, Value customer, Value phone) {
    Value* values = batch_.arena.array<Value>(3);
    values[0] = id;
    values[1] = customer;
    values[2] = phone;
    return values;
  }
  void add(EventKind kind, const Value* after, const Value* before = nullptr) {
    if (batch_.schemas.empty()) batch_.schemas = {schema_};
    Event event;
    event.kind = kind;
    event.schema = schema_.get();
    event.after = after;
    event.before = before;
    event.commit_micros = 1'700'000'000'000'000;
    event.position = {Lsn{100}, batch_.events.size() + 1, Lsn{90}};
    batch_.events.push_back(event);
  }
  Status project(std::vector<CollectionSpec> specs) {
    projector_ = std::make_unique<RowProjector>(std::move(specs));
    return projector_->project(batch_, 0, batch_.events.size(), group_);
  }
  static std::string_view text_of(const Value& value) { return value.get<Text>()->text; }
  static std::vector<std::string> names(const DocumentShape& shape) {
    std::vector<std::string> result;
    for (const auto& field : shape.fields) result.push_back(field.name);
    return result;
  }

  std::shared_ptr<const TableSchema> schema_ = orders();
  EventBatch batch_;
  WriteGroup group_;
  std::unique_ptr<RowProjector> projector_;
};

TEST_F(RowProjectorTest, AnInsertBecomesADocumentOfAllColumns) {
  add(EventKind::kInsert, row(1, Text{"An"}, Null{}));
  ASSERT_TRUE(project({collection()}));
  ASSERT_EQ(group_.writes.size(), 1U);
  const DocumentWrite& write = group_.writes[0];
  EXPECT_EQ(write.kind, WriteKind::kInsert);
  EXPECT_EQ(*write.id[0].get<std::int32_t>(), 1);
  EXPECT_EQ(names(*write.shape), (std::vector<std::string>{"id", "customer", "phone"}));
  EXPECT_EQ(text_of(write.fields[1]), "An");
  EXPECT_TRUE(write.fields[2].is_null());
}

TEST_F(RowProjectorTest, RenamesDropsAndKeepsTheOrder) {
  CollectionSpec spec = collection();
  spec.fields = {{"name", "customer", BsonType::kDefault, false, 0},
                 {"customer", "customer", BsonType::kDefault, true, 0},
                 {"id", "id", BsonType::kString, false, 0}};
  add(EventKind::kInsert, row(1, Text{"An"}, Text{"09"}));
  ASSERT_TRUE(project({spec}));
  const DocumentShape& shape = *group_.writes[0].shape;
  EXPECT_EQ(names(shape), (std::vector<std::string>{"id", "phone", "name"}));
  EXPECT_EQ(shape.fields[0].as, BsonType::kString);
  EXPECT_EQ(text_of(group_.writes[0].fields[2]), "An");
  EXPECT_EQ(shape.fields[2].source, "public.orders.customer text");
}

TEST_F(RowProjectorTest, OnlyTheFieldsThatAreNamedWhereNoStarIs) {
  CollectionSpec spec = collection();
  spec.all_columns = false;
  spec.fields = {{"phone", "phone", BsonType::kDefault, false, 0}};
  add(EventKind::kInsert, row(1, Unchanged{}, Text{"09"}));
  ASSERT_TRUE(project({spec}));
  EXPECT_EQ(names(*group_.writes[0].shape), std::vector<std::string>{"phone"});
  // What the collection does not show may be missing.
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kInsert);
}

TEST_F(RowProjectorTest, SeveralCollectionsFromOneTable) {
  add(EventKind::kInsert, row(1, Text{"An"}, Text{"09"}));
  ASSERT_TRUE(project({collection("a"), collection("b")}));
  ASSERT_EQ(group_.writes.size(), 2U);
  EXPECT_EQ(group_.writes[1].shape->collection, "b");
}

TEST_F(RowProjectorTest, AnUnchangedToastValueIsNeverNull) {
  add(EventKind::kUpdate, row(1, Unchanged{}, Text{"09"}));
  ASSERT_TRUE(project({collection()}));
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kPatch);
  EXPECT_TRUE(group_.writes[0].fields[1].is_unchanged());
}

TEST_F(RowProjectorTest, ReplicaIdentityFullFillsUnchangedValuesFromTheOldRow) {
  add(EventKind::kUpdate, row(1, Unchanged{}, Text{"09"}), row(1, Text{"An"}, Text{"08"}));
  ASSERT_TRUE(project({collection()}));
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kReplace);
  EXPECT_EQ(text_of(group_.writes[0].fields[1]), "An");
}

TEST_F(RowProjectorTest, AKeyChangeMovesTheDocument) {
  add(EventKind::kUpdate, row(2, Text{"An"}, Text{"09"}), row(1, Unchanged{}, Unchanged{}));
  ASSERT_TRUE(project({collection()}));
  ASSERT_EQ(group_.writes.size(), 2U);
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kDelete);
  EXPECT_EQ(*group_.writes[0].id[0].get<std::int32_t>(), 1);
  EXPECT_EQ(group_.writes[1].kind, WriteKind::kInsert);
  EXPECT_EQ(*group_.writes[1].id[0].get<std::int32_t>(), 2);
}

TEST_F(RowProjectorTest, AKeyChangeWithUnchangedValuesCarriesThemOver) {
  add(EventKind::kUpdate, row(2, Unchanged{}, Text{"09"}), row(1, Unchanged{}, Unchanged{}));
  ASSERT_TRUE(project({collection()}));
  ASSERT_EQ(group_.writes.size(), 1U);
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kCarry);
  EXPECT_EQ(*group_.writes[0].previous_id[0].get<std::int32_t>(), 1);
}

TEST_F(RowProjectorTest, SoftDeletesKeepTheDocumentAndMarkIt) {
  CollectionSpec spec = collection();
  spec.soft_deletes = true;
  spec.change_field = "changed";
  spec.time_field = "at";
  add(EventKind::kDelete, nullptr, row(1, Unchanged{}, Unchanged{}));
  ASSERT_TRUE(project({spec}));
  const DocumentWrite& write = group_.writes[0];
  EXPECT_EQ(write.kind, WriteKind::kSoftDelete);
  EXPECT_EQ(text_of(write.fields[write.shape->change_field]), "deleted");
  EXPECT_EQ(write.fields[write.shape->time_field].get<Timestamp>()->micros, 1'700'000'000'000'000);
  EXPECT_TRUE(write.fields[1].is_unchanged());
}

TEST_F(RowProjectorTest, TruncateClearsEveryCollectionOfTheTable) {
  add(EventKind::kTruncate, nullptr);
  ASSERT_TRUE(project({collection("a"), collection("b")}));
  ASSERT_EQ(group_.writes.size(), 2U);
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kClear);
}

TEST_F(RowProjectorTest, RowsOfAChunkAreInsertsAndRowsReadByKeyReplaces) {
  add(EventKind::kLoad, row(1, Text{"An"}, Text{"09"}));
  batch_.chunk = ChunkResult{};
  ASSERT_TRUE(project({collection()}));
  EXPECT_EQ(group_.writes[0].kind, WriteKind::kInsert);
  batch_.chunk->by_key = true;
  ASSERT_TRUE(project({collection()}));
  EXPECT_EQ(group_.writes[1].kind, WriteKind::kReplace);
}

TEST_F(RowProjectorTest, ADeleteWithoutTheKeyNamesTheAlterTable) {
  CollectionSpec spec = collection();
  spec.id = {{"phone", "phone", BsonType::kDefault, false, 0}};
  add(EventKind::kDelete, nullptr, row(1, Unchanged{}, Unchanged{}));
  const auto outcome = project({spec});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kConfiguration);
  EXPECT_NE(outcome.error().remedy.find("ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY"),
            std::string::npos);
}

TEST_F(RowProjectorTest, AMissingColumnIsNamedWithTheOnesThatExist) {
  CollectionSpec spec = collection();
  spec.fields = {{"fax", "fax", BsonType::kDefault, false, 0}};
  add(EventKind::kInsert, row(1, Text{"An"}, Text{"09"}));
  const auto outcome = project({spec});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("\"fax\""), std::string::npos);
  EXPECT_NE(outcome.error().message.find("orders"), std::string::npos);
}

TEST_F(RowProjectorTest, ATableOfNoCollectionMakesNoWrites) {
  add(EventKind::kInsert, row(1, Text{"An"}, Text{"09"}));
  CollectionSpec spec = collection();
  spec.from = {"public", "products"};
  ASSERT_TRUE(project({spec}));
  EXPECT_TRUE(group_.writes.empty());
}

TEST(CollectionFingerprint, DiffersWhenTheDocumentsDo) {
  const CollectionSpec plain = collection();
  CollectionSpec renamed = plain;
  renamed.fields = {{"name", "customer", BsonType::kDefault, false, 0}};
  CollectionSpec retyped = renamed;
  retyped.fields[0].as = BsonType::kLong;
  CollectionSpec moved = plain;
  moved.line = 12;
  EXPECT_NE(fingerprint(plain), fingerprint(renamed));
  EXPECT_NE(fingerprint(renamed), fingerprint(retyped));
  EXPECT_EQ(fingerprint(plain), fingerprint(moved));
}

}  // namespace
}  // namespace penstock
