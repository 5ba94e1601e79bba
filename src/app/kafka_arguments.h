// The command line of `penstock capture` and `apply`, and what other commands ask of Kafka.
#pragma once

#include <string>

#include "app/commands/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
class Option;
}  // namespace CLI

namespace penstock::app {

// Each adds to `app`, or to `command`; what is parsed goes into the options.
void add_capture(CLI::App& app, CaptureOptions& options, std::string& pipeline_file);
void add_apply(CLI::App& app, ApplyOptions& options, std::string& pipeline_file);
// --brokers and -X.
void add_brokers(CLI::App* command, BrokerOptions& options);
// --connector, which excludes `file`, --brokers and -X.
void add_capture_target(CLI::App* command, CLI::Option* file, CaptureTarget& target);

}  // namespace penstock::app
