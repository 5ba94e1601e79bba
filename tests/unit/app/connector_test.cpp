// Debezium connector files: what they mean here, what is said of them, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/connector/capture_settings.h"
#include "app/connector/known_settings.h"

namespace penstock::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::optional<std::string> no_environment(const std::string& name) {
  if (name == "DB_PASSWORD") return "s'cret";
  return std::nullopt;
}

// The classic file, with more settings.
std::string file_with(const std::string& more) {
  return R"({"name": "pg", "config": {"connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "plugin.name": "pgoutput", "database.hostname": "127.0.0.1", "database.port": 5432, "database.user": "u",
    "database.password": "${env:DB_PASSWORD}", "database.dbname": "shop", "topic.prefix": "shop",
    "slot.name": "shop_slot", "publication.name": "shop_pub",
    "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": false,
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false")" +
         (more.empty() ? "" : "," + more) + "}}";
}

Result<ConnectorSettings> read(const std::string& more) {
  PENSTOCK_ASSIGN(const ConnectorFile file, parse_connector_file(file_with(more), "pg.json", no_environment));
  return capture_settings_of(file);
}

std::string complaint(const std::string& more) {
  const auto made = read(more);
  return made ? "" : made.error().text();
}

TEST(Connector, TheClassicFile) {
  const auto made = read(R"("decimal.handling.mode": "double", "tombstones.on.delete": "false")");
  ASSERT_TRUE(made) << made.error().text();
  const CaptureSettings& capture = made->capture;
  EXPECT_EQ(capture.name, "pg");
  EXPECT_EQ(capture.source.postgres,
            R"(host='127.0.0.1' port='5432' user='u' password='s\'cret' dbname='shop' )");
  EXPECT_EQ(capture.source.slot, "shop_slot");
  EXPECT_EQ(capture.source.publication, "shop_pub");
  EXPECT_EQ(capture.topics.values.server, "shop");
  EXPECT_EQ(capture.topics.values.decimals, envelope::DecimalMode::kDouble);
  EXPECT_FALSE(capture.topics.tombstones);
  EXPECT_EQ(capture.topics.skipped, "t");
  EXPECT_EQ(capture.snapshot, SnapshotMode::kInitial);
  EXPECT_TRUE(made->remarks.empty());
}

TEST(Connector, TablesAreChosenByWholeNamesCaseAside) {
  const auto made = read(R"("table.include.list": "public\\.orders, public.o.*s$,(?i)SALES\\.X")");
  ASSERT_TRUE(made) << made.error().text();
  const TableChoice& choice = made->capture.choice;
  EXPECT_TRUE(choice.takes({"public", "Orders"}));
  EXPECT_TRUE(choice.takes({"sales", "x"}));
  EXPECT_FALSE(choice.takes({"public", "orders_old"}));
}

TEST(Connector, MasksAndKeys) {
  const auto made = read(R"("column.mask.hash.SHA-256.with.salt.a.b": "public.t.c",
                            "column.truncate.to.3.chars": "public.t.d", "message.key.columns": "public.t:a,b;(.*).u:c")");
  ASSERT_TRUE(made) << made.error().text();
  const envelope::ColumnRules& rules = made->capture.topics.columns;
  ASSERT_NE(rules.mask_of("public.t.c"), nullptr);
  EXPECT_EQ(rules.mask_of("public.t.c")->salt, "a.b");
  EXPECT_EQ(rules.mask_of("public.t.d")->length, 3U);
  EXPECT_EQ(rules.mask_of("public.t.e"), nullptr);
  EXPECT_THAT(*rules.key_of("public.t"), ElementsAre("a", "b"));
  EXPECT_THAT(*rules.key_of("x.u"), ElementsAre("c"));
}

TEST(Connector, SettingsWithoutEffectAreNamed) {
  const auto made =
      read(R"("signal.data.collection": "public.signals", "max.batch.size": "10", "table.includ.list": "x")");
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_THAT(made->remarks,
              ElementsAre(HasSubstr("\"signal.data.collection\" has no effect"),
                          HasSubstr("\"table.includ.list\" is no setting of Debezium's; did you mean")));
}

TEST(Connector, WhatWouldChangeTheEventsIsRefusedByName) {
  EXPECT_THAT(
      complaint(
          R"("transforms": "r", "transforms.r.type": "org.apache.kafka.connect.transforms.RegexRouter")"),
      HasSubstr("pg.json: \"transforms.r.type\" is \"org.apache.kafka.connect.transforms.RegexRouter\""));
  EXPECT_THAT(complaint(R"("header.converter": "org.apache.kafka.connect.json.JsonConverter")"),
              HasSubstr("header.converter"));
  EXPECT_THAT(complaint(R"("value.converter.decimal.format": "NUMERIC")"), HasSubstr("decimal.format"));
  EXPECT_THAT(complaint(R"("field.name.adjustment.mode": "avro")"), HasSubstr("field.name.adjustment.mode"));
  EXPECT_EQ(complaint(R"("field.name.adjustment.mode": "none")"), "");
  EXPECT_THAT(complaint(R"("decimal.handling.mode": "exact")"),
              HasSubstr("use one of precise, double, string"));
  EXPECT_THAT(complaint(R"("table.include.list": "a(")"), HasSubstr("\"table.include.list\""));
  EXPECT_THAT(complaint(R"("column.mask.hash.SHA-7.with.salt.x": "a")"), HasSubstr("SHA-7"));
  EXPECT_THAT(complaint(R"("table.include.list": "a", "table.exclude.list": "b")"), HasSubstr("both there"));
  EXPECT_THAT(complaint(R"("header.converter": "io.confluent.X")"), HasSubstr("header.converter"));
  EXPECT_THAT(complaint(R"("skip.messages.without.change": true)"),
              HasSubstr("skip.messages.without.change"));
  EXPECT_EQ(complaint(R"("skip.messages.without.change": "false")"), "");
  EXPECT_THAT(complaint(R"("database.initial.statements": "SET x = 1")"), HasSubstr("ALTER ROLE"));
}

TEST(Connector, SchemasAreOnUnlessTheyAreSwitchedOff) {
  const auto off = read("");
  ASSERT_TRUE(off) << off.error().text();
  EXPECT_FALSE(off->capture.topics.values.value_schemas);
  const std::string text = R"({"connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "database.hostname": "h", "database.user": "u", "database.dbname": "d", "topic.prefix": "p",
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "true"})";
  const auto on = capture_settings_of(*parse_connector_file(text, "pg.json", no_environment));
  ASSERT_TRUE(on) << on.error().text();
  EXPECT_TRUE(on->capture.topics.values.key_schemas);
  EXPECT_TRUE(on->capture.topics.values.value_schemas);
}

TEST(Connector, AValueWithoutAPlaceBecomesNullUnlessTheFileSaysFail) {
  EXPECT_EQ(read("")->capture.topics.values.failures, envelope::FailureMode::kWarn);
  EXPECT_EQ(read(R"("event.converting.failure.handling.mode": "fail")")->capture.topics.values.failures,
            envelope::FailureMode::kFail);
}

// Of a transformation `t` of that type.
std::string transform(const std::string& type, const std::string& more = "") {
  return R"("transforms": "t", "transforms.t.type": ")" + type + "\"" + (more.empty() ? "" : ", " + more);
}
const std::string kUnwrap = "io.debezium.transforms.ExtractNewRecordState";
const std::string kRouter = "io.debezium.transforms.outbox.EventRouter";

envelope::DeleteMode deletes_of(const std::string& more) {
  const auto made = read(transform(kUnwrap, more));
  EXPECT_TRUE(made) << made.error().text();
  return std::get<envelope::UnwrapOptions>(made->capture.topics.transforms.at(0).what).deletes;
}

TEST(Connector, DeletesOfUnwrappedRowsInBothSpellings) {
  using envelope::DeleteMode;
  const std::string now = R"("transforms.t.delete.tombstone.handling.mode": )";
  EXPECT_EQ(deletes_of(""), DeleteMode::kTombstone);
  EXPECT_EQ(deletes_of(now + "\"rewrite-with-tombstone\""), DeleteMode::kRewriteWithTombstone);
  EXPECT_EQ(deletes_of(now + "\"delete-to-tombstone\""), DeleteMode::kDeleteToTombstone);
  const std::string handling = R"("transforms.t.delete.handling.mode": )";
  const std::string kept = R"(, "transforms.t.drop.tombstones": "false")";
  EXPECT_EQ(deletes_of(handling + "\"rewrite\""), DeleteMode::kRewrite);
  EXPECT_EQ(deletes_of(handling + "\"rewrite\"" + kept), DeleteMode::kRewriteWithTombstone);
  EXPECT_EQ(deletes_of(handling + "\"drop\""), DeleteMode::kDrop);
  EXPECT_EQ(deletes_of(handling + "\"drop\"" + kept), DeleteMode::kDeleteToTombstone);
}

TEST(Connector, ATransformationsPredicateChoosesTopics) {
  const std::string predicate =
      R"("transforms.t.predicate": "p", "transforms.t.negate": true, "predicates": "p",
    "predicates.p.pattern": ".*outbox", "predicates.p.type": )";
  const std::string matches = R"("org.apache.kafka.connect.transforms.predicates.TopicNameMatches")";
  const auto made = read(transform(kUnwrap, predicate + matches));
  ASSERT_TRUE(made) << made.error().text();
  const backbone::Transform& transformation = made->capture.topics.transforms.at(0);
  EXPECT_TRUE(transformation.applies("shop.public.orders"));
  EXPECT_FALSE(transformation.applies("shop.public.outbox"));
  EXPECT_THAT(complaint(transform(
                  kUnwrap, predicate + R"("org.apache.kafka.connect.transforms.predicates.HasHeaderKey")")),
              HasSubstr("\"predicates.p.type\""));
  EXPECT_THAT(complaint(transform(kUnwrap, R"("transforms.t.predicate": "p")")),
              HasSubstr("not among \"predicates\""));
}

TEST(Connector, OfTransformationsToo) {
  EXPECT_THAT(complaint(transform(kUnwrap, R"("transforms.t.drop.fields.header.name": "h")")),
              HasSubstr("\"transforms.t.drop.fields.header.name\" is \"h\", which is not supported"));
  EXPECT_THAT(complaint(transform(kUnwrap, R"("transforms.t.add.fields": "after.id")")),
              HasSubstr("transforms.t.add.fields"));
  EXPECT_THAT(complaint(transform(kRouter, R"("transforms.t.table.field.event.schema.version": "v")")),
              HasSubstr("table.field.event.schema.version"));
  EXPECT_THAT(complaint(transform(kRouter, R"("transforms.t.table.fields.additional.placement": "a:body")")),
              HasSubstr("has \"a:body\""));
  EXPECT_THAT(complaint(transform(kRouter, R"("transforms.t.route.topic.replacement": "${other}")")),
              HasSubstr("names no group \"other\""));
  const auto made = read(transform(kRouter, R"("transforms.t.route.topic.replacment": "x")"));
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_THAT(made->remarks, ElementsAre(HasSubstr("did you mean")));
}

TEST(Connector, AvroIsRefusedByName) {
  const std::string text = R"({"connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "database.hostname": "h", "database.user": "u", "database.dbname": "d", "topic.prefix": "p",
    "value.converter": "io.confluent.connect.avro.AvroConverter"})";
  const auto file = parse_connector_file(text, "pg.json", no_environment);
  ASSERT_TRUE(file);
  const auto made = capture_settings_of(*file);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("\"io.confluent.connect.avro.AvroConverter\" is not supported"));
}

TEST(Connector, FilesThatAreNone) {
  EXPECT_THAT(parse_connector_file("{", "pg.json", no_environment).error().message,
              HasSubstr("pg.json: no JSON"));
  EXPECT_THAT(parse_connector_file("[]", "pg.json", no_environment).error().message,
              HasSubstr("not an object"));
  EXPECT_THAT(parse_connector_file(R"({"a": "${env:NONE}"})", "pg.json", no_environment).error().message,
              HasSubstr("NONE is not set"));
  const auto other = parse_connector_file(
      R"({"connector.class": "io.debezium.connector.mysql.MySqlConnector"})", "pg.json", no_environment);
  ASSERT_TRUE(other);
  EXPECT_THAT(capture_settings_of(*other).error().message, HasSubstr("connector.class"));
}

TEST(Connector, OtherReferencesAreTheSettingsOwn) {
  const auto file = parse_connector_file(R"({"a": "outbox.${routedByValue}"})", "pg.json", no_environment);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file->find("a"), "outbox.${routedByValue}");
}

TEST(Connector, TheDocumentationEndsWithTheTableOfTheCode) {
  const std::filesystem::path here(__FILE__);
  std::ifstream stream(here.parent_path() / "../../../docs/debezium.md", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(text.ends_with(known_settings_markdown()))
      << "put there what penstock schema --connector prints";
}

}  // namespace
}  // namespace penstock::app
