// Which tables must be loaded, from what is stored and what the catalog says now.
#pragma once

#include <cstdint>
#include <set>

#include "model/checkpoint.h"
#include "source/postgres/load/loader.h"
#include "source/postgres/postgres_source.h"

namespace penstock::postgres {

// At start: a load that goes on, one that is due, or a loaded table (for re-reads only). Logs why a table is
// loaded.
TableLoad plan_load(const TableSelection& selection, const TableDescription& description,
                    const Checkpoint& stored, const std::set<std::uint32_t>& empty_leaves,
                    bool load_nothing = false);

// The next load of a table that was loaded with `before`: documents without a row may exist, so it sweeps.
TableCheckpoint next_load(const TableCheckpoint& before, std::string fingerprint);

}  // namespace penstock::postgres
