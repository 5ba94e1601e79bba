#include "projection_support.h"

namespace penstock {
namespace {

class Shapes : public ProjectionTest {
 protected:
  DocumentShape shape(const CollectionSpec& spec) {
    auto plan = plan_collection(spec, *schema_);
    if (plan) return plan->shape;
    ADD_FAILURE() << plan.error().text();
    return {};
  }
  Error plan_error(const CollectionSpec& spec) {
    const auto plan = plan_collection(spec, *schema_);
    if (!plan) return plan.error();
    ADD_FAILURE() << "no error";
    return {};
  }
};

TEST_F(Shapes, EveryColumnUnderItsOwnNameWithTheKeyAsId) {
  const DocumentShape made = shape(orders_spec());
  EXPECT_EQ(names(made), (Texts{"id", "name", "note", "at"}));
  EXPECT_EQ(made.collection, "orders");
  EXPECT_EQ(made.table, "shop.orders");
  ASSERT_EQ(made.id.size(), 1U);
  EXPECT_EQ(made.id[0].name, "id");
  EXPECT_EQ(made.id_columns, Texts{"id"});
  EXPECT_EQ(made.fields[3].source, "shop.orders.at timestamp without time zone");
  EXPECT_EQ(made.change_field, -1);
}

TEST_F(Shapes, FieldsAreDroppedConvertedInPlaceAndAddedAtTheEnd) {
  CollectionSpec spec = orders_spec();
  spec.fields = {field_spec("title", "name"), dropped("note"), field_spec("at", "at", BsonType::kString)};
  const DocumentShape made = shape(spec);
  EXPECT_EQ(names(made), (Texts{"id", "name", "at", "title"}));
  EXPECT_EQ(made.fields[2].as, BsonType::kString);
}

TEST_F(Shapes, AFieldWithAColumnsNameTakesItsPlace) {
  CollectionSpec spec = orders_spec();
  spec.fields = {field_spec("name", "note")};
  const DocumentShape made = shape(spec);
  EXPECT_EQ(names(made), (Texts{"id", "name", "note", "at"}));
  EXPECT_EQ(made.fields[1].source, "shop.orders.note text");
}

TEST_F(Shapes, WithoutTheStarOnlyTheNamedFieldsInTheirOrder) {
  CollectionSpec spec = orders_spec();
  spec.all_columns = false;
  spec.fields = {field_spec("b", "note"), field_spec("a", "name"), field_spec("c", "name")};
  EXPECT_EQ(names(shape(spec)), (Texts{"b", "a", "c"}));
}

TEST_F(Shapes, MetadataComesLast) {
  CollectionSpec spec = orders_spec();
  spec.change_field = "cdc_changed";
  spec.time_field = "cdc_time";
  const DocumentShape made = shape(spec);
  EXPECT_EQ(names(made), (Texts{"id", "name", "note", "at", "cdc_changed", "cdc_time"}));
  EXPECT_EQ(made.change_field, 4);
  EXPECT_EQ(made.time_field, 5);
}

TEST_F(Shapes, TheIdMayBeNamed) {
  CollectionSpec spec = orders_spec();
  spec.id = {field_spec("who", "name"), field_spec("when", "at", BsonType::kString)};
  const DocumentShape made = shape(spec);
  ASSERT_EQ(made.id.size(), 2U);
  EXPECT_EQ(made.id[1].name, "when");
  EXPECT_EQ(made.id[1].as, BsonType::kString);
  EXPECT_EQ(made.id_columns, (Texts{"name", "at"}));
}

TEST_F(Shapes, AColumnCalledIdWithUnderscoreIsTheKeyOrAnError) {
  auto schema = orders_schema();
  schema->columns[0].name = "_id";
  use(schema);
  EXPECT_EQ(names(shape(orders_spec())), (Texts{"name", "note", "at"}));
  schema->key = {1};
  EXPECT_EQ(plan_error(orders_spec()).kind, ErrorKind::kConfiguration);
  schema->key = {0, 1};
  EXPECT_EQ(plan_error(orders_spec()).kind, ErrorKind::kConfiguration);
  CollectionSpec spec = orders_spec();
  spec.fields = {dropped("_id")};
  EXPECT_EQ(names(shape(spec)), (Texts{"name", "note", "at"}));
}

TEST_F(Shapes, AMissingColumnIsNamedWithTheNearestOne) {
  CollectionSpec spec = orders_spec();
  spec.fields = {field_spec("title", "nmae")};
  const Error error = plan_error(spec);
  EXPECT_EQ(error.kind, ErrorKind::kConfiguration);
  for (const char* part : {"collection orders", "shop.orders", "\"nmae\"", "\"name\"", "line 3"}) {
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  }
  spec.fields = {dropped("nots")};
  EXPECT_NE(plan_error(spec).message.find("\"note\""), std::string::npos);
  spec.fields = {};
  spec.id = {field_spec("x", "idd")};
  EXPECT_NE(plan_error(spec).message.find("\"id\""), std::string::npos);
}

TEST_F(Shapes, TwoFieldsOfOneNameAndAMissingKeyAreErrors) {
  CollectionSpec spec = orders_spec();
  spec.time_field = "at";
  EXPECT_EQ(plan_error(spec).kind, ErrorKind::kConfiguration);
  spec = orders_spec();
  spec.all_columns = false;
  spec.fields = {field_spec("a", "name"), field_spec("a", "note")};
  EXPECT_EQ(plan_error(spec).kind, ErrorKind::kConfiguration);
  auto schema = orders_schema();
  schema->key.clear();
  use(schema);
  const Error error = plan_error(orders_spec());
  EXPECT_EQ(error.kind, ErrorKind::kConfiguration);
  EXPECT_NE(error.remedy.find("ALTER TABLE \"shop\".\"orders\""), std::string::npos);
}

TEST(Fingerprint, DiffersWhereDocumentsDiffer) {
  const CollectionSpec plain = orders_spec();
  std::vector<CollectionSpec> others(8, plain);
  others[0].soft_deletes = true;
  others[1].fields = {dropped("note")};
  others[2].fields = {field_spec("note", "note")};
  others[3].fields = {field_spec("note", "note", BsonType::kString)};
  others[4].id = {field_spec("id", "id")};
  others[5].change_field = "changed";
  others[6].time_field = "changed";
  others[7].all_columns = false;
  std::vector<std::string> seen = {fingerprint(plain)};
  for (const CollectionSpec& spec : others) {
    EXPECT_EQ(std::count(seen.begin(), seen.end(), fingerprint(spec)), 0) << fingerprint(spec);
    seen.push_back(fingerprint(spec));
  }
  CollectionSpec moved = plain;
  moved.line = 99;
  EXPECT_EQ(fingerprint(moved), fingerprint(plain));
  EXPECT_EQ(fingerprint(plain).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace penstock
