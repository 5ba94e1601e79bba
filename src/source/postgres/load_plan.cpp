#include "source/postgres/load_plan.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "source/postgres/reload_reason.h"

namespace penstock::postgres {

TableCheckpoint next_load(const TableCheckpoint& before, std::string fingerprint) {
  TableCheckpoint next;
  next.table = before.table;
  next.load_id = before.load_id + 1;
  next.fingerprint = std::move(fingerprint);
  next.sweep = true;
  return next;
}

TableLoad plan_load(const TableSelection& selection, const TableDescription& description,
                    const Checkpoint& stored, const std::set<std::uint32_t>& empty_leaves,
                    bool load_nothing) {
  const std::string table = to_string(selection.table);
  const std::string fingerprint = load_fingerprint(description.fingerprint, definition_of(selection));
  TableLoad load;
  load.description = description;
  load.added = true;
  const auto found = stored.tables.find(table);
  if (found == stored.tables.end()) {
    load.checkpoint.table = table;
    load.checkpoint.load_id = 1;
    load.checkpoint.fingerprint = fingerprint;
    if (load_nothing || stored.written.tables.contains(table)) load.checkpoint.state = LoadState::kLoaded;
    load.checkpoint.sweep = std::any_of(selection.collections.begin(), selection.collections.end(),
                                        [&](const auto& name) { return stored.occupied.contains(name); });
    return load;
  }
  const TableCheckpoint& before = found->second;
  if (!before.problem.empty()) log::warn("table {} is loaded again: it {}", table, before.problem);
  if (stored.restart || before.state == LoadState::kPending || !before.problem.empty()) {
    load.checkpoint = next_load(before, fingerprint);
    return load;
  }
  if (const auto reason = reload_reason(before.fingerprint, fingerprint, empty_leaves)) {
    log::warn("table {} is loaded again: {}", table, *reason);
    load.checkpoint = next_load(before, fingerprint);
    return load;
  }
  load.checkpoint = before;
  return load;
}

}  // namespace penstock::postgres
