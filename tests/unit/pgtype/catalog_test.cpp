#include <gtest/gtest.h>

#include <string>

#include "pgtype/builtin_types.h"
#include "pgtype/decoder.h"

namespace penstock::pgtype {
namespace {

TEST(Catalog, ReadsARowOfPgType) {
  const auto type = type_info_from_row(
      {"16401", "item", "shop", "c", "C", "0", ",", "{a,\"b c\",\"d\\\"e\"}", "{23,25,1009}"});
  ASSERT_TRUE(type) << type.error().text();
  EXPECT_EQ(type->oid, 16401U);
  EXPECT_EQ(type->schema, "shop");
  ASSERT_EQ(type->attributes.size(), 3U);
  EXPECT_EQ(type->attributes[1].name, "b c");
  EXPECT_EQ(type->attributes[2].name, "d\"e");
  EXPECT_EQ(type->attributes[2].type, 1009U);
}

TEST(Catalog, RefusesRowsThatAreNone) {
  EXPECT_FALSE(type_info_from_row({"1", "x"}));
  EXPECT_FALSE(type_info_from_row({"x", "item", "shop", "c", "C", "0", ",", nullptr, nullptr}));
  EXPECT_FALSE(type_info_from_row({"1", nullptr, "shop", "c", "C", "0", ",", nullptr, nullptr}));
  EXPECT_FALSE(type_info_from_row({"1", "item", "shop", "c", "C", "0", ",", "{a}", "{1,2}"}));
}

TEST(Catalog, AsksOncePerTypeAndNeverForBuiltinOnes) {
  int asked = 0;
  TypeCatalog catalog([&](std::uint32_t oid) -> Result<TypeInfo> {
    ++asked;
    TypeInfo type;
    type.oid = oid;
    type.name = "mood" + std::to_string(asked);
    type.kind = 'e';
    return type;
  });
  ASSERT_TRUE(catalog.find(23));
  EXPECT_EQ(asked, 0);
  EXPECT_EQ((*catalog.find(70001))->name, "mood1");
  EXPECT_EQ((*catalog.find(70001))->name, "mood1");
  catalog.forget();
  EXPECT_EQ((*catalog.find(70001))->name, "mood2");
}

TEST(Catalog, BaseTypesAreThoseExpressionsSee) {
  TypeCatalog catalog([&](std::uint32_t oid) -> Result<TypeInfo> {
    TypeInfo type;
    type.oid = oid;
    if (oid == 70001) type.kind = 'e';
    if (oid == 70002 || oid == 70003) {
      type.kind = 'd';
      type.element = oid == 70002 ? 1700 : 70001;
    }
    if (oid == 70004) {
      type.category = 'A';
      type.element = 70001;
    }
    if (oid == 70005) return fail(ErrorKind::kBadValue, "gone");
    return type;
  });
  EXPECT_EQ(*base_type(23, catalog), 23U);
  EXPECT_EQ(*base_type(1007, catalog), 1007U);
  EXPECT_EQ(*base_type(70001, catalog), 25U);
  EXPECT_EQ(*base_type(70002, catalog), 1700U);
  EXPECT_EQ(*base_type(70003, catalog), 25U);
  EXPECT_EQ(*base_type(70004, catalog), 1009U);
  EXPECT_FALSE(base_type(70005, catalog));
  EXPECT_EQ(*base_type(70006, catalog), 70006U);
}

TEST(Catalog, KnowsElementsAndDelimitersOfBuiltinArrays) {
  EXPECT_EQ(builtin_type(1007)->element, 23U);
  EXPECT_EQ(builtin_type(1020)->delimiter, ';');
  EXPECT_EQ(family_of(*builtin_type(1007)), Family::kArray);
  EXPECT_EQ(family_of(*builtin_type(4451)), Family::kMultirange);
  EXPECT_FALSE(builtin_type(16384));
}

TEST(Catalog, OnlyABaseTypeCalledHstoreIsHstore) {
  TypeInfo type;
  type.oid = 70001;
  type.name = "hstore";
  EXPECT_EQ(family_of(type), Family::kHstore);
  type.kind = 'e';
  EXPECT_EQ(family_of(type), Family::kText);
}

}  // namespace
}  // namespace penstock::pgtype
