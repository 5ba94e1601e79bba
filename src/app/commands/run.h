// penstock run and penstock load.
#pragma once

#include <stop_token>

#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

struct RunOptions {
  bool until_current = false;  // run --until-current: exit once caught up with the WAL end at start
  bool until_loaded = false;   // load: exit once every table is loaded
};

// Waits its turn to write, loads what is not loaded, follows the stream until `stop`, its purpose, or an
// error.
Status run_command(const Settings& settings, const RunOptions& options, std::stop_token stop);

}  // namespace penstock::app
