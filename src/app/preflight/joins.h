// Joins that the pipeline file leaves to the foreign keys: whoever makes documents resolves them first.
#pragma once

#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "source/postgres/catalog.h"

namespace penstock::app {

// Whether an embed, or a table between, names no columns.
bool needs_foreign_keys(const Settings& settings);

// Fills those from the only foreign key between the two tables, whichever of them has it; within one table a
// `one` follows it and a `many` is what follows it. kConfiguration, with the line and the `join:` to write,
// where there is none or more than one.
Status resolve_joins(Settings& settings, const std::vector<postgres::ForeignKey>& keys);

// Likewise, asking the catalog where it must.
Status resolve_joins(Settings& settings, postgres::Connection& connection);
// Likewise, over a connection of its own where it must.
Result<Settings> with_joins(Settings settings);

}  // namespace penstock::app
