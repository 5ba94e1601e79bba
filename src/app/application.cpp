#include "app/application.h"

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/commands/capture_commands.h"
#include "app/commands/commands.h"
#include "app/settings.h"
#include "app/signals.h"
#include "base/error_policy.h"
#include "base/log.h"

namespace penstock::app {
namespace {

// The commands that take --connector or --capture.
Status dispatch_capture(const CommandLine& line) {
  const CaptureTarget& target = line.capture.target;
  if (line.command == "status") return capture_status_command(target, line.status);
  if (line.command == "resync") return capture_resync_command(target, line.resync);
  if (line.command == "teardown") return capture_teardown_command(target, line.teardown);
  const Signals signals;
  return capture_wait_command(target, line.wait, signals.token());
}

Status dispatch(const CommandLine& line) {
  if (line.command == "schema") return schema_command(line.schema);
  if (line.command == "init") return init_command(line.init);
  if (line.command == "capture") {
    const Signals signals;
    return capture_command(line.capture, signals.token());
  }
  if (line.capture.target.chosen) return dispatch_capture(line);
  PENSTOCK_ASSIGN(const Settings settings, load_settings(line.pipeline_file));
  if (line.command == "setup") return setup_command(settings, line.setup);
  if (line.command == "check") return check_command(settings, line.check);
  if (line.command == "plan") return plan_command(settings);
  if (line.command == "preview") return preview_command(settings, line.preview);
  if (line.command == "status") return status_command(settings, line.status);
  if (line.command == "teardown") return teardown_command(settings, line.teardown);
  if (line.command == "resync") return resync_command(settings, line.resync);
  if (line.command == "rebuild") return rebuild_command(settings, line.rebuild);
  if (line.command == "run" && !line.run.until_current) {
    Signals signals(Signals::Hangup::kTaken);
    return run_and_reload(settings, line.run, signals);
  }
  const Signals signals;
  if (line.command == "apply") return apply_command(settings, line.apply, signals.token());
  if (line.command == "verify") return verify_command(settings, line.verify, signals.token());
  if (line.command == "dead-letters")
    return dead_letters_command(settings, line.dead_letters, signals.token());
  if (line.command == "replay") return replay_command(settings, line.replay, signals.token());
  if (line.command == "wait") return wait_command(settings, line.wait, signals.token());
  if (line.command == "sample") return sample_command(settings, line.sample, signals.token());
  return run_command(settings, line.run, signals.token());
}

int exit_code(const Error& error) {
  const int code = policy_of(error.kind).exit_code;
  if (code != 0) std::fprintf(stderr, "penstock: %s\n", redact(error.text()).c_str());
  return code;
}

int run_arguments(const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments);
  if (!parsed) return exit_code(parsed.error());
  if (const Help* help = std::get_if<Help>(&*parsed)) {
    std::fputs(help->text.c_str(), stdout);
    return 0;
  }
  const CommandLine& line = std::get<CommandLine>(*parsed);
  log::set_level(line.log_level);
  const Status outcome = dispatch(line);
  std::fflush(stdout);
  return outcome ? 0 : exit_code(outcome.error());
}

}  // namespace

int run(int argc, char** argv) {
  try {
    return run_arguments({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    return exit_code(make_error(ErrorKind::kInternal, std::string("unexpected: ") + error.what()));
  }
}

}  // namespace penstock::app
