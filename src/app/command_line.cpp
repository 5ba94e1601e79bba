#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <optional>

#include "app/dead_letter_arguments.h"
#include "app/kafka_arguments.h"
#include "app/nearest.h"
#include "app/version.h"

namespace penstock::app {
namespace {

const std::string kVersionLine = std::string("penstock ") + kVersion;

constexpr const char* kFooter = R"(Examples:
  penstock setup shop.yaml --admin postgresql://postgres@db/postgres
  penstock check shop.yaml
  penstock run shop.yaml

Exit codes: 0 done, 1 a check did not hold, 2 usage or configuration, 3 a server was unreachable or refused, 4 data error.
Results go to stdout, logs to stderr. "penstock COMMAND --help" says more about a command.)";

// Texts that CLI11 cannot turn into their types itself.
struct Raw {
  std::string level = "info";
  std::string lsn;
  std::string timeout = "10s";
  std::string sample = "100%";
};

class Parser {
 public:
  Parser()
      : app_("Penstock keeps MongoDB documents equal to PostgreSQL rows: complete, in order, live.",
             "penstock") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", kVersionLine, "Print the version");
    app_.footer(kFooter);
    app_.fallthrough();
    app_.add_option("--log-level", raw_.level, "debug, info, warn or error")->capture_default_str();
    add_init();
    add_setup();
    add_check();
    add_preview();
    add_run();
    add_reading();
    add_sample();
    add_teardown();
    add_rebuild();
    add_verify();
    letters_.add_to(app_, line_.dead_letters, line_.pipeline_file);
    add_replay();
    add_schema();
  }

  Result<std::variant<CommandLine, Help>> parse(std::vector<std::string> arguments) {
    PENSTOCK_TRY(check_command(arguments));
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      return Help{help()};
    } catch (const CLI::CallForAllHelp&) {
      return Help{help()};
    } catch (const CLI::CallForVersion&) {
      return Help{kVersionLine + "\n"};
    } catch (const CLI::ExtrasError&) {
      return fail(unexpected());
    } catch (const CLI::Error& error) {
      return fail(ErrorKind::kUsage, error.what(), advice());
    }
    return finish();
  }

 private:
  CLI::App* add(const std::string& name, const std::string& description, const std::string& examples) {
    CLI::App* command = app_.add_subcommand(name, description);
    command->footer("Examples:\n" + examples);
    return command;
  }
  CLI::App* add_with_pipeline(const std::string& name, const std::string& description,
                              const std::string& examples) {
    CLI::App* command = add(name, description, examples);
    command->add_option("PIPELINE", line_.pipeline_file, "Pipeline file (docs/configuration.md)")->required();
    return command;
  }

  // Of a pipeline, or of a capture: --connector FILE, or PIPELINE --capture.
  CLI::App* add_with_capture(const std::string& name, const std::string& description,
                             const std::string& examples) {
    CLI::App* command = add(name, description, examples);
    CLI::Option* file =
        command->add_option("PIPELINE", line_.pipeline_file, "Pipeline file (docs/configuration.md)");
    add_capture_target(command, file, line_.capture.target);
    command->add_flag("--capture", line_.capture.target.chosen, "Of the pipeline's `penstock capture`");
    return command;
  }
  void add_init() {
    CLI::App* command =
        add("init", "Print a first pipeline file for a database, made from its tables and foreign keys.",
            "  penstock init --from postgresql://penstock@127.0.0.1/shop > shop.yaml");
    command->add_option("--from", line_.init.from, "URL of the database, as a role that may read the catalog")
        ->required();
  }

  void add_setup() {
    CLI::App* command =
        add_with_pipeline("setup",
                          "Create what the pipeline needs in PostgreSQL: role, rights, publication. Can be "
                          "run again at any time. It prints "
                          "each statement it runs, and those it has no right to run. No slot is made: "
                          "unread, it would keep WAL.",
                          "  penstock setup shop.yaml --admin postgresql://postgres@db/postgres\n"
                          "  penstock setup shop.yaml --admin postgresql://postgres@db/postgres "
                          "--create-database --sql schema.sql");
    command
        ->add_option("--admin", line_.setup.admin,
                     "Connect as this role instead of the pipeline's own (a URL)")
        ->envname("PENSTOCK_ADMIN");
    command->add_flag("--create-database", line_.setup.create_database,
                      "Create the database if it is missing");
    command->add_option("--sql", line_.setup.sql,
                        "Run this file first, inside the database; it must bear being run twice");
  }

  void add_check() {
    CLI::App* command = add_with_pipeline(
        "check",
        "Validate the pipeline file and both servers. Each failure comes with its fix. Changes nothing.",
        "  penstock check shop.yaml\n  penstock check shop.yaml --offline\n  penstock check shop.yaml "
        "--explain");
    command->add_flag("--offline", line_.check.offline, "The file only, no server");
    command->add_flag("--explain", line_.check.explain, "Show the plan too, as \"penstock plan\" does");
    add_brokers(command, line_.check.kafka);
  }

  void add_preview() {
    add_with_pipeline(
        "plan",
        "Show what the pipeline does: for each collection its tables, joins, fields and indexes, the "
        "local state with an estimate of its size, and a sample document made from live rows. "
        "Changes nothing.",
        "  penstock plan shop.yaml");
    CLI::App* preview = add_with_pipeline(
        "preview",
        "Print a document as it would be, made from live rows, as relaxed extended JSON. Changes nothing.",
        "  penstock preview shop.yaml orders --key 42\n  penstock preview shop.yaml invoices --key eu --key "
        "42");
    preview->add_option("COLLECTION", line_.preview.collection, "Collection of the pipeline file")
        ->required();
    preview->add_option(
        "--key", line_.preview.key,
        "Key of the row (of the group, for a summary): once for each of its columns, in order. "
        "Absent: the first row");
  }

  void add_run() {
    add_with_pipeline(
        "load", "Load every table that is not loaded, then exit. Goes on where an earlier load stopped.",
        "  penstock load shop.yaml");
    CLI::App* run = add_with_pipeline("run",
                                      "Load what is not loaded, then follow the changes until SIGINT or "
                                      "SIGTERM, which drain. A second one for the same "
                                      "pipeline waits as a standby.",
                                      "  penstock run shop.yaml\n  penstock run shop.yaml --until-current");
    run->add_flag("--until-current", line_.run.until_current,
                  "Exit once everything committed before the start is there");
    add_capture(app_, line_.capture, line_.pipeline_file);
    add_apply(app_, line_.apply, line_.pipeline_file);
  }

  void add_reading() {
    CLI::App* status =
        add_with_capture("status", "Position, lag, slot (or topics), tables and collections of a pipeline.",
                         "  penstock status shop.yaml\n  penstock status shop.yaml --json\n"
                         "  penstock status --connector pg-shop-connector.json --brokers 127.0.0.1:9092");
    status->add_flag("--json", line_.status.json, "As JSON, for scripts");
    CLI::App* wait = add_with_capture(
        "wait",
        "Wait until the read model includes an LSN, to read your own writes. Take the LSN after the COMMIT "
        "with "
        "pg_current_wal_insert_lsn(). Exits 0 when it is included, 1 when the time is over.",
        "  penstock wait shop.yaml --lsn 16/B374D848 --timeout 10s");
    wait->add_option("--lsn", raw_.lsn, "LSN, as PostgreSQL prints it")->required();
    wait->add_option("--timeout", raw_.timeout, "How long: 500ms, 10s, 2m")->capture_default_str();
  }

  void add_sample() {
    CLI::App* command =
        add_with_pipeline("sample",
                          "Write a realistic stream of changes to the tables of examples/ecommerce: new "
                          "orders with their details in one "
                          "transaction, status changes, price changes, cancelled orders.",
                          "  penstock sample examples/ecommerce/pipeline.yaml --rate 20 --count 1000");
    command
        ->add_option(
            "--postgres", line_.sample.postgres,
            "URL of a role that may write; the database is the pipeline's. Absent: the pipeline's own role")
        ->envname("PENSTOCK_ADMIN");
    command->add_option("--rate", line_.sample.rate, "Transactions a second; 0: as fast as it goes")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    command->add_option("--count", line_.sample.count, "Transactions in all; 0: until stopped")
        ->capture_default_str();
    command
        ->add_option("--seed", line_.sample.seed,
                     "The same seed gives the same stream; 0: another every time")
        ->capture_default_str();
  }

  void add_teardown() {
    CLI::App* teardown = add_with_capture(
        "teardown", "Drop the slot, the publication and the stored position. The documents stay.",
        "  penstock teardown shop.yaml --admin postgresql://postgres@db/postgres --yes");
    teardown->add_flag("--yes", line_.teardown.yes, "Do it; without, only say what would be dropped");
    teardown
        ->add_option("--admin", line_.teardown.admin,
                     "Connect as this role (a URL); the database is the pipeline's")
        ->envname("PENSTOCK_ADMIN");
    CLI::App* resync =
        add_with_capture("resync",
                         "Load tables again while the documents stay readable; documents without a row go. "
                         "A running process takes it up "
                         "at once, otherwise the next start does.",
                         "  penstock resync shop.yaml\n  penstock resync shop.yaml --table public.orders");
    resync->add_option("--table", line_.resync.tables, "Only this table; may be given several times");
  }

  void add_rebuild() {
    CLI::App* rebuild =
        add_with_pipeline("rebuild",
                          "Build a collection anew beside the present one, which readers keep until the new "
                          "one takes its place in "
                          "one step. Open cursors and change streams on it end then. A changed definition is "
                          "built like that by "
                          "itself at the next start. A collection of single rows is loaded again in place.",
                          "  penstock rebuild shop.yaml orders");
    rebuild->add_option("COLLECTION", line_.rebuild.collection, "Collection of the pipeline file")
        ->required();
  }

  void add_verify() {
    CLI::App* verify = add_with_pipeline(
        "verify",
        "Compare every document with PostgreSQL's rows at one position, while both sides are live and "
        "without "
        "the pipeline's own state. Exits 0 when they are equal, 1 when not. PostgreSQL keeps WAL and dead "
        "rows "
        "while it lasts.",
        "  penstock verify shop.yaml\n  penstock verify shop.yaml --collection orders --sample 10%\n"
        "  penstock verify shop.yaml --repair --json");
    verify->add_flag("--repair", line_.verify.repair,
                     "Have the running pipeline write again what differs, and look again");
    verify->add_flag("--json", line_.verify.json, "As JSON, for scripts");
    verify->add_option("--sample", raw_.sample, "Look up only this part of the documents: 10%")
        ->capture_default_str();
    verify->add_option("--collection", line_.verify.collections,
                       "Only this collection; may be given several times");
    verify->add_option("--limit", line_.verify.limit, "How many differences to show")->capture_default_str();
    verify->add_option(
        "--state-dir", line_.verify.folder,
        "Folder for temporary files, with room for the columns that are read; absent: $TMPDIR");
    add_brokers(verify, line_.verify.kafka);
  }

  void add_replay() {
    CLI::App* replay = add_with_pipeline(
        "replay",
        "Make a collection anew from the events that were kept (\"journal\" in the pipeline file, or the "
        "topics of an \"apply\" pipeline), as it is or as it was, beside the one that the pipeline keeps; "
        "readers see it once it is whole. It can be broken off at any time, and is begun anew by the next "
        "one. Refuses where the events do not reach back to a whole load of the tables, or topics are "
        "compacted, and says from when on they do.",
        "  penstock replay shop.yaml orders\n"
        "  penstock replay shop.yaml orders --as-of '2026-11-26 18:00' --into orders_yesterday\n"
        "  penstock replay shop.yaml orders --key 42 --as-of 16/B374D848");
    replay->add_option("COLLECTION", line_.replay.collection, "Collection of the pipeline file")->required();
    replay->add_option("--into", line_.replay.into,
                       "Name of the new collection, which is replaced where there is one already. Absent: "
                       "<COLLECTION>_replay");
    replay->add_option("--key", line_.replay.key,
                       "Only the document with this `_id`: once for each of its parts, in order. Without "
                       "--into it is printed, as relaxed extended JSON");
    replay->add_option("--as-of", line_.replay.as_of,
                       "What had committed before this LSN (of pg_current_wal_insert_lsn()), or up to this "
                       "time, UTC unless it says otherwise. Absent: everything");
    replay->add_option(
        "--state-dir", line_.replay.folder,
        "Folder for temporary files, with room for the columns that are read; absent: $TMPDIR");
    add_brokers(replay, line_.replay.kafka);
  }

  void add_schema() {
    CLI::App* command = add("schema", "Print the JSON Schema of the pipeline file, for editors.",
                            "  penstock schema > pipeline.schema.json");
    command->add_flag("--markdown", line_.schema.markdown, "Print docs/configuration.md instead");
    command->add_flag("--connector", line_.schema.connector,
                      "Print what becomes of a Debezium connector file's settings");
  }

  // The command that was reached, and the words before its name.
  std::pair<const CLI::App*, std::string> reached() const {
    const CLI::App* at = &app_;
    std::string before;
    for (auto next = at->get_subcommands(); !next.empty(); next = at->get_subcommands()) {
      before += (before.empty() ? "" : " ") + at->get_name();
      at = next.front();
    }
    return {at, before};
  }
  std::string help() const {
    const auto [command, before] = reached();
    return command->help(before);
  }
  std::string advice() const {
    const auto [command, before] = reached();
    return fmt::format("{}{}{} --help", before, before.empty() ? "" : " ", command->get_name());
  }

  // CLI11 would only say that an argument was not expected.
  Status check_command(const std::vector<std::string>& arguments) const {
    std::vector<std::string> known;
    for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(command->get_name());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const bool takes_a_value = arguments[i] == "--log-level";
      if (takes_a_value) ++i;
      if (takes_a_value || arguments[i].starts_with("-")) continue;
      if (std::find(known.begin(), known.end(), arguments[i]) != known.end()) return {};
      return fail(ErrorKind::kUsage,
                  fmt::format("unknown command \"{}\"{}", arguments[i], did_you_mean(arguments[i], known)),
                  fmt::format("commands: {}", fmt::join(known, ", ")));
    }
    return {};
  }

  Error unexpected() const {
    std::vector<std::string> known{"--log-level", "--help"};
    for (const CLI::Option* option : reached().first->get_options())
      if (option->nonpositional()) known.push_back(option->get_name());
    std::string first;
    for (const std::string& extra : app_.remaining(true))
      if (first.empty()) first = extra;
    const bool is_option = first.starts_with("-");
    return make_error(ErrorKind::kUsage,
                      fmt::format("unknown {} \"{}\"{}", is_option ? "option" : "argument", first,
                                  is_option ? did_you_mean(first, known) : ""),
                      advice());
  }

  Result<std::variant<CommandLine, Help>> finish() {
    static const std::map<std::string, log::Level> kLevels{{"debug", log::Level::kDebug},
                                                           {"info", log::Level::kInfo},
                                                           {"warn", log::Level::kWarn},
                                                           {"error", log::Level::kError}};
    const auto level = kLevels.find(raw_.level);
    if (level == kLevels.end())
      return fail(ErrorKind::kUsage, fmt::format("\"{}\" is no log level", raw_.level),
                  "debug, info, warn or error");
    line_.log_level = level->second;
    line_.command = app_.get_subcommands().front()->get_name();
    line_.run.until_loaded = line_.command == "load";
    line_.capture.target.pipeline_file = line_.pipeline_file;
    line_.status.kafka = line_.wait.kafka = line_.capture.target.kafka;
    line_.capture.target.chosen = line_.capture.target.chosen || !line_.capture.target.connector.empty();
    if (line_.pipeline_file.empty() && line_.capture.target.connector.empty() && line_.command != "init" &&
        line_.command != "schema")
      return fail(ErrorKind::kUsage, "PIPELINE is required", advice());
    if (line_.command == "verify") {
      PENSTOCK_ASSIGN(line_.verify.sample_percent, parse_percent(raw_.sample));
    }
    if (line_.command == "dead-letters") PENSTOCK_TRY(letters_.finish(line_.dead_letters));
    if (line_.command != "wait") return line_;
    PENSTOCK_ASSIGN(line_.wait.lsn, parse_lsn(raw_.lsn));
    PENSTOCK_ASSIGN(line_.wait.timeout, parse_duration(raw_.timeout));
    return line_;
  }

  CommandLine line_;
  Raw raw_;
  DeadLetterArguments letters_;
  CLI::App app_;
};

}  // namespace

Result<std::variant<CommandLine, Help>> parse_command_line(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return fail(ErrorKind::kUsage, "no command given", "penstock --help");
  return Parser().parse(arguments);
}

}  // namespace penstock::app
