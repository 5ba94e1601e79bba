// Events as records: how many, where to, with which keys and headers.
#include "backbone/table_topics.h"

#include <gtest/gtest.h>

namespace penstock::backbone {
namespace {

class Topics : public testing::Test {
 protected:
  Topics() {
    schema->table = {"public", "orders"};
    schema->columns = {{"id", 23, -1, "integer", 23, true}, {"name", 25, -1, "text", 25}};
    schema->key = {0};
    batch.schemas = {schema};
    options.values.server = "shop";
    options.skipped.clear();
  }
  std::vector<Record> records(EventKind kind, const Value* before, const Value* after) {
    Event event;
    event.kind = kind;
    event.schema = schema.get();
    event.before = before;
    event.after = after;
    TableTopics topics(options, [] { return std::int64_t{5}; });
    std::vector<Record> made;
    EXPECT_TRUE(topics.append(batch, event, made));
    return made;
  }
  static std::string operation(const Record& record) {
    if (!record.value) return "tombstone";
    const std::size_t at = record.value->find("\"op\":\"");
    return record.value->substr(at + 6, 1);
  }

  std::shared_ptr<TableSchema> schema = std::make_shared<TableSchema>();
  EventBatch batch;
  TopicOptions options;
  const Value one[2] = {std::int32_t{1}, Text{"a"}};
  const Value two[2] = {std::int32_t{2}, Text{"a"}};
};

TEST_F(Topics, HaveNamesThatKafkaAllows) {
  EXPECT_EQ(topic_name(options, {"public", "order lines"}), "shop.public.order_lines");
  EXPECT_EQ(topic_name(options, {"public", "đơn"}), "shop.public.__n");
}

TEST_F(Topics, AnInsertAndARowOfALoad) {
  const auto made = records(EventKind::kInsert, nullptr, one);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].topic, "shop.public.orders");
  EXPECT_EQ(made[0].key, R"({"id":1})");
  EXPECT_EQ(operation(made[0]), "c");
  EXPECT_EQ(made[0].headers.size(), 4U);
  EXPECT_EQ(made[0].headers[0].value, "shop");
  EXPECT_EQ(operation(records(EventKind::kLoad, nullptr, one)[0]), "r");
}

TEST_F(Topics, ADeleteHasItsTombstone) {
  const Value key_alone[] = {std::int32_t{1}, Unchanged{}};
  auto made = records(EventKind::kDelete, key_alone, nullptr);
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(operation(made[0]), "d");
  EXPECT_EQ(operation(made[1]), "tombstone");
  EXPECT_EQ(made[1].key, R"({"id":1})");
  options.tombstones = false;
  EXPECT_EQ(records(EventKind::kDelete, key_alone, nullptr).size(), 1U);
}

TEST_F(Topics, AChangedKeyIsADeleteAndACreate) {
  const Value old_key[] = {std::int32_t{1}, Unchanged{}};
  const auto made = records(EventKind::kUpdate, old_key, two);
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(operation(made[0]) + operation(made[1]) + operation(made[2]), "dtombstonec");
  EXPECT_EQ(made[0].key, R"({"id":1})");
  EXPECT_EQ(made[2].key, R"({"id":2})");
  EXPECT_EQ(made[0].headers.front().name, "__debezium.newkey");
  EXPECT_EQ(made[0].headers.front().value, R"({"id":2})");
  EXPECT_EQ(made[1].headers.front().name, "__debezium.newkey");
  EXPECT_EQ(made[2].headers.front().name, "__debezium.oldkey");
  EXPECT_EQ(made[2].headers.front().value, R"({"id":1})");
}

TEST_F(Topics, OperationsAreSkippedAsAskedFor) {
  options.skipped = "tr";
  EXPECT_TRUE(records(EventKind::kTruncate, nullptr, nullptr).empty());
  EXPECT_TRUE(records(EventKind::kLoad, nullptr, one).empty());
  EXPECT_EQ(records(EventKind::kInsert, nullptr, one).size(), 1U);
  options.skipped.clear();
  const auto made = records(EventKind::kTruncate, nullptr, nullptr);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(operation(made[0]), "t");
  EXPECT_FALSE(made[0].key);
}

TEST_F(Topics, AKeyOfItsOwnAndColumnsLeftOut) {
  options.columns.keys = *envelope::parse_key_columns("public\\.orders:name");
  options.columns.exclude = *envelope::NamePatterns::parse("public\\.orders\\.ID");
  const auto made = records(EventKind::kInsert, nullptr, one);
  EXPECT_EQ(made[0].key, R"({"name":"a"})");
  EXPECT_NE(made[0].value->find(R"("after":{"name":"a"})"), std::string::npos);
}

}  // namespace
}  // namespace penstock::backbone
