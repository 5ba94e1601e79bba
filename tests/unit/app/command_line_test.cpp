#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/nearest.h"
#include "app/version.h"
#include "base/error_policy.h"

namespace penstock::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CommandLine accepted(const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments);
  EXPECT_TRUE(parsed) << parsed.error().text();
  if (!parsed || !std::holds_alternative<CommandLine>(*parsed)) return {};
  return std::get<CommandLine>(*parsed);
}

std::string refused(const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments);
  EXPECT_FALSE(parsed);
  if (parsed) return {};
  EXPECT_EQ(policy_of(parsed.error().kind).exit_code, 2);
  return parsed.error().text();
}

std::string help(const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments);
  EXPECT_TRUE(parsed && std::holds_alternative<Help>(*parsed));
  return parsed && std::holds_alternative<Help>(*parsed) ? std::get<Help>(*parsed).text : std::string();
}

class CommandLineTest : public testing::Test {
 protected:
  void SetUp() override { unsetenv("PENSTOCK_ADMIN"); }
};

TEST_F(CommandLineTest, ReadsEveryCommand) {
  const CommandLine setup =
      accepted({"setup", "p.yaml", "--admin", "u", "--create-database", "--sql", "f.sql"});
  EXPECT_EQ(setup.command, "setup");
  EXPECT_EQ(setup.pipeline_file, "p.yaml");
  EXPECT_EQ(setup.setup.admin, "u");
  EXPECT_TRUE(setup.setup.create_database);
  EXPECT_EQ(setup.setup.sql, "f.sql");
  EXPECT_TRUE(accepted({"check", "p.yaml", "--offline"}).check.offline);
  EXPECT_TRUE(accepted({"check", "--explain", "p.yaml"}).check.explain);
  EXPECT_TRUE(accepted({"load", "p.yaml"}).run.until_loaded);
  EXPECT_FALSE(accepted({"run", "p.yaml"}).run.until_current);
  EXPECT_FALSE(accepted({"run", "p.yaml"}).run.until_loaded);
  EXPECT_TRUE(accepted({"run", "p.yaml", "--until-current"}).run.until_current);
  EXPECT_TRUE(accepted({"status", "p.yaml", "--json"}).status.json);
  const CommandLine verify =
      accepted({"verify", "p.yaml", "--repair", "--json", "--sample", "12.5%", "--collection", "a",
                "--collection", "b", "--limit", "7", "--state-dir", "/x"});
  EXPECT_TRUE(verify.verify.repair && verify.verify.json);
  EXPECT_EQ(verify.verify.sample_percent, 12.5);
  EXPECT_THAT(verify.verify.collections, ElementsAre("a", "b"));
  EXPECT_EQ(verify.verify.limit, 7U);
  EXPECT_EQ(verify.verify.folder, "/x");
  EXPECT_EQ(accepted({"verify", "p.yaml"}).verify.sample_percent, 100);
  const CommandLine wait = accepted({"wait", "p.yaml", "--lsn", "1/2", "--timeout", "500ms"});
  EXPECT_EQ(wait.wait.lsn.value, 0x100000002U);
  EXPECT_EQ(wait.wait.timeout.count(), 500);
  EXPECT_EQ(accepted({"wait", "p.yaml", "--lsn", "1/2"}).wait.timeout.count(), 10000);
  const CommandLine sample = accepted({"sample", "p.yaml", "--rate", "2.5", "--count", "9", "--seed", "4"});
  EXPECT_EQ(sample.sample.rate, 2.5);
  EXPECT_EQ(sample.sample.count, 9U);
  EXPECT_EQ(sample.sample.seed, 4U);
  EXPECT_TRUE(accepted({"teardown", "p.yaml", "--yes"}).teardown.yes);
  EXPECT_THAT(accepted({"resync", "p.yaml", "--table", "a.b", "--table", "a.c"}).resync.tables,
              ElementsAre("a.b", "a.c"));
  EXPECT_TRUE(accepted({"schema", "--markdown"}).schema.markdown);
}

TEST_F(CommandLineTest, DeadLettersAreNamedOrAllAreMeant) {
  using Action = DeadLetterOptions::Action;
  const CommandLine list = accepted({"dead-letters", "list", "p.yaml", "--limit", "7", "--json"});
  EXPECT_EQ(list.command, "dead-letters");
  EXPECT_EQ(list.pipeline_file, "p.yaml");
  EXPECT_EQ(list.dead_letters.action, Action::kList);
  EXPECT_EQ(list.dead_letters.limit, 7U);
  EXPECT_TRUE(list.dead_letters.json);
  const CommandLine retry =
      accepted({"dead-letters", "retry", "--id", "a", "--id", "b", "p.yaml", "--timeout", "5s"});
  EXPECT_EQ(retry.dead_letters.action, Action::kRetry);
  EXPECT_EQ(retry.pipeline_file, "p.yaml");
  EXPECT_THAT(retry.dead_letters.ids, ElementsAre("a", "b"));
  EXPECT_EQ(retry.dead_letters.timeout.count(), 5000);
  const CommandLine drop = accepted(
      {"dead-letters", "drop", "p.yaml", "--collection", "c", "--all", "--yes", "--log-level", "warn"});
  EXPECT_EQ(drop.dead_letters.action, Action::kDrop);
  EXPECT_EQ(drop.dead_letters.collection, "c");
  EXPECT_TRUE(drop.dead_letters.all && drop.dead_letters.yes);
  EXPECT_EQ(drop.log_level, log::Level::kWarn);
  EXPECT_THAT(refused({"dead-letters", "retry", "p.yaml"}), HasSubstr("it is not said which letters"));
  EXPECT_THAT(refused({"dead-letters", "drop", "p.yaml", "--collection", "c"}), HasSubstr("--all"));
  EXPECT_THAT(refused({"dead-letters", "drop", "p.yaml", "--id", "a", "--all"}), HasSubstr("--all"));
  EXPECT_THAT(refused({"dead-letters", "retry", "p.yaml", "--al"}), HasSubstr("did you mean \"--all\"?"));
  EXPECT_THAT(refused({"dead-letters", "retry", "p.yaml", "--al"}),
              HasSubstr("penstock dead-letters retry --help"));
  EXPECT_THAT(help({"dead-letters", "drop", "--help"}), HasSubstr("penstock dead-letters drop"));
}

TEST_F(CommandLineTest, LogLevelStandsBeforeOrAfterTheCommand) {
  EXPECT_EQ(accepted({"run", "p.yaml"}).log_level, log::Level::kInfo);
  EXPECT_EQ(accepted({"--log-level", "debug", "run", "p.yaml"}).log_level, log::Level::kDebug);
  EXPECT_EQ(accepted({"run", "p.yaml", "--log-level", "error"}).log_level, log::Level::kError);
  EXPECT_THAT(refused({"run", "p.yaml", "--log-level", "loud"}), HasSubstr("\"loud\" is no log level"));
}

TEST_F(CommandLineTest, AdminComesFromTheEnvironment) {
  setenv("PENSTOCK_ADMIN", "postgresql://a@h/postgres", 1);
  EXPECT_EQ(accepted({"setup", "p.yaml"}).setup.admin, "postgresql://a@h/postgres");
  EXPECT_EQ(accepted({"sample", "p.yaml"}).sample.postgres, "postgresql://a@h/postgres");
  EXPECT_EQ(accepted({"teardown", "p.yaml", "--admin", "other"}).teardown.admin, "other");
  unsetenv("PENSTOCK_ADMIN");
}

TEST_F(CommandLineTest, UnknownCommandNamesTheNearest) {
  EXPECT_THAT(refused({"chekc", "p.yaml"}), HasSubstr("unknown command \"chekc\"; did you mean \"check\"?"));
  EXPECT_THAT(refused({"--log-level", "debug", "stauts"}), HasSubstr("did you mean \"status\"?"));
  EXPECT_THAT(refused({"transform", "p.yaml"}), HasSubstr("unknown command \"transform\""));
  EXPECT_THAT(refused({}), HasSubstr("no command given"));
}

TEST_F(CommandLineTest, UnknownOptionNamesTheNearest) {
  EXPECT_THAT(refused({"run", "p.yaml", "--until-curent"}),
              HasSubstr("unknown option \"--until-curent\"; did you mean \"--until-current\"?"));
  EXPECT_THAT(refused({"run", "p.yaml", "q.yaml"}), HasSubstr("unknown argument \"q.yaml\""));
}

TEST_F(CommandLineTest, MissingAndWrongValuesAreUsageErrors) {
  EXPECT_THAT(refused({"run"}), HasSubstr("PIPELINE"));
  EXPECT_THAT(refused({"wait", "p.yaml"}), HasSubstr("--lsn"));
  for (const char* part : {"0%", "101%", "-1", "half", "1e3", "nan", "10%%", ""})
    EXPECT_THAT(refused({"verify", "p.yaml", "--sample=" + std::string(part)}), HasSubstr("--sample"))
        << part;
  EXPECT_THAT(refused({"wait", "p.yaml", "--lsn", "zero"}), HasSubstr("\"zero\" is not an LSN"));
  EXPECT_THAT(refused({"wait", "p.yaml", "--lsn", "0/1", "--timeout", "soon"}),
              HasSubstr("not a length of time"));
  EXPECT_THAT(refused({"sample", "p.yaml", "--rate", "-1"}), HasSubstr("--rate"));
}

TEST_F(CommandLineTest, HelpAndVersionAreTextsWithExamples) {
  EXPECT_THAT(help({"--help"}),
              testing::AllOf(HasSubstr("setup"), HasSubstr("Examples:"), HasSubstr("Exit codes")));
  for (const char* command : {"init", "setup", "check", "load", "run", "status", "wait", "sample", "teardown",
                              "resync", "rebuild", "verify", "schema"})
    EXPECT_THAT(help({command, "--help"}), HasSubstr(std::string("  penstock ") + command)) << command;
  EXPECT_EQ(help({"--version"}), std::string("penstock ") + kVersion + "\n");
}

TEST(Version, IsThatOfTheBuild) {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream stream(root / "CMakeLists.txt");
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  EXPECT_THAT(text, HasSubstr(std::string("project(penstock VERSION ") + kVersion + " "));
}

TEST(Duration, KnowsItsUnits) {
  EXPECT_EQ(parse_duration("10")->count(), 10000);
  EXPECT_EQ(parse_duration("0ms")->count(), 0);
  EXPECT_EQ(parse_duration("2m")->count(), 120000);
  EXPECT_EQ(parse_duration("1h")->count(), 3600000);
  for (const char* wrong : {"", "s", "-1s", "1 s", "1.5s", "1d", "99999999999999999999s"})
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Nearest, FindsTheMeantWordOnly) {
  const std::vector<std::string> words{"fields", "from", "indexes", "deletes"};
  EXPECT_EQ(nearest("field", words), "fields");
  EXPECT_EQ(nearest("form", words), "from");
  EXPECT_EQ(nearest("FIELDS", words), "fields");
  EXPECT_EQ(nearest("index", words), "indexes");
  EXPECT_EQ(nearest("zzzzzzzz", words), std::nullopt);
  EXPECT_EQ(nearest("x", words), std::nullopt);
  EXPECT_EQ(did_you_mean("delete", words), "; did you mean \"deletes\"?");
}

}  // namespace
}  // namespace penstock::app
