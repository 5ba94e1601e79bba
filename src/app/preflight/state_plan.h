// What the local state keeps for read models, with an estimate of its size.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "app/preflight/estimates.h"
#include "app/settings.h"
#include "projection/view/definition.h"

namespace penstock::app {

struct KeptTable {
  TableName name;
  std::vector<std::string> key;
  std::vector<std::vector<std::string>> lookups;  // columns it is looked up by, beside its key
  std::set<std::string> columns;                  // that are kept; empty: every column
  double rows = 0;
  double bytes = 0;  // 0: no statistics
};

// `settings` with their joins resolved. Of a table that is not in `columns` every column is kept.
std::vector<KeptTable> plan_state(const Settings& settings, const Statistics& statistics,
                                  const ColumnsRead& columns);

}  // namespace penstock::app
