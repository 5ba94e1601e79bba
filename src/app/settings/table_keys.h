// A table has one key, wherever the pipeline file names it.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

// Gives each use of a table the key that another use names (`key`, `table_key`); kConfiguration where two
// differ.
Status share_keys(const std::string& file, std::vector<CollectionSettings>& collections);

}  // namespace penstock::app
