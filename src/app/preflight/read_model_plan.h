// What read models are made of, for people: part of `check --explain` and `plan`.
#pragma once

#include <string>
#include <vector>

#include "app/preflight/state_plan.h"
#include "app/settings.h"

namespace penstock::app {

// One read model: its rows, fields and embeds, as the file has them with their joins.
std::string describe_read_model(const CollectionSettings& collection);

// The tables kept in the local state; empty without read models.
std::string describe_state(const Settings& settings, const std::vector<KeptTable>& plan);

// Columns by which documents refer to others and that no index of the pipeline begins with.
std::vector<std::string> worthwhile_indexes(const CollectionSettings& collection);

}  // namespace penstock::app
