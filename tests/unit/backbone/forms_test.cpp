// Records that transformations make, as Debezium 3.5.0 and Kafka Connect were seen to write them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone/json_expansion.h"
#include "backbone/table_topics.h"
#include "backbone/topic_router.h"

namespace penstock::backbone {
namespace {

std::string routed(const std::string& pattern, const std::string& replacement, const std::string& name) {
  const auto router = TopicRouter::parse(pattern, replacement);
  return router ? router->topic_of(name) : router.error().message;
}

TEST(TopicRouter, HasGroupsWithNamesAndNumbers) {
  EXPECT_EQ(routed("(?<routedByValue>.*)", "outbox.event.${routedByValue}", "Order"), "outbox.event.Order");
  EXPECT_EQ(routed("(.*)ed", "to.$1", "Created"), "to.Creat");
  EXPECT_EQ(routed("(.*)ed", "to.$1", "Change"), "Change");
  EXPECT_EQ(routed("(?:a|b)(?<x>[(]c)", "${x}", "a(c"), "(c");
  EXPECT_EQ(routed("(a)", "${y}", "a"), "names no group \"y\" of the expression");
}

TEST(ExpandedJson, HasTheTypesOfItsValues) {
  const auto made = expand_json(
      R"({"a": 1, "b": [1,2], "c": {"d": null, "e": 1.5}, "big": 12345678901, "g": [], "h": [{"x": 1}, {"y": "s"}]})",
      "payload", false);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->json,
            R"({"a":1,"b":[1,2],"c":{"e":1.5},"big":12345678901,"h":[{"x":1,"y":null},{"x":null,"y":"s"}]})");
  EXPECT_EQ(
      envelope::schema_json(made->schema),
      R"({"type":"struct","fields":[{"type":"int32","optional":true,"field":"a"},{"type":"array","items":)"
      R"({"type":"int32","optional":true},"optional":true,"field":"b"},{"type":"struct","fields":[)"
      R"({"type":"double","optional":true,"field":"e"}],"optional":true,"name":"payload.c","field":"c"},)"
      R"({"type":"int64","optional":true,"field":"big"},{"type":"array","items":{"type":"struct","fields":[)"
      R"({"type":"int32","optional":true,"field":"x"},{"type":"string","optional":true,"field":"y"}],)"
      R"("optional":false,"name":"payload.h"},"optional":true,"field":"h"}],"optional":true,"name":"payload"})");
  EXPECT_EQ(expand_json(R"({"d": null})", "p", true)->json, R"({"d":null})");
}

TEST(ExpandedJson, IsNotMadeOfOtherTexts) {
  EXPECT_FALSE(expand_json("[1, 2]", "p", false));
  EXPECT_FALSE(expand_json("\"text\"", "p", false));
  EXPECT_FALSE(expand_json(R"({"m": [1, "x"]})", "p", false));
  EXPECT_FALSE(expand_json("{", "p", false));
}

class Forms : public ::testing::Test {
 protected:
  Forms() {
    schema->table = {"public", "outbox"};
    schema->columns = {{"id", 25, -1, "text", 0, true},
                       {"aggregatetype", 25, -1, "text"},
                       {"aggregateid", 25, -1, "text"},
                       {"payload", 3802, -1, "jsonb"},
                       {"part", 23, -1, "integer"}};
    schema->key = {0};
    batch.schemas = {schema};
    options.values.server = "shop";
    options.context_headers = false;
  }
  Result<std::vector<Record>> made(EventKind kind, const Value* before, const Value* after) {
    TableTopics topics(options, [] { return std::int64_t{5'000'000'000}; });
    Event event;
    event.kind = kind;
    event.schema = schema.get();
    event.before = before;
    event.after = after;
    std::vector<Record> records;
    PENSTOCK_TRY(topics.append(batch, event, records));
    return records;
  }
  void add(std::variant<envelope::UnwrapOptions, RouterOptions> what) {
    options.transforms.push_back({"t", std::nullopt, false, std::move(what)});
  }

  std::shared_ptr<TableSchema> schema = std::make_shared<TableSchema>();
  EventBatch batch;
  TopicOptions options;
  const Value row[5] = {Text{"u1"}, Text{"Order"}, Text{"7"}, Json{R"({"a": 1})"}, std::int32_t{3}};
  const Value old[5] = {Text{"u1"}, Unchanged{}, Unchanged{}, Unchanged{}, Unchanged{}};
};

TEST_F(Forms, ARoutedRowIsAMessage) {
  RouterOptions router;
  router.added = {{"part", RouterOptions::Placement::kPartition, "part"},
                  {"aggregateid", RouterOptions::Placement::kHeader, "of"}};
  add(router);
  const auto records = made(EventKind::kInsert, nullptr, row);
  ASSERT_TRUE(records) << records.error().text();
  ASSERT_EQ(records->size(), 1U);
  const Record& record = records->front();
  EXPECT_EQ(record.topic, "outbox.event.Order");
  EXPECT_EQ(record.key, R"("7")");
  EXPECT_EQ(record.value, R"("{\"a\": 1}")");
  EXPECT_EQ(record.partition, 3);
  EXPECT_EQ(record.timestamp, 5000);
  ASSERT_EQ(record.headers.size(), 2U);
  EXPECT_EQ(record.headers[0].name + "=" + *record.headers[0].value, "id=u1");
  EXPECT_EQ(record.headers[1].name + "=" + *record.headers[1].value, "of=7");
}

TEST_F(Forms, OnlyNewOutboxRowsAreMessages) {
  add(RouterOptions{});
  EXPECT_TRUE(made(EventKind::kDelete, old, nullptr)->empty());
  EXPECT_TRUE(made(EventKind::kUpdate, nullptr, row)->empty());
  std::get<RouterOptions>(options.transforms[0].what).on_update = RouterOptions::OnUpdate::kFatal;
  EXPECT_FALSE(made(EventKind::kUpdate, nullptr, row));
}

TEST_F(Forms, ARouterWithoutItsColumnSaysSo) {
  RouterOptions router;
  router.payload = "body";
  add(router);
  const auto records = made(EventKind::kInsert, nullptr, row);
  ASSERT_FALSE(records);
  EXPECT_THAT(records.error().message, testing::HasSubstr("public.outbox has no column \"body\""));
}

TEST_F(Forms, ADeleteInEachMode) {
  using envelope::DeleteMode;
  const auto values = [&](DeleteMode mode) {
    envelope::UnwrapOptions unwrap;
    unwrap.deletes = mode;
    options.transforms.clear();
    add(unwrap);
    std::vector<std::string> found;
    const auto records = made(EventKind::kDelete, old, nullptr);
    for (const Record& record : *records) found.push_back(record.value.value_or("tombstone"));
    return found;
  };
  const std::string rewritten =
      R"({"id":"u1","aggregatetype":null,"aggregateid":null,"payload":null,"part":null,"__deleted":"true"})";
  EXPECT_THAT(values(DeleteMode::kDrop), testing::ElementsAre());
  EXPECT_THAT(values(DeleteMode::kTombstone), testing::ElementsAre("null"));
  EXPECT_THAT(values(DeleteMode::kDeleteToTombstone), testing::ElementsAre("tombstone"));
  EXPECT_THAT(values(DeleteMode::kRewrite), testing::ElementsAre(rewritten));
  EXPECT_THAT(values(DeleteMode::kRewriteWithTombstone), testing::ElementsAre(rewritten, "tombstone"));
}

TEST_F(Forms, ARowIsRoutedByAColumn) {
  envelope::UnwrapOptions unwrap;
  unwrap.route_by = "aggregatetype";
  add(unwrap);
  EXPECT_EQ(made(EventKind::kInsert, nullptr, row)->front().topic, "Order");
  EXPECT_EQ(made(EventKind::kDelete, old, nullptr)->front().topic, "shop.public.outbox");
  std::get<envelope::UnwrapOptions>(options.transforms[0].what).route_by = "part";
  EXPECT_FALSE(made(EventKind::kInsert, nullptr, row));
}

TEST_F(Forms, TwoTransformationsOfOneTopicAreRefused) {
  add(RouterOptions{});
  add(envelope::UnwrapOptions{});
  const auto records = made(EventKind::kInsert, nullptr, row);
  ASSERT_FALSE(records);
  EXPECT_THAT(records.error().message, testing::HasSubstr("both take topic shop.public.outbox"));
}

TEST_F(Forms, AValueWithoutAPlaceIsNullWhereThatIsAskedFor) {
  schema->columns[4] = {"part", 1700, ((10 << 16) | 2) + 4, "numeric(10,2)"};
  const Value odd[5] = {Text{"u1"}, Text{"Order"}, Text{"7"}, Json{"{}"}, Decimal{"NaN"}};
  EXPECT_FALSE(made(EventKind::kInsert, nullptr, odd));
  options.values.failures = envelope::FailureMode::kSkip;
  const auto records = made(EventKind::kInsert, nullptr, odd);
  ASSERT_TRUE(records) << records.error().text();
  EXPECT_THAT(*records->front().value, testing::HasSubstr(R"("payload":"{}","part":null})"));
  schema->columns[4].not_null = true;
  EXPECT_FALSE(made(EventKind::kInsert, nullptr, odd));
}

}  // namespace
}  // namespace penstock::backbone
