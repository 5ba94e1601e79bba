#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/commands/sql_plan.h"
#include "app/preflight/plan.h"
#include "app/preflight/postgres_checks.h"
#include "app/preflight/report.h"
#include "app/preflight/unique_index.h"

namespace penstock::app {
namespace {

using testing::HasSubstr;

TEST(SynchronousStandby, IsFoundInEveryFormOfTheSetting) {
  for (const char* setting :
       {"penstock", "a, Penstock", "FIRST 1 (a, penstock)", "ANY 2 (\"penstock\",b)", "*", "2 (*)"})
    EXPECT_TRUE(names_standby(setting, "penstock")) << setting;
  for (const char* setting : {"", "a, b", "FIRST 1 (a)", "penstock2", "ANY 1 (my_penstock)"})
    EXPECT_FALSE(names_standby(setting, "penstock")) << setting;
}

TEST(Report, IsAlignedAlsoWithNamesThatAreNotAscii) {
  Report report;
  report.ok("slot", "there");
  report.fail("Đơn hàng", "is not published", "ALTER PUBLICATION p ADD TABLE t;");
  report.warn("x", "perhaps");
  EXPECT_EQ(report.text(),
            "ok    slot      there\n"
            "FAIL  Đơn hàng  is not published\n"
            "                -> ALTER PUBLICATION p ADD TABLE t;\n"
            "warn  x         perhaps\n");
  EXPECT_EQ(report.count(Outcome::kFail), 1U);
}

const TableName kTable{"public", "t"};

TEST(IdentityRemedy, PrefersThePrimaryKey) {
  EXPECT_EQ(identity_remedy(kTable, {"a"}, {{"u", {"a"}, {}, false}, {"t_pkey", {"a"}, {}, true}}, {}),
            "ALTER TABLE \"public\".\"t\" REPLICA IDENTITY DEFAULT;");
}

TEST(IdentityRemedy, TakesAnIndexThatIsThere) {
  EXPECT_EQ(identity_remedy(kTable, {"b"}, {{"t_pkey", {"a"}, {}, true}, {"u", {"b", "c"}, {}, false}}, {}),
            "ALTER TABLE \"public\".\"t\" REPLICA IDENTITY USING INDEX \"u\";");
  EXPECT_EQ(identity_remedy(kTable, {"b"}, {{"u", {"b"}, {"b"}, false}}, {"b"}),
            "ALTER TABLE \"public\".\"t\" ALTER COLUMN \"b\" SET NOT NULL; "
            "ALTER TABLE \"public\".\"t\" REPLICA IDENTITY USING INDEX \"u\";");
}

TEST(IdentityRemedy, MakesAnIndexRatherThanSendingWholeRows) {
  EXPECT_EQ(identity_remedy(kTable, {"a", "B"}, {{"t_pkey", {"a"}, {}, true}}, {"B", "c"}),
            "ALTER TABLE \"public\".\"t\" ALTER COLUMN \"B\" SET NOT NULL; "
            "CREATE UNIQUE INDEX \"t_identity\" ON \"public\".\"t\" (\"a\", \"B\"); "
            "ALTER TABLE \"public\".\"t\" REPLICA IDENTITY USING INDEX \"t_identity\";");
}

TEST(SqlLiteral, DoublesQuotes) { EXPECT_EQ(sql_literal("it's"), "'it''s'"); }

TEST(Explain, ShowsFieldsOfTheTableAndOfTheFileAlone) {
  const auto settings = parse_settings(R"(pipeline: shop
source: { postgres: x }
sink: { mongodb: mongodb://h, database: d }
collections:
  orders:
    from: public.orders
    fields: { "*": true, customer: name, name: false, total: { as: string } }
    indexes: [ { keys: { total: -1 } } ]
)",
                                       "p.yaml");
  ASSERT_TRUE(settings) << settings.error().text();
  EXPECT_THAT(explain(*settings, {}),
              HasSubstr("      every column\n      customer <- name\n      (without name)\n"));
  auto schema = std::make_shared<TableSchema>();
  schema->table = {"public", "orders"};
  schema->columns = {{"id", 23, -1, "integer"}, {"name", 25, -1, "text"}, {"total", 1700, -1, "numeric"}};
  schema->key = {0};
  postgres::TableDescription description;
  description.schema = schema;
  const std::string plan = explain(*settings, {{"public.orders", description}});
  EXPECT_THAT(
      plan,
      HasSubstr("    -> orders\n      _id: id integer\n      id integer\n      total numeric as string\n"
                "      customer <- name text\n      index { total: -1 }\n      deletes: hard\n"));
}

}  // namespace
}  // namespace penstock::app
