// The journal in the pipeline file, and the moments that replay is asked for.
#include <gmock/gmock.h>

#include "app/replay/replay_source.h"
#include "app/settings.h"

namespace penstock::app {
namespace {

using testing::HasSubstr;

Result<Settings> parse(const std::string& journal) {
  return parse_settings(
      "pipeline: p\nsource: { postgres: x }\nsink: { mongodb: mongodb://h, database: d }\n" + journal +
          "\ncollections: { a: { from: a.b } }\n",
      "p.yaml", [](const std::string&) { return std::nullopt; });
}

TEST(JournalSettings, OffUnlessAskedFor) {
  EXPECT_FALSE(parse("")->journal.on);
  EXPECT_FALSE(parse("journal: false")->journal.on);
  const auto on = parse("journal: true");
  ASSERT_TRUE(on);
  EXPECT_TRUE(on->journal.on);
  EXPECT_EQ(on->journal.folder, ".penstock/journal");
  EXPECT_EQ(on->journal.keep, std::chrono::hours(24 * 30));
  EXPECT_EQ(on->journal.keep_bytes, std::size_t{10} << 30);
}

TEST(JournalSettings, AMapMeansOn) {
  const auto given = parse("journal: { folder: /j, keep: 36h, keep_bytes: 10GB }");
  ASSERT_TRUE(given) << given.error().text();
  EXPECT_TRUE(given->journal.on);
  EXPECT_EQ(given->journal.folder, "/j");
  EXPECT_EQ(given->journal.keep, std::chrono::hours(36));
  EXPECT_EQ(given->journal.keep_bytes, 10'000'000'000U);
  EXPECT_TRUE(parse("journal: {}")->journal.on);
}

TEST(JournalSettings, WrongOnesAreNamed) {
  EXPECT_THAT(parse("journal: { keep: 5 }").error().text(),
              HasSubstr("p.yaml:4:18: \"keep\" in \"journal\" must be"));
  EXPECT_THAT(parse("journal: { keeps: 5d }").error().text(), HasSubstr("did you mean \"keep\"?"));
  EXPECT_THAT(parse("journal: yes").error().text(), HasSubstr("must be true or false"));
  EXPECT_THAT(parse("journal: { keep_bytes: 5 }").error().text(), HasSubstr("at least"));
}

TEST(AsOf, PlacesAndTimes) {
  EXPECT_FALSE(parse_as_of("")->lsn || parse_as_of("")->micros);
  EXPECT_EQ(parse_as_of("16/B374D848")->lsn, Lsn{0x16B374D848});
  const std::int64_t six = 1795716000000000;  // 2026-11-26 18:00 UTC
  EXPECT_EQ(parse_as_of("2026-11-26 18:00")->micros, six);
  EXPECT_EQ(parse_as_of("2026-11-26T18:00:00Z")->micros, six);
  EXPECT_EQ(parse_as_of("2026-11-26 18:00:00.5")->micros, six + 500000);
  EXPECT_EQ(parse_as_of("2026-11-27T01:00+07:00")->micros, six);
  EXPECT_EQ(parse_as_of("2026-11-26 14:30:00-03:30")->micros, six);
  EXPECT_EQ(parse_as_of("2026-11-26 20:00+02")->micros, six);
  EXPECT_EQ(parse_as_of("2026-11-26")->micros, six - 18 * 3600 * std::int64_t{1000000});
  for (const char* wrong :
       {"yesterday", "2026-13-01", "2026-11-26 18", "infinity", "16/X", "2026-11-26 18:00+7"})
    EXPECT_FALSE(parse_as_of(wrong)) << wrong;
}

}  // namespace
}  // namespace penstock::app
