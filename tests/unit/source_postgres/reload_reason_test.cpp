#include "source/postgres/reload_reason.h"

#include <gtest/gtest.h>

namespace penstock::postgres {
namespace {

std::string fingerprint(const std::string& columns, const std::string& leaves, const std::string& files,
                        const std::string& attributes, const std::string& definition = "orders: *") {
  return load_fingerprint("columns " + columns + "\nkey id,\npublication 1/tttt/7;\nleaves " + leaves +
                              "\nfiles " + files + "\nattributes " + attributes,
                          definition);
}

TEST(ReloadReason, NothingChanged) {
  const auto same = fingerprint("id integer", "", "1:10,", "1:aa,");
  EXPECT_FALSE(reload_reason(same, same, {}));
}

TEST(ReloadReason, AColumnWasAddedWithADefault) {
  EXPECT_TRUE(reload_reason(fingerprint("id integer", "", "1:10,", "1:aa,"),
                            fingerprint("id integer,b text", "", "1:10,", "1:bb,"), {}));
}

TEST(ReloadReason, VacuumFullMovesTheFileAlone) {
  EXPECT_FALSE(reload_reason(fingerprint("id integer", "", "1:10,", "1:aa,"),
                             fingerprint("id integer", "", "1:11,", "1:aa,"), {}));
}

TEST(ReloadReason, SetStatisticsTouchesTheAttributesAlone) {
  EXPECT_FALSE(reload_reason(fingerprint("id integer", "", "1:10,", "1:aa,"),
                             fingerprint("id integer", "", "1:10,", "1:bb,"), {}));
}

TEST(ReloadReason, AlterTypeUsingOfTheSameTypeRewritesTheRows) {
  EXPECT_TRUE(reload_reason(fingerprint("id integer", "", "1:10,", "1:aa,"),
                            fingerprint("id integer", "", "1:11,", "1:bb,"), {}));
}

TEST(ReloadReason, ANewPartitionThatIsEmptyHasSentEveryRowItEverHad) {
  const auto before = fingerprint("id integer", "2:,", "1:0,2:20,", "1:aa,2:cc,");
  const auto after = fingerprint("id integer", "2:,3:,", "1:0,2:20,3:30,", "1:aa,2:cc,3:dd,");
  EXPECT_FALSE(reload_reason(before, after, {3}));
  EXPECT_TRUE(reload_reason(before, after, {}));
}

TEST(ReloadReason, ATruncatedPartitionChangesItsFileAlone) {
  EXPECT_TRUE(reload_reason(fingerprint("id integer", "2:,", "1:0,2:20,", "1:aa,2:cc,"),
                            fingerprint("id integer", "2:,", "1:0,2:21,", "1:aa,2:cc,"), {}));
}

TEST(ReloadReason, ADetachedPartitionTakesItsRowsAlong) {
  EXPECT_TRUE(reload_reason(fingerprint("id integer", "2:,3:,", "1:0,2:20,3:30,", "1:aa,2:cc,3:dd,"),
                            fingerprint("id integer", "2:,", "1:0,2:20,", "1:aa,2:cc,"), {}));
}

TEST(ReloadReason, AChangedDefinition) {
  EXPECT_TRUE(reload_reason(fingerprint("id integer", "", "1:10,", "1:aa,", "a"),
                            fingerprint("id integer", "", "1:10,", "1:aa,", "b"), {}));
}

}  // namespace
}  // namespace penstock::postgres
