#include "app/dead_letter_arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/command_line.h"

namespace penstock::app {

void DeadLetterArguments::add_choice(CLI::App& command, DeadLetterOptions& options) {
  CLI::Option* ids =
      command.add_option("--id", options.ids, "This letter, as `list` names it; may be given several times")
          ->allow_extra_args(false);
  command.add_flag("--all", options.all, "Every letter, of --collection where that is given")->excludes(ids);
  command.add_option("--collection", options.collection, "Only letters of this collection");
}

void DeadLetterArguments::add_to(CLI::App& app, DeadLetterOptions& options, std::string& pipeline_file) {
  using Action = DeadLetterOptions::Action;
  CLI::App* letters = app.add_subcommand(
      "dead-letters",
      "See, take up again or remove what `errors: dead_letter` parked (docs/dead-letters.md).");
  letters->require_subcommand(1);
  const auto add = [&](Action action, const char* name, const char* description, const char* examples) {
    CLI::App* command = letters->add_subcommand(name, description);
    command->footer(std::string("Examples:\n") + examples);
    command->add_option("PIPELINE", pipeline_file, "Pipeline file (docs/configuration.md)")->required();
    command->callback([&options, action] { options.action = action; });
    return command;
  };
  CLI::App* list = add(Action::kList, "list",
                       "Show the letters, newest first, after how many there are by collection and reason.",
                       "  penstock dead-letters list shop.yaml\n  penstock dead-letters list shop.yaml --id "
                       "5b0e6a3f9c1d2e47");
  list->add_option("--collection", options.collection, "Only letters of this collection");
  list->add_option("--limit", options.limit, "How many letters to show; 0: all")->capture_default_str();
  list->add_option("--id", options.ids, "Show this letter whole: the row, or the record with its bytes")
      ->expected(1);
  list->add_flag("--json", options.json, "As JSON, for scripts");
  CLI::App* retry = add(Action::kRetry, "retry",
                        "Have the running pipeline read the rows of letters again and write them. A letter "
                        "goes once its row was "
                        "written or is gone; it stays, with the new reason, when that fails again. Exits 0 "
                        "when all of them went, 1 when not.",
                        "  penstock dead-letters retry shop.yaml --all\n  penstock dead-letters retry "
                        "shop.yaml --id 5b0e6a3f9c1d2e47");
  add_choice(*retry, options);
  retry->add_option("--timeout", timeout_, "How long to wait for the outcome: 500ms, 10s, 2m")
      ->capture_default_str();
  CLI::App* drop = add(Action::kDrop, "drop", "Remove letters without doing anything about their rows.",
                       "  penstock dead-letters drop shop.yaml --collection orders --all --yes");
  add_choice(*drop, options);
  drop->add_flag("--yes", options.yes, "Do it; without, only say how many would be removed");
}

Status DeadLetterArguments::finish(DeadLetterOptions& options) const {
  PENSTOCK_ASSIGN(options.timeout, parse_duration(timeout_));
  if (options.action == DeadLetterOptions::Action::kList || options.all || !options.ids.empty()) return {};
  return fail(ErrorKind::kUsage, "it is not said which letters",
              "--id ID (as `penstock dead-letters list` names it), or --all");
}

}  // namespace penstock::app
