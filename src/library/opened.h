// A pipeline file as the library was given it.
#pragma once

#include <string>

#include "app/settings.h"
#include "base/result.h"
#include "library/open_options.h"

namespace penstock::library {

struct Opened {
  std::string yaml;
  OpenOptions options;
  app::Settings all;     // every collection
  app::Settings chosen;  // those that are written; plain ones
  OpenOptions ship;      // with which it reads the same on another machine
};

// kConfiguration: also for a read model, a collection with an `id` of its own, and where some collections of
// a table are chosen and others are not (one place of a partition cannot speak for both).
Result<Opened> open_pipeline(std::string yaml, OpenOptions options);

// penstock_describe()'s answer.
Result<std::string> describe(const Opened& opened);

}  // namespace penstock::library
