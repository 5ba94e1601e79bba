// What is kept of one group beside its rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression/aggregate/tally.h"
#include "projection/summary/definition.h"

namespace penstock {

struct GroupState {
  std::uint64_t number = 0;  // stands for the group in the index
  std::int64_t rows = 0;
  std::int64_t commit_micros = 0;  // of its last change
  std::string keys;                // the values of its keys, as a row
  // One for each call; null for those whose rows are kept in order.
  std::vector<std::unique_ptr<expression::Tally>> tallies;
};

GroupState new_group(const SummaryDefinition& definition, std::uint64_t number, std::string keys);
std::string encode(const GroupState& group);
// Nothing when the bytes are damaged.
std::optional<GroupState> decode_group(const SummaryDefinition& definition, std::string_view bytes);

}  // namespace penstock
