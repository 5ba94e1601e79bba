// What the local state keeps for read models, with an estimate of its size.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/preflight/estimates.h"
#include "app/settings.h"

namespace penstock::app {

// Columns by to_string(TableName). A table that is not there: every column.
using ColumnsRead = std::map<std::string, std::set<std::string>>;

struct KeptTable {
  TableName name;
  std::vector<std::string> key;
  std::vector<std::vector<std::string>> lookups;  // columns it is looked up by, beside its key
  std::set<std::string> columns;                  // that are kept; empty: every column
  double rows = 0;
  double bytes = 0;  // 0: no statistics
};

// `settings` with their joins resolved.
std::vector<KeptTable> plan_state(const Settings& settings, const Statistics& statistics,
                                  const ColumnsRead& columns);

}  // namespace penstock::app
