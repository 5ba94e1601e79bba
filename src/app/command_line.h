// argv into what is asked for.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/commands/options.h"
#include "app/commands/run.h"
#include "base/log.h"
#include "base/result.h"

namespace penstock::app {

struct CommandLine {
  std::string command;        // "setup", "check", …
  std::string pipeline_file;  // empty for commands without one
  log::Level log_level = log::Level::kInfo;

  InitOptions init;
  SetupOptions setup;
  CheckOptions check;
  PreviewOptions preview;
  RunOptions run;  // load and run
  StatusOptions status;
  WaitOptions wait;
  SampleOptions sample;
  TeardownOptions teardown;
  ResyncOptions resync;
  RebuildOptions rebuild;
  VerifyOptions verify;
  DeadLetterOptions dead_letters;
  CaptureOptions capture;
  ApplyOptions apply;
  ReplayOptions replay;
  SchemaOptions schema;
};

// A text to be printed instead (--help, --version).
struct Help {
  std::string text;
};

// `arguments`: without the program's name. kUsage names the nearest known command or option.
Result<std::variant<CommandLine, Help>> parse_command_line(const std::vector<std::string>& arguments);

// "10s", "500ms", "2m", "1h", or seconds without a unit.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// "10%" or "10": more than 0, at most 100.
Result<double> parse_percent(std::string_view text);

}  // namespace penstock::app
