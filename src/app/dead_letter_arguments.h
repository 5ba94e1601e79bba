// The command line of `penstock dead-letters list|retry|drop`.
#pragma once

#include <string>

#include "app/commands/options.h"
#include "base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace penstock::app {

class DeadLetterArguments {
 public:
  // Adds the command to `app`. What is parsed goes into `options` and `pipeline_file`.
  void add_to(CLI::App& app, DeadLetterOptions& options, std::string& pipeline_file);
  // After parsing. kUsage when it is not said which letters are meant, or not how long to wait.
  Status finish(DeadLetterOptions& options) const;

 private:
  void add_choice(CLI::App& command, DeadLetterOptions& options);

  std::string timeout_ = "30s";
};

}  // namespace penstock::app
