// Summaries against recomputation from scratch: see the fixture.
#include "summary_fixture.h"

namespace penstock::summary_test {
namespace {

TEST_F(SummaryTest, ByOneKey) { run({column_field("category")}, 1); }
TEST_F(SummaryTest, BySeveralKeys) { run({column_field("category"), sql_field("p", "price")}, 2); }
TEST_F(SummaryTest, ByAColumnOfAOneEmbed) { run({sql_field("kind", "product.kind")}, 3); }
TEST_F(SummaryTest, ByAnExpression) { run({sql_field("half", "quantity / 2"), column_field("ok")}, 4); }

TEST_F(SummaryTest, NothingIsMarkedBeforeTheFirstBuild) {
  use(sales_spec({column_field("category")}));
  for (int id = 0; id < 40; ++id) put(id, source_.make(id));
  EXPECT_EQ(summary_->documents_due(), 0U);
  build_whole();
  expect_equal();
}

TEST_F(SummaryTest, ChangesDuringABuild) {
  use(sales_spec({column_field("category"), column_field("quantity")}));
  for (int id = 0; id < 60; ++id) put(id, source_.make(id));
  std::string cursor;
  sink_->building = true;
  while (build(cursor, 3)) {
    random_change();
    write();
    if (HasFailure()) return;
  }
  write();
  expect_equal();
}

TEST_F(SummaryTest, EqualContributionsWriteNothing) {
  use(sales_spec({column_field("category")}));
  build_whole();
  put(1, source_.make(1));
  write();
  Sale same = sales_.at(1);
  put(1, same);
  EXPECT_EQ(summary_->documents_due(), 0U);
  same.columns[0] = Value(1);  // read by nothing
  put(1, same);
  EXPECT_EQ(summary_->documents_due(), 0U);
}

TEST_F(SummaryTest, ManyChangesOfAGroupAreOneWrite) {
  use(sales_spec({sql_field("one", "1")}));
  build_whole();
  for (int id = 0; id < 30; ++id) put(id, source_.make(id));
  EXPECT_EQ(summary_->documents_due(), 1U);
  write();
  EXPECT_EQ(sink_->writes, 1U);
  for (int id = 0; id < 30; ++id) remove(id);
  write();
  EXPECT_EQ(sink_->writes, 2U);
  EXPECT_TRUE(sink_->documents.empty());
}

// MongoDB was ahead of the state: it may have a document of a group that the state first heard of in the
// replay.
TEST_F(SummaryTest, AGroupThatCameInAReplayAndWentAfterItIsDeleted) {
  use(sales_spec({column_field("category")}));
  build_whole();
  put(1, source_.make(1));
  remove(1);
  WriteGroup group;
  SummaryWriter writer{group, shape_, true};
  ASSERT_TRUE(summary_->write(writer));
  ASSERT_EQ(group.writes.size(), 1U);
  EXPECT_EQ(group.writes[0].kind, WriteKind::kDelete);
}

TEST_F(SummaryTest, ATruncateAloneIsSomethingToWrite) {
  use(sales_spec({column_field("category")}));
  build_whole();
  put(1, source_.make(1));
  write();
  ASSERT_TRUE(summary_->clear(cause()));
  EXPECT_EQ(summary_->documents_due(), 1U);
  write();
  EXPECT_TRUE(sink_->documents.empty());
}

TEST_F(SummaryTest, ARowWithoutAValueLeavesItsGroup) {
  CollectionSpec spec = sales_spec({column_field("category")});
  spec.fields = {sql_field("n", "count(*)"), sql_field("s", "sum(10 / quantity)")};
  use(spec);
  build_whole();
  Sale good = source_.make(1);
  good.columns[1] = Value(Text{"a"});
  good.columns[2] = Value(5);
  put(1, good);
  put(2, good);
  write();
  Sale bad = good;
  bad.columns[2] = Value(0);
  const BoundRow bound(bad);
  const Status status = summary_->change(row_key(2), &bound.row, cause());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kBadValue);
  EXPECT_NE(status.error().message.find("division by zero"), std::string::npos) << status.error().message;
  write();
  ASSERT_EQ(sink_->documents.size(), 1U);
  EXPECT_EQ(sink_->documents.begin()->second, (std::vector<std::string>{"int64 1", "int64 2"}));
}

TEST_F(SummaryTest, ADocumentWithoutAValueIsRejected) {
  CollectionSpec spec = sales_spec({column_field("category")});
  spec.fields = {sql_field("s", "1 / (count(*) - 2)")};
  use(spec);
  build_whole();
  Sale sale = source_.make(1);
  sale.columns[1] = Value(Text{"a"});
  put(1, sale);
  put(2, sale);
  WriteGroup group;
  SummaryWriter writer{group, shape_};
  ASSERT_TRUE(summary_->write(writer));
  ASSERT_EQ(group.rejected.size(), 1U);
  EXPECT_TRUE(group.writes.empty());
  EXPECT_EQ(group.rejected[0].error.message, "collection totals, group a: division by zero");
  EXPECT_EQ(to_text(group.rejected[0].write.id[0]), "a");
}

TEST_F(SummaryTest, ShapeAndReads) {
  CollectionSpec spec = sales_spec({column_field("category"), sql_field("kind", "product.kind")});
  spec.change_field = "change";
  spec.time_field = "time";
  use(spec);
  EXPECT_EQ(shape_.id.size(), 2U);
  EXPECT_EQ(shape_.id[1].name, "kind");
  EXPECT_EQ(shape_.fields.size(), spec.fields.size() + 2);
  EXPECT_EQ(shape_.fields[18].fields[1].source, "totals.stats.spread numeric");
  EXPECT_EQ(shape_.change_field, static_cast<int>(spec.fields.size()));
  const auto reads = summary_->reads();
  const auto reads_column = [&](std::vector<std::uint16_t> embeds, std::uint16_t column) {
    return std::find(reads.begin(), reads.end(), expression::Reference{0, std::move(embeds), column}) !=
           reads.end();
  };
  EXPECT_TRUE(reads_column({}, 1));
  EXPECT_TRUE(reads_column({}, 8));
  EXPECT_TRUE(reads_column({0}, 0));
  EXPECT_FALSE(reads_column({}, 0));
}

}  // namespace
}  // namespace penstock::summary_test
