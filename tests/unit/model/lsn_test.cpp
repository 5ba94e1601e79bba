#include "model/lsn.h"

#include <gtest/gtest.h>

#include "model/position.h"

namespace penstock {
namespace {

TEST(Lsn, PrintsAsPostgresDoes) {
  EXPECT_EQ(to_string(Lsn{0}), "0/0");
  EXPECT_EQ(to_string(Lsn{0x16B374D848}), "16/B374D848");
  EXPECT_EQ(to_string(Lsn{0xFFFFFFFFFFFFFFFF}), "FFFFFFFF/FFFFFFFF");
  EXPECT_EQ(to_string(Lsn{0x100000001}), "1/1");
}

TEST(Lsn, ParsesWhatItPrints) {
  for (const std::uint64_t value : {0ULL, 1ULL, 0x16B374D848ULL, 0xFFFFFFFFULL, 0xFFFFFFFFFFFFFFFFULL}) {
    const auto parsed = parse_lsn(to_string(Lsn{value}));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->value, value);
  }
  EXPECT_EQ(parse_lsn("16/b374d848")->value, 0x16B374D848U);
}

TEST(Lsn, RefusesWhatIsNoLsn) {
  for (const char* text : {"", "/", "16", "16/", "/16", "16/B374D8480", "123456789/0", "g/1", "1/2/3", "-1/2",
                           "1/ 2", " 1/2", "0x1/2"}) {
    const auto parsed = parse_lsn(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kUsage);
    EXPECT_NE(parsed.error().message.find(text), std::string::npos);
  }
}

TEST(Lsn, IncludesIsReachedAtOrBeyond) {
  EXPECT_TRUE(includes(Lsn{1000}, Lsn{1000}));
  EXPECT_TRUE(includes(Lsn{1001}, Lsn{1000}));
  EXPECT_FALSE(includes(Lsn{999}, Lsn{1000}));
}

// pg_current_wal_insert_lsn() after a COMMIT that ends exactly at a page's end skips the next page's header.
TEST(Lsn, WantedInsideAPageHeaderCountsAsThePagesStart) {
  const std::uint64_t page = 0x2000 * 5;
  EXPECT_TRUE(includes(Lsn{page}, Lsn{page + 24}));
  EXPECT_FALSE(includes(Lsn{page - 8}, Lsn{page + 24}));
  EXPECT_FALSE(includes(Lsn{page}, Lsn{page + 32}));
  EXPECT_TRUE(includes(Lsn{page + 32}, Lsn{page + 32}));
}

TEST(Lsn, WantedInsideASegmentHeaderCountsAsTheSegmentsStart) {
  const std::uint64_t segment = 0x16000000;
  EXPECT_TRUE(includes(Lsn{segment}, Lsn{segment + 40}));
  EXPECT_FALSE(includes(Lsn{segment - 8}, Lsn{segment + 40}));
  EXPECT_FALSE(includes(Lsn{segment}, Lsn{segment + 48}));
}

TEST(Position, InsideATransactionOnlyWhenPartOfItIsApplied) {
  EXPECT_FALSE((Position{Lsn{100}, 3, Lsn{140}}.inside_transaction()));
  EXPECT_TRUE((Position{Lsn{200}, 3, Lsn{140}}.inside_transaction()));
  EXPECT_FALSE((Position{Lsn{200}, 0, Lsn{140}}.inside_transaction()));
  EXPECT_EQ(to_string(Position{Lsn{0x100}, 3, Lsn{0x140}}), "0/140");
  EXPECT_EQ(to_string(Position{Lsn{0x200}, 3, Lsn{0x140}}),
            "0/140 (and 3 messages of the transaction that commits at 0/200)");
}

}  // namespace
}  // namespace penstock
