// What a group looks like once it is encoded.
#include "sink/mongo/stage/staged_group.h"

#include <gtest/gtest.h>

#include "model/kept_state.h"
#include "unit/sink_mongo/thing_rows.h"

namespace penstock::mongo {
namespace {

using testing::GroupMaker;

std::string json(const std::uint8_t* bytes, std::size_t size) { return Bson::copy(bytes, size).json(); }

class StagedGroupTest : public ::testing::Test {
 protected:
  static Options options(bool dead_letters) {
    Options options;
    options.pipeline = "shop";
    options.dead_letters = dead_letters;
    options.made_from = {{"public.things", {"things", "shelves"}}};
    return options;
  }
  std::unique_ptr<EncodedGroup> encode(WriteGroup group, bool dead_letters = false) {
    auto encoded = encode_group(std::move(group), options(dead_letters));
    EXPECT_TRUE(encoded) << encoded.error().text();
    return std::move(*encoded);
  }

  DocumentShape shape_ = testing::things_shape();
  GroupMaker group_{shape_};
};

TEST_F(StagedGroupTest, an_insert_is_its_filter_and_the_whole_document) {
  const auto encoded = encode(group_.insert(7, "a", "x").take(100));
  const CollectionWrites& writes = encoded->segments.at(0).collections.at(0);
  const Item& item = writes.inserts.items.at(0);
  EXPECT_EQ(json(writes.inserts.id(item), item.id_bytes), R"({ "_id" : 7 })");
  EXPECT_EQ(json(writes.inserts.body(item), item.body_bytes),
            R"({ "_id" : 7, "id" : 7, "name" : "a", "note" : "x" })");
}

TEST_F(StagedGroupTest, a_patch_sets_what_was_sent) {
  const auto encoded = encode(group_.patch(7, "a", {}).take(100));
  const CollectionWrites& writes = encoded->segments.at(0).collections.at(0);
  const Item& item = writes.patches.items.at(0);
  EXPECT_EQ(json(writes.patches.body(item), item.body_bytes), R"({ "$set" : { "id" : 7, "name" : "a" } })");
  EXPECT_EQ(writes.keys.at(item.detail).key, KeyText{"7"});
  EXPECT_EQ(writes.keys.at(item.detail).since, Lsn{100});
}

TEST_F(StagedGroupTest, names_with_dots_are_set_literally) {
  shape_.fields[1].name = "a.b";
  const auto encoded = encode(group_.patch(7, "v", {}).take(100));
  const CollectionWrites& writes = encoded->segments.at(0).collections.at(0);
  const Item& item = writes.patches.items.at(0);
  EXPECT_NE(json(writes.patches.body(item), item.body_bytes).find(R"("field" : { "$literal" : "a.b" })"),
            std::string::npos);
}

TEST_F(StagedGroupTest, frees_what_the_writes_borrowed) {
  group_.insert(7, "a", "x");
  WriteGroup group = group_.take(100);
  group.batches.push_back(std::make_shared<EventBatch>());
  const std::weak_ptr<EventBatch> batch = group.batches.front();
  const auto encoded = encode(std::move(group));
  EXPECT_TRUE(batch.expired());
  EXPECT_TRUE(encoded->group().writes.empty());
  EXPECT_TRUE(encoded->group().position.has_value());
  EXPECT_EQ(encoded->writes(), 1U);
  EXPECT_GT(encoded->bytes(), 0U);
}

TEST_F(StagedGroupTest, a_row_that_cannot_be_encoded_stops_or_is_parked) {
  group_.insert(1, "a", "x").insert(Null{}, "b", "y");
  WriteGroup group = group_.take(100);
  auto stopped = encode_group(std::move(group), options(false));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::kBadValue);

  group_.insert(1, "a", "x").insert(Null{}, "b", "y");
  const auto encoded = encode(group_.take(100), true);
  ASSERT_EQ(encoded->dead_letters.size(), 1U);
  const Bson& letter = encoded->dead_letters[0].document;
  EXPECT_EQ(encoded->dead_letters[0].collection, "things_dead_letters");
  EXPECT_EQ(text_at(letter.get(), "_id.table"), "public.things");
  EXPECT_EQ(long_at(letter.get(), "_id.commit_lsn"), 100);
  EXPECT_EQ(long_at(letter.get(), "_id.ordinal"), 2);
  EXPECT_EQ(text_at(letter.get(), "row.name"), "b");
  EXPECT_TRUE(text_at(letter.get(), "reason").has_value());
  EXPECT_EQ(encoded->segments.at(0).collections.at(0).inserts.items.size(), 1U);
}

TEST_F(StagedGroupTest, what_read_models_keep_is_never_parked) {
  shape_.collection = shape_.table = kept::rows_of("shop", "public.things");
  group_.insert(1, "a", "x").insert(Null{}, "b", "y");
  const auto refused = encode_group(group_.take(100), options(true));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kBadValue);
  EXPECT_NE(refused.error().message.find("penstock_rows.shop.public.things (id "), std::string::npos)
      << refused.error().text();
  EXPECT_NE(refused.error().remedy.find("does not park"), std::string::npos);
}

RejectedRecord bad_record(const std::string& table) {
  RejectedRecord record;
  record.topic = "shop.public.things";
  record.partition = 3;
  record.offset = 4711;
  record.timestamp_millis = 1700000000000;
  record.key = R"({"id":7})";
  record.value = std::string("\xff\x00{", 3);
  record.headers = {{"trace", "abc"}, {"empty", std::nullopt}};
  record.table = table;
  record.row_columns = {"id"};
  record.row_key = {"7"};
  record.error = make_error(ErrorKind::kBadValue, "the value is no JSON", "penstock resync");
  return record;
}

TEST_F(StagedGroupTest, a_rejected_record_is_parked_for_each_collection_of_its_table) {
  WriteGroup group = group_.take(100);
  group.rejected_records = {bad_record("public.things")};
  const auto encoded = encode(std::move(group), true);
  EXPECT_FALSE(encoded->only_position());
  ASSERT_EQ(encoded->dead_letters.size(), 2U);
  EXPECT_EQ(encoded->dead_letters[0].collection, "things_dead_letters");
  EXPECT_EQ(encoded->dead_letters[1].collection, "shelves_dead_letters");
  const _bson_t* letter = encoded->dead_letters[0].document.get();
  EXPECT_EQ(document_at(letter, "_id")->json(),
            R"({ "pipeline" : "shop", "topic" : "shop.public.things", "partition" : 3, "offset" : 4711 })");
  EXPECT_EQ(text_at(letter, "collection"), "things");
  EXPECT_EQ(text_at(letter, "table"), "public.things");
  EXPECT_EQ(texts_at(letter, "key"), KeyText{"7"});
  EXPECT_EQ(text_at(letter, "error"), "the value is no JSON");
  EXPECT_EQ(text_at(letter, "remedy"), "penstock resync");
  EXPECT_EQ(binary_at(letter, "record.key"), R"({"id":7})");
  EXPECT_EQ(binary_at(letter, "record.value"), std::string("\xff\x00{", 3));
  EXPECT_EQ(date_at(letter, "record.timestamp"), 1700000000000);
  EXPECT_EQ(binary_at(letter, "record.headers.0.value"), "abc");
  EXPECT_TRUE(has(letter, "record.headers.1.value"));
  EXPECT_FALSE(binary_at(letter, "record.headers.1.value"));
}

TEST_F(StagedGroupTest, a_rejected_record_of_no_collection_has_a_place_too) {
  WriteGroup group = group_.take(100);
  group.rejected_records = {bad_record("")};
  const auto encoded = encode(std::move(group), true);
  ASSERT_EQ(encoded->dead_letters.size(), 1U);
  EXPECT_EQ(encoded->dead_letters[0].collection, kDeadLetters);
  EXPECT_FALSE(has(encoded->dead_letters[0].document.get(), "collection"));
}

TEST_F(StagedGroupTest, a_record_larger_than_a_document_is_cut_and_says_so) {
  WriteGroup group = group_.take(100);
  RejectedRecord record = bad_record("public.other");
  record.value = std::string(std::size_t{17} << 20, 'x');
  record.key = std::string(std::size_t{3} << 20, 'k');
  record.headers.assign(3, {"large", std::string(std::size_t{1} << 20, 'h')});
  group.rejected_records = {record};
  const auto encoded = encode(std::move(group), true);
  const Bson& letter = encoded->dead_letters.at(0).document;
  EXPECT_LT(letter.size(), kMaxDocumentBytes);
  EXPECT_EQ(long_at(letter.get(), "record.value_bytes"), std::int64_t{17} << 20);
  EXPECT_EQ(long_at(letter.get(), "record.key_bytes"), std::int64_t{3} << 20);
}

TEST_F(StagedGroupTest, a_rejected_record_ends_a_pipeline_that_stops_at_errors) {
  WriteGroup group = group_.take(100);
  group.rejected_records = {bad_record("public.things")};
  const auto stopped = encode_group(std::move(group), options(false));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().message, "the value is no JSON");
}

TEST_F(StagedGroupTest, a_mere_position_has_nothing_to_write) {
  const auto encoded = encode(group_.take(100));
  EXPECT_TRUE(encoded->only_position());
}

}  // namespace
}  // namespace penstock::mongo
