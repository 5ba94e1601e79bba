// The `collections` of the pipeline file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/settings/section.h"
#include "base/result.h"

namespace penstock::app {

// What the whole file says and each collection starts from.
struct CollectionDefaults {
  bool soft_deletes = false;
  std::optional<std::string> change_field;
  std::optional<std::string> time_field;
};

Result<std::vector<CollectionSettings>> read_collections(const Section& file,
                                                         const CollectionDefaults& defaults);

}  // namespace penstock::app
